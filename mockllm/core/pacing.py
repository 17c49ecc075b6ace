"""When each piece of a reply is due. This module computes; the pump waits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

from msgspec import Struct

from mockllm.core.draws import Draws
from mockllm.core.events import chunk_count
from mockllm.core.model import ChatReply
from mockllm.core.rules import Settings

_LAG_SPREAD = 0.5


class Plan(Struct, frozen=True, gc=False):
    """The timing of one reply, in seconds after the request arrived.

    `whole_s` is when an unstreamed reply is due. `interval_s` is the mean time before each chunk
    of a stream, drawn anew for each between `interval_s * (1 - spread)` and
    `interval_s * (1 + spread)`.
    """

    whole_s: float = 0.0
    interval_s: float = 0.0
    spread: float = 0.0


AT_ONCE = Plan()


def lag_plan(settings: Settings, reply: ChatReply) -> Plan:
    """Return the plan that `lag_enabled` and `lag_factor` ask for: `lag_factor * 10` characters
    a second, whole or streamed."""
    if not settings.lag_enabled:
        return AT_ONCE
    interval_s = 1 / (settings.lag_factor * 10)
    return Plan(chunk_count(reply) * interval_s, interval_s, _LAG_SPREAD)


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
