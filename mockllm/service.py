"""The straight line from a request to its reply, for every operation of every provider."""

from __future__ import annotations

import itertools
import logging
import os
import threading

from msgspec import Struct, structs

from mockllm import log
from mockllm.config.live import Live, Snapshot
from mockllm.config.watcher import Offload, Watcher, call
from mockllm.core import draws, match, pacing
from mockllm.core.compose import compose
from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange, Outcome, Raw
from mockllm.core.model import Request
from mockllm.core.protocol import Clock
from mockllm.core.rules import Ruleset, Settings
from mockllm.state.base import Cells, count

_SESSION = "default"


class Runtime:
    """What one process serves with: its rules, state, clock and counters."""

    def __init__(self, live: Live, clock: Clock, cells: Cells) -> None:
        self.live = live
        self.clock = clock
        self.cells = cells
        self.open_streams: set[str] = set()
        self.watcher: Watcher | None = None
        self._numbers = itertools.count()
        self._process_key = os.urandom(32)
        self._started_in = 0
        self._starting = threading.Lock()

    def start(self, offload: Offload = call) -> None:
        """Begin what a process has one of: the watcher, and ids unlike any other process's.

        What was edited since the rules were loaded is taken now. Called after any fork; only the
        first call in a process does anything.
        """
        if self._started_in == os.getpid():
            return
        with self._starting:
            if self._started_in == os.getpid():
                return
            log.install()
            self._process_key = os.urandom(32)
            offload(self.live.catch_up)
            self.watcher = Watcher(self.live, offload)
            self.watcher.start()
            self._started_in = os.getpid()

    def stop(self) -> None:
        """End the watcher. For tests and for servers that live inside another program."""
        if self.watcher is not None:
            self.watcher.stop()
            self.watcher = None

    def draws(self, raw: Raw, settings: Settings) -> Draws:
        """Return the randomness of one exchange: unique, or repeatable when there is a seed."""
        if settings.seed is None:
            return Draws(draws.unique_key(self._process_key, next(self._numbers)))
        digest = draws.request_digest(raw.path, raw.body)
        n = self.cells.update(_SESSION, "draws", digest, count)
        return Draws(draws.seeded_key(settings.seed, _SESSION, digest, n))


class Opened(Struct, frozen=True):
    """An exchange under way, with the rules that were in force when it began."""

    exchange: Exchange
    ruleset: Ruleset
    runtime: Runtime


class Sent(Struct, frozen=True):
    """What became of a response on its way out. `first_byte_at_s` is monotonic, None when no
    byte was sent."""

    outcome: Outcome
    sent_bytes: int
    first_byte_at_s: float | None


def open_exchange(raw: Raw, runtime: Runtime) -> Opened:
    """Return the record of a request that has just arrived."""
    runtime.start()
    snapshot: Snapshot = runtime.live.current
    drawn = runtime.draws(raw, snapshot.ruleset.settings)
    exchange = Exchange(
        id=drawn.hex_id("exchange", 32),
        received_at_s=runtime.clock.wall(),
        started_s=runtime.clock.monotonic(),
        generation=snapshot.generation,
        raw=raw,
        draws=drawn,
        session=_SESSION,
    )
    return Opened(exchange, snapshot.ruleset, runtime)


def answer(opened: Opened, request: Request) -> Exchange:
    """Return the exchange with the rule that answers `request`, the reply and its timing."""
    ruleset = opened.ruleset
    rule = match.find(ruleset, request) or ruleset.unknown
    reply = compose(rule.reply, request)
    plan = pacing.lag_plan(ruleset.settings, reply)
    return structs.replace(opened.exchange, request=request, rule=rule, reply=reply, plan=plan)


def close(opened: Opened, exchange: Exchange, sent: Sent) -> Exchange:
    """Return the exchange as it ended, and say so on the console."""
    took_s = opened.runtime.clock.monotonic() - exchange.started_s
    closed = structs.replace(
        exchange,
        outcome=sent.outcome,
        sent_bytes=sent.sent_bytes,
        first_byte_at_s=sent.first_byte_at_s,
        took_s=took_s,
    )
    if log.requests.isEnabledFor(logging.INFO):
        near = None
        if closed.request is not None and closed.rule is opened.ruleset.unknown:
            near = match.nearest(opened.ruleset, closed.request)
        log.log_request(closed, near)
    return closed
