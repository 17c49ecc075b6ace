"""Buckets that are refilled continuously."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mockllm.core.limits import Allowance, Bucket, allowance, spending, taking, wait_s
from mockllm.core.rules import Quota

QUOTA = Quota(60.0, 60.0)
NOW_S = 1_700_000_000.25
QUOTAS = some.builds(
    Quota, some.integers(1, 10**9).map(float), some.sampled_from([1.0, 60.0, 3600.0, 86400.0])
)


def test_new_bucket_is_full() -> None:
    assert taking(QUOTA, 1, NOW_S)(None) == Bucket(59.0, NOW_S)


def test_all_may_be_taken_at_once_and_no_more() -> None:
    emptied = taking(QUOTA, 60, NOW_S)(None)
    refused = taking(QUOTA, 1, NOW_S)(emptied)

    assert emptied == Bucket(0.0, NOW_S)
    assert refused == Bucket(0.0, NOW_S, was_granted=False)


def test_refusal_takes_nothing() -> None:
    assert taking(QUOTA, 7, NOW_S)(Bucket(5.0, NOW_S)).left == 5.0


def test_nothing_may_be_taken_from_an_empty_bucket() -> None:
    assert taking(QUOTA, 0, NOW_S)(Bucket(0.0, NOW_S)).was_granted


@pytest.mark.parametrize(("after_s", "left"), [(0, 10), (0.5, 10.5), (20, 30), (50, 60), (900, 60)])
def test_bucket_is_refilled_continuously_and_never_beyond_its_size(
    after_s: float, left: float
) -> None:
    assert taking(QUOTA, 0, NOW_S + after_s)(Bucket(10.0, NOW_S)).left == pytest.approx(left)


def test_clock_that_goes_back_takes_nothing_away() -> None:
    assert taking(QUOTA, 0, NOW_S - 30)(Bucket(10.0, NOW_S)).left == 10.0


def test_what_was_used_is_taken_even_when_there_is_less() -> None:
    bucket = spending(QUOTA, 25, NOW_S)(Bucket(10.0, NOW_S))

    assert bucket == Bucket(-15.0, NOW_S)
    assert not taking(QUOTA, 1, NOW_S + 15)(bucket).was_granted
    assert taking(QUOTA, 1, NOW_S + 16)(bucket).was_granted


def test_wait_is_until_there_is_enough() -> None:
    assert wait_s(QUOTA, Bucket(10.0, NOW_S), 40) == 30.0
    assert wait_s(QUOTA, Bucket(10.0, NOW_S), 10) == 0.0


@given(QUOTAS, some.floats(0, 1), some.floats(0, 1), some.floats(1.6e9, 1.9e9))
def test_who_waits_as_long_as_he_is_told_gets_it(
    quota: Quota, left: float, wanted: float, now_s: float
) -> None:
    bucket = Bucket(quota.amount * left, now_s)
    amount = max(quota.amount * wanted, 1.0)

    later = taking(quota, amount, now_s + wait_s(quota, bucket, amount))(bucket)

    assert later.was_granted
    assert 0 <= later.left <= quota.amount


@given(QUOTAS, some.lists(some.tuples(some.floats(0, 30), some.floats(0, 1)), max_size=20))
def test_no_more_is_granted_than_a_bucket_and_what_it_gains(
    quota: Quota, takings: list[tuple[float, float]]
) -> None:
    now_s, bucket, granted = NOW_S, None, 0.0
    for pause_s, wanted in takings:
        now_s += pause_s
        bucket = taking(quota, quota.amount * wanted, now_s)(bucket)
        granted += quota.amount * wanted if bucket.was_granted else 0.0

        assert 0 <= bucket.left <= quota.amount

    most = quota.amount * (1 + (now_s - NOW_S + 0.001) / quota.per_s)
    assert granted <= most


def test_allowance_tells_what_is_left_and_when_all_is_there_again() -> None:
    assert allowance("requests", QUOTA, Bucket(12.5, NOW_S)) == Allowance("requests", 60, 12, 47.5)


def test_allowance_is_never_below_nothing() -> None:
    assert allowance("tokens", QUOTA, Bucket(-15.0, NOW_S)) == Allowance("tokens", 60, 0, 75.0)
