"""What clients did that they should not: judged by their requests alone.

What came is certain, and an error; where something did not come, a test may just have ended there,
and it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockllm.core.attempts import (
    Attempts,
    attempts,
    has_been_held,
    is_broken,
    may_pass,
    told_to_wait_s,
    waits_s,
)
from mockllm.core.conversations import Conversations, digest
from mockllm.core.exchange import Exchange
from mockllm.core.model import ChatReply, Text, ToolCall, each_input
from mockllm.core.problems import Level
from mockllm.core.secrets import keys_in
from mockllm.core.subject import Subject
from mockllm.core.tool_verdicts import Calls
from mockllm.core.verdict import Verdict

_NO_PAUSE_S = 0.1
_ALIKE = 0.1  # what pauses that do not grow may differ by, as a share of the longest
_ALIKE_PAUSES = 3
_STORM, _STORM_WITHIN_S = 10, 60.0
_PATIENT_S = 60.0
_EARLY_SHARE, _EARLY_S = 0.05, 0.05  # clients round, and clocks differ


def verdicts(ordered: Sequence[Exchange]) -> Iterator[Verdict]:
    """Yield what is to be said of exchanges, in the order in which they began."""
    chains = attempts(ordered)
    sent_back = Conversations(ordered)
    for chain in chains:
        yield from _in_vain(chain)
        yield from _too_early(chain)
        yield from _without_pause(chain)
        yield from _storm(chain)
    yield from _given_up(chains, ordered)
    yield from _truncated(ordered, sent_back)
    yield from _endless_waits(ordered)
    yield from _leaks(ordered)
    calls = Calls(ordered, sent_back)
    yield from calls.changed()
    yield from calls.unanswered()
    yield from calls.twice(chains)


def _in_vain(chain: Attempts) -> Iterator[Verdict]:
    """What is wrong with a request stays wrong, unless the key or the rules have changed."""
    for number, earlier in enumerate(chain[:-1]):
        later = chain[number + 1]
        is_same = earlier.raw.api_key == later.raw.api_key
        if is_same and not may_pass(earlier) and earlier.generation == later.generation:
            message = f"sent again after {earlier.status}, which stays"
            yield Verdict("retried_in_vain", "error", message, chain[number:])
            return


def _too_early(chain: Attempts) -> Iterator[Verdict]:
    for number, waited_s in enumerate(waits_s(chain)):
        told_s = told_to_wait_s(chain[number])
        if told_s is not None and waited_s < told_s * (1 - _EARLY_SHARE) - _EARLY_S:
            message = f"tried again after {max(waited_s, 0.0):.2g} s, told to wait {told_s:g} s"
            yield Verdict("ignored_retry_after", "error", message, chain[number : number + 2])


def _without_pause(chain: Attempts) -> Iterator[Verdict]:
    """A pause that the answer tells, or that a client's own time-out was, is not judged."""
    free = [
        (number, max(waited_s, 0.0))
        for number, waited_s in enumerate(waits_s(chain))
        if told_to_wait_s(chain[number]) is None
        and may_pass(chain[number])
        and chain[number].outcome != "client_left"
    ]
    at_once = [number for number, waited_s in free if waited_s < _NO_PAUSE_S]
    waited = [waited_s for _, waited_s in free]
    if at_once:
        first = at_once[0]
        times = f"{len(at_once)} times " if len(at_once) > 1 else ""
        message = f"tried again {times}without a pause"
        yield Verdict("no_backoff", "error", message, chain[first : at_once[-1] + 2])
    elif len(waited) >= _ALIKE_PAUSES and max(waited) - min(waited) <= _ALIKE * max(waited):
        message = f"tried again {len(waited)} times, always after {max(waited):.2g} s"
        yield Verdict("no_backoff", "error", message, chain)


def _storm(chain: Attempts) -> Iterator[Verdict]:
    for first, last in zip(chain, chain[_STORM - 1 :], strict=False):
        if last.received_at_s - first.received_at_s <= _STORM_WITHIN_S:
            message = f"{len(chain)} attempts at one request, {_STORM} of them within a minute"
            yield Verdict("storm", "error", message, chain)
            return


def _given_up(chains: Sequence[Attempts], ordered: Sequence[Exchange]) -> Iterator[Verdict]:
    """Who asks another model the same has not given up."""
    last_asked = {_asked(exchange): exchange for exchange in ordered}
    for chain in chains:
        (first, *retries), asked = chain, _asked(chain[0])
        has_left = first.outcome == "client_left" or asked is None
        if retries or has_left or not may_pass(first) or last_asked[asked] is not first:
            continue
        message = f"one attempt only, and it ended with {_ending(first)}"
        yield Verdict("gave_up", "warning", message, chain)


def _asked(exchange: Exchange) -> tuple[str, bytes] | None:
    """Return what is the same where another model is asked: the newest message, or the inputs."""
    if exchange.request is None:
        return None
    request = exchange.request
    return exchange.session, digest(request.inputs or request.messages[-1:])


def _ending(exchange: Exchange) -> str:
    chosen = exchange.fault
    if chosen is not None and is_broken(exchange):
        return f"the fault {chosen.fault.kind}"
    return str(exchange.status)


def _truncated(ordered: Sequence[Exchange], sent_back: Conversations) -> Iterator[Verdict]:
    for number, exchange in enumerate(ordered):
        reply = exchange.reply
        if not is_broken(exchange) or not isinstance(reply, ChatReply):
            continue
        after = sent_back.continuation(number)
        whole = "".join(part.text for part in reply.parts if isinstance(part, Text))
        quoted = after.text.rstrip() if after is not None else ""
        if after is not None and quoted and quoted != whole.rstrip() and whole.startswith(quoted):
            share = f"{len(quoted)} of {len(whole)} characters"
            message = f"went on with {share} of an answer that was broken off"
            shown = exchange, ordered[after.number]
            yield Verdict("took_truncated", "error", message, shown)


def _endless_waits(ordered: Sequence[Exchange]) -> Iterator[Verdict]:
    """That a client waited as long as the server lets it is certain; that it would have waited
    longer is so where that was long."""
    for exchange in ordered:
        if has_been_held(exchange):
            level: Level = "error" if exchange.took_s >= _PATIENT_S else "warning"
            message = f"the server ended it after {exchange.took_s:g} s; the client had not"
            yield Verdict("waited_for_ever", level, message, (exchange,))


def _leaks(ordered: Sequence[Exchange]) -> Iterator[Verdict]:
    """One verdict for each session and kind of key: a history repeats what was said once."""
    found: dict[tuple[str, str], list[Exchange]] = {}
    for exchange in ordered:
        if exchange.request is None:
            continue
        texts = [
            text
            for request in each_input(exchange.request)
            for text in Subject(request, exchange.raw).texts
        ]
        calls = (
            part.arguments
            for message in exchange.request.messages
            for part in message.parts
            if isinstance(part, ToolCall)
        )
        for kind in keys_in("\n".join((*texts, *calls)), exchange.raw.api_key):
            found.setdefault((exchange.session, kind), []).append(exchange)
    for (_, kind), exchanges in found.items():
        yield Verdict("leaked_key", "error", f"{kind} is in a prompt", tuple(exchanges))
