"""How much may be asked: buckets that are refilled continuously."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Literal, NamedTuple

from msgspec import Struct

from mockllm.core.rules import Quota

Measure = Literal["requests", "tokens"]

_SLACK_S = 1e-6
"""Unix times are no finer: who waits as long as he is told gets what he waited for."""


class Bucket(NamedTuple):
    """What is left at a time; `was_granted` tells whether the last one got what it wanted."""

    left: float
    at_s: float
    was_granted: bool = True


Kept = tuple[float, float, bool]
"""A bucket as it comes out of where it is kept."""


class Allowance(Struct, frozen=True):
    """What a vendor's headers tell of a limit: how many there may be, how many are left, and in
    how many seconds all of them are there again."""

    measure: Measure
    limit: int
    remaining: int
    reset_s: float


def taking(quota: Quota, amount: float, now_s: float) -> Callable[[Kept | None], Bucket]:
    """Return a change of a bucket that takes `amount`, or leaves it as it is when there is less."""

    def change(bucket: Kept | None) -> Bucket:
        left = _left(quota, bucket, now_s)
        granted = left >= amount - _SLACK_S * quota.amount / quota.per_s
        return Bucket(max(left - amount, 0.0) if granted else left, now_s, granted)

    return change


def spending(quota: Quota, amount: float, now_s: float) -> Callable[[Kept | None], Bucket]:
    """Return a change of a bucket that takes `amount` even when there is less: what was used
    cannot be refused afterwards."""
    return lambda bucket: Bucket(_left(quota, bucket, now_s) - amount, now_s)


def wait_s(quota: Quota, bucket: Bucket, amount: float) -> float:
    """Return in how many seconds a bucket has `amount`; never, it may be, but the time is told."""
    return max(amount - bucket.left, 0.0) * quota.per_s / quota.amount


def allowance(measure: Measure, quota: Quota, bucket: Bucket) -> Allowance:
    """Return what is told of a bucket."""
    return Allowance(
        measure,
        ceil(quota.amount),
        max(int(bucket.left), 0),
        wait_s(quota, bucket, quota.amount),
    )


def _left(quota: Quota, bucket: Kept | None, now_s: float) -> float:
    if bucket is None:
        return quota.amount
    left, at_s, _ = bucket
    gained = max(now_s - at_s, 0.0) * quota.amount / quota.per_s
    return min(left + gained, quota.amount)
