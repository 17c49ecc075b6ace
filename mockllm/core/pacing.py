"""When each piece of a reply is due. This module computes; the pump waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate, repeat
from typing import assert_never

from msgspec import Struct, structs

from mockllm.core import tokens
from mockllm.core.draws import Draws
from mockllm.core.events import all_pieces, counts, turns
from mockllm.core.model import ChatReply, Reply, Request
from mockllm.core.rules import Settings
from mockllm.core.timing import Chunking, Timing, Unit

_LAG_SPREAD = 0.5


class Plan(Struct, frozen=True, gc=False):
    """The timing of one reply, in seconds after the request arrived.

    `whole_s` is when an unstreamed reply is due, `ready_s` when an answer that is fetched later
    is finished. A stream says `chunk` at a time. From `first_s` on each `unit` takes `unit_s`, all
    but the first `free_units`; the time before each chunk is drawn anew between `1 - spread` and
    `1 + spread` times that.
    """

    whole_s: float = 0.0
    ready_s: float = 0.0
    chunk: Chunking = "character"
    first_s: float = 0.0
    unit: Unit = "character"
    unit_s: float = 0.0
    spread: float = 0.0
    free_units: int = 0


AT_ONCE = Plan()


def lag_plan(settings: Settings, request: Request, replies: Sequence[Reply]) -> Plan:
    """Return the plan that `lag_enabled` and `lag_factor` ask for: `lag_factor * 10` characters
    a second, whole or streamed. Several replies are said side by side: the longest counts."""
    chunk, said = _chunking(request, "character"), chats(replies)
    if not settings.lag_enabled or not said:
        return AT_ONCE if chunk == "character" else Plan(chunk=chunk)
    character_s = 1 / (settings.lag_factor * 10)
    whole_s = character_s * max(sum(map(len, all_pieces(reply, chunk))) for reply in said)
    plan = Plan(whole_s, whole_s, chunk, 0.0, "character", character_s, _LAG_SPREAD)
    return _deferred(plan, request)


def timed_plan(
    timing: Timing, request: Request, replies: Sequence[Reply], input_tokens: int, draws: Draws
) -> Plan:
    """Return the plan of a timing: a whole reply is due when the last piece of the stream would
    be. What is no chat is due after the first token's delay."""
    chunk = _chunking(request, timing.chunk)
    first_s = timing.first_token.draw(partial(draws.random, "first token"))
    first_s += timing.per_prompt_token_s * input_tokens
    said = chats(replies)
    if timing.rate is None or not said:
        return _deferred(Plan(first_s, first_s, chunk, first_s), request)
    rate = timing.rate
    plan = Plan(0.0, 0.0, chunk, first_s, rate.unit, 1 / rate.per_s, timing.jitter, free_units=1)
    whole_s = _last_s(plan, draws, said)
    return _deferred(structs.replace(plan, whole_s=whole_s, ready_s=whole_s), request)


def later(plan: Plan, wait_s: float, factor: float) -> Plan:
    """Return a plan that begins `wait_s` later, and in which everything takes `factor` times as
    long."""
    return structs.replace(
        plan,
        whole_s=wait_s + plan.whole_s * factor,
        ready_s=wait_s + plan.ready_s * factor,
        first_s=wait_s + plan.first_s * factor,
        unit_s=plan.unit_s * factor,
    )


def due_times(plan: Plan, draws: Draws, replies: Sequence[Reply]) -> Iterator[float]:
    """Yield for each chunk of a stream when it is due, in seconds after the start; for ever, as
    some vendors' streams have more chunks than the replies have pieces."""
    due_s = plan.first_s
    for due_s in _paced(plan, draws, chats(replies)):
        yield due_s
    yield from repeat(due_s)


def chunk_count(plan: Plan, replies: Sequence[Reply]) -> int:
    """Return how many chunks a stream of the replies has."""
    return sum(1 for _ in turns(chats(replies), plan.chunk))


def _paced(plan: Plan, draws: Draws, replies: Sequence[ChatReply]) -> Iterator[float]:
    """Yield when each chunk is due; nothing where all are due at once."""
    if plan.unit_s == 0:
        return
    if plan.spread == 0:
        for said in accumulate(_sizes(plan, replies)):
            yield plan.first_s + max(said - plan.free_units, 0) * plan.unit_s
        return
    uniform = draws.random("pacing").uniform
    least, most = 1 - plan.spread, 1 + plan.spread
    free: float = plan.free_units
    due_s = plan.first_s
    for units in _sizes(plan, replies):
        paid, free = max(units - free, 0), max(free - units, 0)
        due_s += paid * plan.unit_s * uniform(least, most)
        yield due_s


def _last_s(plan: Plan, draws: Draws, replies: Sequence[ChatReply]) -> float:
    """Return when the last chunk is due: of an even pace without going through all of them."""
    if plan.spread:
        return max(_paced(plan, draws, replies), default=plan.first_s)
    if plan.unit == "token" and plan.chunk == "token":
        units: float = max(sum(counts(reply)) for reply in replies)
    else:
        units = sum(_sizes(plan, replies))
    return plan.first_s + max(units - plan.free_units, 0) * plan.unit_s


def _sizes(plan: Plan, replies: Sequence[ChatReply]) -> Iterator[float]:
    """Yield how many of the plan's units each chunk has."""
    said = turns(replies, plan.chunk)
    match plan.unit:
        case "character":
            yield from map(len, said)
        case "word":
            yield from _word_starts(said)
        case "token" if plan.chunk == "token":
            yield from repeat(1, max(sum(counts(reply)) for reply in replies))
        case "token":
            texts = ["".join(all_pieces(reply, plan.chunk)) for reply in replies]
            longest = max(texts, key=len)
            share = tokens.count(longest) / max(len(longest), 1)
            yield from (len(piece) * share for piece in said)
        case _:
            assert_never(plan.unit)


def _word_starts(said: Iterable[str]) -> Iterator[int]:
    """Yield how many words begin in each piece."""
    is_between = True
    for piece in said:
        goes_on = not is_between and bool(piece) and not piece[0].isspace()
        yield len(piece.split()) - goes_on
        is_between = piece[-1:].isspace()


def chats(replies: Sequence[Reply]) -> list[ChatReply]:
    """Return those of the replies that are said, piece after piece."""
    return [reply for reply in replies if isinstance(reply, ChatReply)]


def _chunking(request: Request, wanted: Chunking) -> Chunking:
    """Return what a stream says at a time: tokens, where the client wants to know how likely each
    is."""
    return wanted if request.sampling.logprobs is None else "token"


def _deferred(plan: Plan, request: Request) -> Plan:
    """Return a plan whose answer, where the client fetches it later, is promised at once."""
    if request.is_deferred and not request.stream:
        return Plan(ready_s=plan.ready_s, chunk=plan.chunk)
    return plan
