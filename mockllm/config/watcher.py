"""Noticing edits: file events, and behind them a look at the files every second.

Events are fast, and missing on bind mounts and network file systems; the look finds everything:
edits in place, atomic replacement, symlink swaps, older times, files that come and go.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from mockllm.config.files import shown
from mockllm.config.live import Live
from mockllm.core.protocol import Offload, call

SWEEP_S = 1.0
SETTLE_S = 0.05
_MAX_SETTLES = 10
_READ_ONLY_EVENTS = ("opened", "closed_no_write")

log = logging.getLogger(__name__)


class Watcher:
    """A thread that reloads `live` when its files change.

    `offload` runs what reads files and parses, so that it holds up no stream: under gevent, in
    the hub's pool of native threads. Start it in the process that serves, after any fork.
    """

    def __init__(self, live: Live, offload: Offload = call) -> None:
        self._live = live
        self._offload = offload
        self._stirred = threading.Event()
        self._stopped = False
        self._seen = live.fingerprint
        self._thread = threading.Thread(target=self._run, name="mockllm-watcher", daemon=True)
        self._observer = _observe(live.paths, self._stirred)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and the observer; returns when both have ended."""
        self._stopped = True
        self._stirred.set()
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
        self._thread.join()

    @property
    def is_alive(self) -> bool:
        """Whether edits are being noticed, by events or by looking."""
        return self._thread.is_alive()

    @property
    def has_events(self) -> bool:
        """Whether file events of every path arrive. The observer's own `is_alive` stays true when
        an emitter has died (watchdog 7.1), so the emitters are asked."""
        emitters = self._observer.emitters if self._observer is not None else ()
        return bool(emitters) and all(emitter.is_alive() for emitter in emitters)

    def _run(self) -> None:
        while not self._stopped:
            self._stirred.wait(SWEEP_S)
            self._stirred.clear()
            if self._stopped:
                return
            try:
                self._look()
            except Exception:  # the watcher must outlive whatever a file does to it
                log.exception("looking for changes failed; the rules stay as they are")

    def _look(self) -> None:
        seen = self._offload(self._live.look)
        if seen == self._seen:
            return
        for _ in range(_MAX_SETTLES):
            # An editor writes in steps; wait until two looks agree.
            self._stirred.clear()
            self._stirred.wait(SETTLE_S)
            before, seen = seen, self._offload(self._live.look)
            if before == seen:
                break
        self._offload(self._live.reload)
        self._seen = self._live.fingerprint


class _Stir(FileSystemEventHandler):
    def __init__(self, stirred: threading.Event) -> None:
        self._stirred = stirred

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in _READ_ONLY_EVENTS:  # our own reading is no change
            self._stirred.set()


def _observe(paths: tuple[Path, ...], stirred: threading.Event) -> Any:
    """Return a running observer of the folders that hold `paths`, None when there can be none.

    The folder is watched even for a single file: a replaced file is a new one, and a ConfigMap
    swaps a symlink beside it.
    """
    observer = Observer()
    try:
        for folder in {path if path.is_dir() else path.parent for path in paths}:
            observer.schedule(_Stir(stirred), str(folder), recursive=False)
        observer.start()
    except (OSError, RuntimeError) as error:
        observer.unschedule_all()  # some folders may be watched already
        message = "no file events (%s); %s is looked at every second instead"
        log.warning(message, error, shown(paths))
        return None
    return observer
