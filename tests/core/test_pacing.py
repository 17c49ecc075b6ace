"""When each piece is due."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest

from mockllm.core.compose import canned
from mockllm.core.draws import Draws
from mockllm.core.pacing import AT_ONCE, Plan, due_times, lag_plan
from mockllm.core.rules import Settings

LAGGED = Settings(lag_enabled=True, lag_factor=2.0)


def test_without_lag_everything_is_due_at_once() -> None:
    assert lag_plan(Settings(), canned("hello")) is AT_ONCE
    assert list(islice(due_times(AT_ONCE, Draws(b"k")), 3)) == [0.0, 0.0, 0.0]


def test_whole_reply_is_due_after_its_length_over_ten_times_the_factor() -> None:
    assert lag_plan(LAGGED, canned("x" * 40)).whole_s == pytest.approx(2.0)


def test_each_character_follows_after_half_to_one_and_a_half_of_the_mean() -> None:
    plan = lag_plan(LAGGED, canned("x"))
    times = [0.0, *islice(due_times(plan, Draws(b"k")), 1000)]

    gaps = [later - earlier for earlier, later in pairwise(times)]

    assert min(gaps) >= 0.025
    assert max(gaps) <= 0.075
    assert sum(gaps) / len(gaps) == pytest.approx(0.05, rel=0.03)


def test_same_draws_give_the_same_times() -> None:
    plan = Plan(interval_s=0.1, spread=0.5)

    first, second = (list(islice(due_times(plan, Draws(b"k")), 5)) for _ in range(2))

    assert first == second
