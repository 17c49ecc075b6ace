"""The rules in force: one reference, swapped whole, and the last good ones when an edit is bad."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from mockllm.config.files import fingerprint, shown
from mockllm.config.load import Loaded, load
from mockllm.config.release import Retired
from mockllm.core.problems import Problem, has_errors
from mockllm.core.rules import Ruleset

log = logging.getLogger(__name__)


_GIVES_WAY_S = 0.001


class _Kept(Struct, frozen=True):
    """What was loaded in this process or the one that it is forked from, with the fingerprint of
    all the files that it was loaded from."""

    loaded: Loaded
    ruleset: Ruleset
    fingerprint: Hashable


_kept: dict[tuple[Path, ...], _Kept] = {}


def keep(paths: tuple[Path, ...], loaded: Loaded) -> None:
    """Keep good rules for processes that are forked from this one: a worker serves them without
    loading while the files are what they were, and marked stale while a file is broken."""
    ruleset = loaded.usable
    _kept[paths] = _Kept(loaded, ruleset, loaded.fingerprint + _fingerprint_of_replies(ruleset))


def _fingerprint_of_replies(ruleset: Ruleset) -> tuple[Hashable, ...]:
    return fingerprint(*map(Path, ruleset.files))


def _looked(paths: tuple[Path, ...], ruleset: Ruleset) -> Hashable:
    """Return the fingerprint of the files of rules as they are now, those of replies among them."""
    return fingerprint(*paths) + _fingerprint_of_replies(ruleset)


@contextmanager
def _giving_way() -> Iterator[None]:
    """Let a thread that has something to send wait for 1 ms, where Python's usual 5 ms come on top
    of every pause between two tokens."""
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(_GIVES_WAY_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before_s)


def _nothing(_: Ruleset) -> None:
    """What is done with rules that are loaded, unless somebody wants more."""


class Snapshot(Struct, frozen=True):
    """A ruleset and which one it is: `generation` counts the loads that succeeded, from 1."""

    generation: int
    ruleset: Ruleset


class Live:
    """The rules that answer now.

    `current` may be read at any time from any thread; a request keeps the snapshot it read.
    `problems` are those of the newest attempt: with errors among them it was refused, and
    `current` is what it was. `on_load` is called with rules that are about to answer.
    """

    def __init__(self, *paths: Path) -> None:
        """Load `paths`; while they cannot be used, serve what was kept of them in this process.

        Raises:
            ConfigError: they cannot be used, and nothing was kept.
        """
        self.paths = paths
        kept = _kept.get(paths)
        if kept is not None and kept.fingerprint == _looked(paths, kept.ruleset):
            loaded, ruleset, seen = kept.loaded, kept.ruleset, kept.fingerprint
        else:
            loaded = load(*paths)
            ruleset = loaded.ruleset or (kept.ruleset if kept is not None else loaded.usable)
            seen = loaded.fingerprint + _fingerprint_of_replies(ruleset)
        self.current = Snapshot(1, ruleset)
        self.problems: tuple[Problem, ...] = loaded.problems
        self.fingerprint: Hashable = seen
        self.on_load: Callable[[Ruleset], object] = _nothing
        self._reloading = threading.Lock()
        self._retired = Retired()

    @property
    def is_stale(self) -> bool:
        """Whether the newest edit was refused, so that older rules answer."""
        return has_errors(self.problems)

    def look(self) -> Hashable:
        """Return the fingerprint of the files as they are now, those of replies among them; free
        what older rules held, when nobody reads them any more."""
        with self._reloading:
            self._retired.free()
        return _looked(self.paths, self.current.ruleset)

    def catch_up(self) -> None:
        """Reload when the files have changed since they were read."""
        if self.look() != self.fingerprint:
            self.reload()

    def reload(self) -> None:
        """Load again; swap when that succeeds, else keep the rules and log every problem."""
        with self._reloading, _giving_way():
            loaded = load(*self.paths)
            self.problems = loaded.problems
            if loaded.ruleset is not None:
                self.on_load(loaded.ruleset)
                self._retire(self.current.ruleset)
                self.current = Snapshot(self.current.generation + 1, loaded.ruleset)
            self.fingerprint = loaded.fingerprint + _fingerprint_of_replies(self.current.ruleset)
            self._retired.free()
        self._report()

    def _retire(self, ruleset: Ruleset) -> None:
        if all(ruleset is not kept.ruleset for kept in _kept.values()):
            self._retired.add(ruleset)

    def _report(self) -> None:
        for problem in self.problems:
            log.log(
                logging.ERROR if problem.level == "error" else logging.WARNING,
                "%s",
                problem,
            )
        if self.is_stale:
            log.error(
                "%s %s not reloaded; generation %d keeps answering",
                shown(self.paths),
                "was" if len(self.paths) == 1 else "were",
                self.current.generation,
            )
        else:
            log.info(
                "%s reloaded: %s, generation %d",
                shown(self.paths),
                self.current.ruleset.content,
                self.current.generation,
            )
