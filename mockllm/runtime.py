"""What one process serves with."""

from __future__ import annotations

import itertools
import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from mockllm import log, run_time
from mockllm.config.live import Live
from mockllm.config.watcher import Watcher
from mockllm.core import draws
from mockllm.core.draws import Draws
from mockllm.core.load import Board
from mockllm.core.protocol import Clock, Offload, call
from mockllm.core.raw import Raw
from mockllm.core.rules import Chaos, Rule, Ruleset, Settings
from mockllm.state.base import Cells, count
from mockllm.state.births import Births
from mockllm.state.chosen import cells_in
from mockllm.state.control import Control
from mockllm.state.database import Database, DatabaseError
from mockllm.state.hits import Hits, MemoryHits, SharedHits
from mockllm.state.journal import Journal, MemoryJournal
from mockllm.state.outages import Outages
from mockllm.state.run_time_rules import RunTimeRules
from mockllm.state.shared_journal import SharedJournal, stay

logger = logging.getLogger(__name__)

OpenDatabase = Callable[[], Database | None]
"""Opens the file that processes share; None means that state is in memory."""

Holder = tuple[int, str]
"""What tells a process from others: its number, and what it has drawn."""


def _no_database() -> Database | None:
    return None


class Runtime:
    """What one process serves with: its rules, state, clock and counters.

    A guest lives inside another program: it does not watch its files, and sets up no logging.
    """

    def __init__(
        self,
        live: Live,
        clock: Clock,
        open_database: OpenDatabase = _no_database,
        *,
        is_guest: bool = False,
    ) -> None:
        self.live = live
        self.clock = clock
        self._open_database = open_database
        self._made_in = os.getpid()
        self._state_file = live.current.ruleset.settings.state_file
        self.open_streams: set[str] = set()
        self.watcher: Watcher | None = None
        self.board = Board()
        self.outages = Outages()
        self.rules = RunTimeRules()
        self.offload: Offload = call
        self._give_way: Callable[[], None] = stay
        self._open_state()
        self.held: dict[str, tuple[str, ...]] = {}
        self.has_to_stop = False
        self.count_greenlets: Callable[[], int] | None = None
        self._used_by: dict[str, str] = {}
        self._users: Counter[str] = Counter()
        self._numbers = itertools.count()
        self._process_key = os.urandom(32)
        self._started_in = 0
        self._is_guest = is_guest
        self._starting = threading.Lock()
        self._news: Ruleset | None = None
        live.on_load = self._take
        self._take(live.current.ruleset)

    def start(self, offload: Offload = call, give_way: Callable[[], None] = stay) -> None:
        """Begin what a process has one of: the watcher, and ids unlike any other process's.

        What was edited since the rules were loaded is taken now. Called after any fork; only the
        first call in a process does anything. `offload` is how long work is done from then on,
        `give_way` lets others of this process go first.
        """
        if self._started_in == os.getpid():
            return
        with self._starting:
            if self._started_in == os.getpid():
                return
            if self._made_in != os.getpid():
                self._open_state()
                self._take(self.live.current.ruleset)
            self._process_key = os.urandom(32)
            self.offload, self._give_way = offload, give_way
            if not self._is_guest:
                log.install()
                offload(self.live.catch_up)
                self.watcher = Watcher(self.live, offload)
                self.watcher.start()
            self._started_in = os.getpid()

    def stop(self) -> None:
        """End the watcher, and let go of the state. For tests and for servers that live inside
        another program."""
        if self.database is not None:
            self.database.close()
        if self.watcher is not None:
            self.watcher.stop()
            self.watcher = None

    def _open_state(self) -> None:
        """Open what is remembered between requests: all of it in one file, if there is one."""
        self.database = self._open_database()
        self.cells: Cells = cells_in(self.database)
        self.births = Births(self.database)
        self.hits: Hits
        self.journal: Journal
        if self.database is None:
            self.hits, self.journal, self._control = MemoryHits(), MemoryJournal(), None
        else:
            self.hits = shared = SharedHits(self.database)
            self.journal = SharedJournal(
                self.database, shared.save, give_way=lambda: self._give_way()
            )
            self._control = Control(self.database, self._take_control, self._forget_control)

    def refresh(self) -> None:
        """Take what other processes have set since, and tell them what was loaded here."""
        if self._control is not None:
            self._control.refresh()
        news = self._news
        if news is None:
            return
        try:
            self.births.share()
            self.hits.keep(news, self.rules.identities())
        except DatabaseError as error:
            logger.warning("what was loaded is not told to other processes yet: %s", error)
            return
        if self._news is news:
            self._news = None

    @contextmanager
    def changing(self, session: str) -> Iterator[None]:
        """Change the rules or faults of a session, "" for everyone's, in turn with all processes;
        when the block ends, it holds in all of them."""
        if self._control is None:
            yield
            return
        with self._control.changing(session, partial(self._held, session)):
            yield

    def new_rules_name(self) -> str:
        """Return a name for rules that are about to be sent, unlike any other's."""
        if self.database is None:
            return self.rules.new_name()
        return f"run-time/{self.cells.update('', 'names', 'run-time', count)}"

    def _held(self, session: str, kind: str) -> list[Any]:
        if kind == "rules":
            return run_time.held_rules(self.rules, session)
        return run_time.held_faults(self.outages, session, self.clock.wall())

    def _take_control(self, kind: str, session: str, held: list[Any]) -> None:
        served, now_s = self.live.current.ruleset, self.clock.wall()
        if kind == "rules":
            run_time.take_rules(self.rules, session, held, served, now_s)
        else:
            run_time.take_faults(self.outages, session, held, served)

    def _forget_control(self) -> None:
        self.rules = RunTimeRules()
        self.outages = Outages()

    def is_stopping(self) -> bool:
        """Return whether the server is about to stop, so that nothing should be held."""
        return self.has_to_stop

    def age_s(self, entry: Chaos) -> float:
        """Return how long ago an entry of `chaos` was first loaded."""
        now_s = self.clock.wall()
        return now_s - self.births.of(entry.identity, now_s)

    def holder(self) -> Holder:
        """Return this process."""
        return os.getpid(), self._process_key.hex()[:16]

    def _take(self, ruleset: Ruleset) -> None:
        """Take what is loaded: at a reload in a thread of its own, which cannot use a database."""
        self.births.keep((entry.identity for entry in ruleset.settings.chaos), self.clock.wall())
        self._news = ruleset
        if ruleset.settings.state_file != self._state_file:
            logger.warning("settings.state was changed: it is taken at the next start")

    def forget_hits(self) -> None:
        """Forget how often rules have answered that are no more."""
        self.hits.keep(self.live.current.ruleset, self.rules.identities())

    def rules_of(self, session: str, ruleset: Ruleset) -> Ruleset:
        """Return a ruleset as the requests of a session see it now."""
        return self.rules.over(ruleset, session, self.clock.wall()) if self.rules else ruleset

    def all_rules(self, session: str | None) -> Ruleset:
        """Return the rules that answer now, with those that were sent for a session, or, None, for
        any."""
        served = self.live.current.ruleset
        if session is None:
            return self.rules.over_all(served, self.clock.wall())
        return self.rules_of(session, served)

    def enter(self, rule: Rule, exchange_id: str) -> bool:
        """Note that an exchange uses a rule, and return whether another is doing so too."""
        self._used_by[exchange_id] = rule.identity
        self._users[rule.identity] += 1
        return self._users[rule.identity] > 1

    def leave(self, exchange_id: str) -> None:
        """Note that an exchange, which may have entered a rule, has ended."""
        identity = self._used_by.pop(exchange_id, None)
        if identity is not None:
            self._users[identity] -= 1

    def draws(self, raw: Raw, session: str, settings: Settings) -> Draws:
        """Return the randomness of one exchange: unique, or repeatable when there is a seed."""
        if settings.seed is None:
            return Draws(draws.unique_key(self._process_key, next(self._numbers)))
        digest = draws.request_digest(raw.path, raw.body)
        n = self.cells.update(session, "draws", digest, count)
        return Draws(draws.seeded_key(settings.seed, session, digest, n))
