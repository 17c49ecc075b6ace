"""An exchange under way, from its first byte on."""

from __future__ import annotations

from msgspec import Struct

from mockllm.config.live import Snapshot
from mockllm.core.caching import NOTHING_CACHED, CacheUse
from mockllm.core.exchange import Exchange, Outcome
from mockllm.core.model import Request
from mockllm.core.objects import Objects
from mockllm.core.raw import Raw
from mockllm.core.rules import Ruleset, Settings
from mockllm.core.subject import START, Subject
from mockllm.errors import WrongKey
from mockllm.runtime import Runtime
from mockllm.state.objects import SessionObjects

DEFAULT_SESSION = "default"
"""The one session of those who name none."""


class Opened(Struct, frozen=True):
    """An exchange under way, with the rules that were in force when it began. `cached` is what
    the prompt cache has of its input."""

    exchange: Exchange
    ruleset: Ruleset
    runtime: Runtime
    cached: CacheUse = NOTHING_CACHED

    @property
    def objects(self) -> Objects:
        """The stored objects of the exchange's session."""
        invents = self.exchange.settings.unknown_ids == "invent"
        return SessionObjects(self.runtime.cells, self.exchange.session, invents)


class Sent(Struct, frozen=True):
    """What became of a response on its way out. `first_byte_at_s` is monotonic, None when no
    byte was sent; `has_faulted` tells that a fault has damaged it."""

    outcome: Outcome
    sent_bytes: int
    first_byte_at_s: float | None
    has_faulted: bool = False
    warnings: tuple[str, ...] = ()


def open_exchange(raw: Raw, runtime: Runtime) -> Opened:
    """Return the record of a request that has just arrived."""
    runtime.start()
    runtime.refresh()
    snapshot: Snapshot = runtime.live.current
    settings = snapshot.ruleset.settings
    session = named_session(raw, settings) or DEFAULT_SESSION
    drawn = runtime.draws(raw, session, settings)
    exchange = Exchange(
        id=drawn.hex_id("exchange", 32),
        received_at_s=runtime.clock.wall(),
        started_s=runtime.clock.monotonic(),
        generation=snapshot.generation,
        raw=raw,
        draws=drawn,
        settings=settings,
        session=session,
    )
    return Opened(exchange, runtime.rules_of(session, snapshot.ruleset), runtime)


def named_session(raw: Raw, settings: Settings) -> str:
    """Return the session that a request names, "" for none."""
    return raw.session or (raw.api_key if settings.session_by == "api_key" else "")


def admit(opened: Opened) -> None:
    """Let a request in.

    Raises:
        WrongKey: keys are asked for, and it has none of them.
    """
    keys = opened.exchange.settings.api_keys
    if keys and (key := opened.exchange.raw.api_key) not in keys:
        raise WrongKey(is_missing=not key)


def subject_of(opened: Opened, request: Request) -> Subject:
    """Return what rules look at: the request, and what its session remembers."""
    exchange, ruleset = opened.exchange, opened.ruleset
    state = START
    if ruleset.uses_state:
        state = opened.runtime.cells.update(exchange.session, "state", "", _as_it_is)
    limit = ruleset.settings.match_limit
    return Subject(request, exchange.raw, exchange.session, state, limit)


def _as_it_is(state: str | None) -> str:
    return state or START
