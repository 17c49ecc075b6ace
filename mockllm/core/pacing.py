"""When each piece of a reply is due. This module computes; the pump waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat

from msgspec import Struct

from mockllm.core.draws import Draws
from mockllm.core.events import chunk_count
from mockllm.core.model import ChatReply, Reply, Request
from mockllm.core.rules import Settings

_LAG_SPREAD = 0.5


class Plan(Struct, frozen=True, gc=False):
    """The timing of one reply, in seconds after the request arrived.

    `whole_s` is when an unstreamed reply is due. `interval_s` is the mean time before each chunk
    of a stream, drawn anew for each between `interval_s * (1 - spread)` and
    `interval_s * (1 + spread)`. `ready_s` is when an answer that is fetched later is finished.
    """

    whole_s: float = 0.0
    interval_s: float = 0.0
    spread: float = 0.0
    ready_s: float = 0.0


AT_ONCE = Plan()


def lag_plan(settings: Settings, request: Request, replies: Sequence[Reply]) -> Plan:
    """Return the plan that `lag_enabled` and `lag_factor` ask for: `lag_factor * 10` characters
    a second, whole or streamed. Several replies are said side by side: the longest counts."""
    chats = [reply for reply in replies if isinstance(reply, ChatReply)]
    if not settings.lag_enabled or not chats:
        return AT_ONCE
    whole_s = max(map(chunk_count, chats)) / (settings.lag_factor * 10)
    if request.is_deferred and not request.stream:
        return Plan(ready_s=whole_s)
    by_token = request.sampling.logprobs is not None
    chunks = max(chunk_count(reply, by_token) for reply in chats)
    return Plan(whole_s, whole_s / max(chunks, 1), _LAG_SPREAD, whole_s)


def due_times(plan: Plan, draws: Draws) -> Iterator[float]:
    """Yield for each chunk of a stream when it is due, in seconds after the start, for ever."""
    if plan.interval_s == 0:
        yield from repeat(0.0)
    uniform = draws.random("pacing").uniform
    shortest, longest = (plan.interval_s * (1 + side * plan.spread) for side in (-1, 1))
    due_s = 0.0
    while True:
        due_s += uniform(shortest, longest)
        yield due_s
