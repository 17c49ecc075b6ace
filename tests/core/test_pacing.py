"""When each piece is due."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest
from msgspec import structs

from mockllm.core.compose import canned
from mockllm.core.draws import Draws
from mockllm.core.model import ErrorReply, Sampling, VectorReply
from mockllm.core.pacing import AT_ONCE, Plan, due_times, lag_plan
from mockllm.core.rules import Settings
from tests.core.builders import request, user

LAGGED = Settings(lag_enabled=True, lag_factor=2.0)
ASKED = request(user("hi"))


def test_without_lag_everything_is_due_at_once() -> None:
    assert lag_plan(Settings(), ASKED, (canned("hello"),)) is AT_ONCE
    assert list(islice(due_times(AT_ONCE, Draws(b"k")), 3)) == [0.0, 0.0, 0.0]


def test_whole_reply_is_due_after_its_length_over_ten_times_the_factor() -> None:
    assert lag_plan(LAGGED, ASKED, (canned("x" * 40),)).whole_s == pytest.approx(2.0)


def test_longest_of_several_replies_counts() -> None:
    replies = (canned("x" * 10), canned("x" * 40), VectorReply((1.0,)))

    assert lag_plan(LAGGED, ASKED, replies).whole_s == pytest.approx(2.0)


def test_error_is_due_at_once() -> None:
    assert lag_plan(LAGGED, ASKED, (ErrorReply("server"),)) is AT_ONCE


def test_stream_by_token_takes_as_long_as_one_by_character() -> None:
    by_token = structs.replace(ASKED, sampling=Sampling(logprobs=0))

    plan = lag_plan(LAGGED, by_token, (canned("hello there, you"),))

    assert plan.whole_s == pytest.approx(16 / 20)
    assert plan.interval_s == pytest.approx(16 / 20 / 4)


def test_deferred_answer_is_sent_at_once_and_ready_when_a_whole_one_is_due() -> None:
    deferred = structs.replace(ASKED, is_deferred=True)

    plan = lag_plan(LAGGED, deferred, (canned("x" * 40),))

    assert plan.whole_s == 0
    assert plan.ready_s == pytest.approx(2.0)


def test_each_character_follows_after_half_to_one_and_a_half_of_the_mean() -> None:
    plan = lag_plan(LAGGED, ASKED, (canned("x"),))
    times = [0.0, *islice(due_times(plan, Draws(b"k")), 1000)]

    gaps = [later - earlier for earlier, later in pairwise(times)]

    assert min(gaps) >= 0.025
    assert max(gaps) <= 0.075
    assert sum(gaps) / len(gaps) == pytest.approx(0.05, rel=0.03)


def test_same_draws_give_the_same_times() -> None:
    plan = Plan(interval_s=0.1, spread=0.5)

    first, second = (list(islice(due_times(plan, Draws(b"k")), 5)) for _ in range(2))

    assert first == second
