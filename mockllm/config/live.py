"""The rules in force: one reference, swapped whole, and the last good ones when an edit is bad."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from pathlib import Path

from msgspec import Struct

from mockllm.config.files import fingerprint, shown
from mockllm.config.load import load
from mockllm.config.release import Retired
from mockllm.core.problems import Problem, has_errors
from mockllm.core.rules import Ruleset

log = logging.getLogger(__name__)


_kept: dict[tuple[Path, ...], Ruleset] = {}


def keep(paths: tuple[Path, ...], ruleset: Ruleset) -> None:
    """Keep good rules for processes that are forked from this one: a worker that is started anew
    while a file is broken serves them, marked stale."""
    _kept[paths] = ruleset


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
        loaded = load(*paths)
        self.current = Snapshot(1, loaded.ruleset or _kept.get(paths) or loaded.usable)
        self.problems: tuple[Problem, ...] = loaded.problems
        self.fingerprint: Hashable = loaded.fingerprint + self._fingerprint_of_replies()
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
        return fingerprint(*self.paths) + self._fingerprint_of_replies()

    def catch_up(self) -> None:
        """Reload when the files have changed since they were read."""
        if self.look() != self.fingerprint:
            self.reload()

    def reload(self) -> None:
        """Load again; swap when that succeeds, else keep the rules and log every problem."""
        with self._reloading:
            loaded = load(*self.paths)
            self.problems = loaded.problems
            if loaded.ruleset is not None:
                self.on_load(loaded.ruleset)
                self._retired.add(self.current.ruleset)
                self.current = Snapshot(self.current.generation + 1, loaded.ruleset)
            self.fingerprint = loaded.fingerprint + self._fingerprint_of_replies()
            self._retired.free()
        self._report()

    def _fingerprint_of_replies(self) -> tuple[Hashable, ...]:
        return fingerprint(*map(Path, self.current.ruleset.files))

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
