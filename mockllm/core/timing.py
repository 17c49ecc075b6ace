"""How long a model takes, as the YAML says it: laws from which `pacing` plans a reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import exp, log
from random import Random
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

Chunking = Literal["character", "token", "word", "sentence"]
"""What a stream says at a time. A character is a code point; arguments go by token always."""

Unit = Literal["token", "word", "character"]
Beyond = Literal["queue", "reject"]

_SURE = 0.999
"""What is beyond this share at either end is not drawn: a tail without an end would be a hang."""


class Delay(Struct, frozen=True):
    """A time in seconds: always the same, or as `percentiles` (share, seconds) say, both rising.

    Between two percentiles, and beyond the outermost, it is log-normal.
    """

    percentiles: tuple[tuple[float, float], ...]

    def draw(self, random: Callable[[], Random]) -> float:
        """Return a time of this distribution. One that is always the same needs no `random`,
        which is dear to make."""
        if len(self.percentiles) == 1:
            return self.percentiles[0][1]
        return self.at(1 - _SURE + (2 * _SURE - 1) * random().random())

    def at(self, share: float) -> float:
        """Return the time that a `share` of all stays below, of several percentiles."""
        from statistics import NormalDist  # slow to import: few files have percentiles

        normal = NormalDist()
        points = [(normal.inv_cdf(below), log(time_s)) for below, time_s in self.percentiles]
        place = normal.inv_cdf(share)
        after = next((n for n, (z, _) in enumerate(points) if z >= place), len(points) - 1)
        (low_z, low), (high_z, high) = points[max(after, 1) - 1], points[max(after, 1)]
        return exp(low + (high - low) * (place - low_z) / (high_z - low_z))


def constant(time_s: float) -> Delay:
    """Return a delay that is always the same."""
    return Delay(((0.5, time_s),))


class Rate(Struct, frozen=True):
    per_s: float
    unit: Unit


class Load(Struct, frozen=True):
    """How answers slow each other down.

    One by itself takes its time; with as many under way as `max_concurrent` each takes `slowdown`
    times as long, with fewer proportionally less. What comes `beyond` waits until one has ended,
    or is refused. `name` tells which answers count together.
    """

    name: str
    max_concurrent: int
    slowdown: float = 1.0
    beyond: Beyond = "queue"


class Timing(Struct, frozen=True):
    """The first piece comes after `first_token` and `per_prompt_token_s` for each token of the
    input; from then on so many units come a second, each interval longer or shorter by up to a
    share of `jitter`. Without a rate all of it comes with the first piece."""

    first_token: Delay = constant(0.0)
    rate: Rate | None = None
    jitter: float = 0.0
    chunk: Chunking = "token"
    per_prompt_token_s: float = 0.0
    load: Load | None = None


INSTANT = Timing()

BUILT_IN: Mapping[str, Timing] = MappingProxyType({
    "instant": INSTANT,
    "fast": Timing(constant(0.15), Rate(200.0, "token"), 0.1),
    "chat": Timing(
        Delay(((0.5, 0.5), (0.95, 1.2), (0.99, 2.5))), Rate(60.0, "token"), 0.2,
        per_prompt_token_s=0.0001,
    ),
    "slow-reasoner": Timing(
        Delay(((0.5, 8.0), (0.95, 25.0), (0.99, 45.0))), Rate(40.0, "token"), 0.2,
        per_prompt_token_s=0.0002,
    ),
})  # fmt: skip
"""The profiles that need not be written."""
