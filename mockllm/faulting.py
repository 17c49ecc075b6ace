"""Which fault a request gets, if any."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from mockllm.config import control_headers
from mockllm.config.control_headers import BadControl
from mockllm.core import match
from mockllm.core.draws import Draws
from mockllm.core.faults import MISBEHAVIOURS, ChosenFault, Fault, FaultSource
from mockllm.core.misbehaviour import misbehave
from mockllm.core.model import ChatReply, ErrorReply, Reply
from mockllm.core.rules import Chaos
from mockllm.core.subject import Subject
from mockllm.errors import BadControlHeader
from mockllm.opened import Opened
from mockllm.state.outages import EVERYONE

HEADER = "x-mockllm-fault"


class Faults:
    """The faults that a request may get: `above` goes before a rule's, `below` after it."""

    def __init__(self, opened: Opened, subject: Subject) -> None:
        """Raises: BadControlHeader: its header or URL asks for what is no fault."""
        self._opened = opened
        self._subject = subject
        session = opened.exchange.session
        self.above = self._asked() or self._outage(session, "session")
        self.below = None
        if self.above is None:
            self.below = self._outage(EVERYONE, "run-time") or self._configured()

    def at_once(self) -> ChosenFault | None:
        """Return the error that stands in for the answer before any rule is asked, so that a rule
        counts only what it answers; None when there is none."""
        chosen = self.above or self.below
        if chosen is None or not chosen.fault.is_error:
            return None
        if chosen is self.below and self._rule_has_one():
            return None
        return chosen

    def choose(self, replies: Sequence[Reply]) -> ChosenFault | None:
        """Return the fault of the request, once a rule has answered."""
        own = next((reply.fault for reply in replies if reply.fault is not None), None)
        return self.above or (ChosenFault(own, "rule") if own is not None else self.below)

    def _rule_has_one(self) -> bool:
        found = next(match.matching(self._opened.ruleset, self._subject), None)
        return found is not None and any(recipe.fault for recipe in found.rule.recipes)

    def _asked(self) -> ChosenFault | None:
        raw = self._opened.exchange.raw
        if HEADER not in raw.headers and not raw.fault:
            return None
        asked: tuple[tuple[str, FaultSource, str], ...] = (
            (raw.headers.get(HEADER, ""), "header", f"the header {HEADER}"),
            (raw.fault, "url", "the URL"),
        )
        for text, source, name in asked:
            if text:
                try:
                    return ChosenFault(control_headers.fault(text), source)
                except BadControl as error:
                    raise BadControlHeader(name, str(error)) from None
        return None

    def _outage(self, session: str, source: FaultSource) -> ChosenFault | None:
        runtime = self._opened.runtime
        if not runtime.outages:
            return None
        now_s = runtime.clock.wall()
        outage = runtime.outages.get(session, now_s)
        if outage is None:
            return None
        for entry in outage.faults:
            if self._hits(entry, now_s - outage.since_s):
                return ChosenFault(entry.fault, source)
        return None

    def _configured(self) -> ChosenFault | None:
        settings, runtime = self._opened.ruleset.settings, self._opened.runtime
        for entry in settings.chaos:
            if self._hits(entry, runtime.age_s(entry)):
                return ChosenFault(entry.fault, "chaos")
        return ChosenFault(settings.fault, "defaults") if settings.fault is not None else None

    def _hits(self, entry: Chaos, age_s: float) -> bool:
        if not entry.from_s <= age_s < entry.from_s + entry.for_s:
            return False
        drawn = self._opened.exchange.draws.random(f"chaos {entry.identity}").random()
        return drawn < entry.probability and match.meets(entry.when, self._subject)


def error_of(fault: Fault) -> ErrorReply:
    """Return the error that a fault is."""
    return ErrorReply(fault.kind, fault.status, fault.message, fault.retry_after_s)  # type: ignore[arg-type]  # `is_error`


class Faulty(Struct, frozen=True):
    """The replies as a fault leaves them, and whether it has happened already: what happens on
    the way does later."""

    replies: list[Reply]
    has_faulted: bool = False
    warnings: tuple[str, ...] = ()


def faulty(chosen: ChosenFault, replies: list[Reply], subject: Subject, draws: Draws) -> Faulty:
    """Return what a fault leaves of the replies."""
    fault = chosen.fault
    if fault.is_error:
        return Faulty([error_of(fault)], has_faulted=True)
    if fault.kind not in MISBEHAVIOURS:
        return Faulty(replies)
    made = [
        misbehave(fault.kind, reply, subject, draws.of(number))
        if isinstance(reply, ChatReply)
        else None
        for number, reply in enumerate(replies)
    ]
    if not any(made):
        return Faulty(replies, warnings=(unfired(fault),))
    return Faulty([new or old for new, old in zip(made, replies, strict=True)], has_faulted=True)


def unfired(fault: Fault) -> str:
    """Return the warning of a fault that did not happen."""
    return f"the fault {fault.kind} did not happen: this answer has no place for it"
