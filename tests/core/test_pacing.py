"""When each piece is due."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest
from msgspec import structs

from mockllm.core.compose import canned
from mockllm.core.draws import Draws
from mockllm.core.model import ChatReply, ErrorReply, Reply, Sampling, ToolCall, VectorReply
from mockllm.core.pacing import AT_ONCE, Plan, chunk_count, due_times, lag_plan, later, timed_plan
from mockllm.core.rules import Settings
from mockllm.core.timing import Chunking, Rate, Timing, Unit, constant
from tests.core.builders import request, user

LAGGED = Settings(lag_enabled=True, lag_factor=2.0)
ASKED = request(user("hi"))
DRAWS = Draws(b"k")


def due(plan: Plan, *replies: Reply, count: int) -> list[float]:
    return list(islice(due_times(plan, DRAWS, replies), count))


def timed(timing: Timing, *replies: Reply, input_tokens: int = 0) -> Plan:
    return timed_plan(timing, ASKED, replies, input_tokens, DRAWS)


def test_without_lag_everything_is_due_at_once() -> None:
    assert lag_plan(Settings(), ASKED, (canned("hello"),)) is AT_ONCE
    assert due(AT_ONCE, canned("hello"), count=3) == [0.0, 0.0, 0.0]


def test_whole_reply_is_due_after_its_length_over_ten_times_the_factor() -> None:
    assert lag_plan(LAGGED, ASKED, (canned("x" * 40),)).whole_s == pytest.approx(2.0)


def test_longest_of_several_replies_counts() -> None:
    replies = (canned("x" * 10), canned("x" * 40), VectorReply((1.0,)))

    assert lag_plan(LAGGED, ASKED, replies).whole_s == pytest.approx(2.0)


def test_error_is_due_at_once() -> None:
    assert lag_plan(LAGGED, ASKED, (ErrorReply("server"),)) is AT_ONCE


def test_stream_by_token_takes_as_long_as_one_by_character() -> None:
    by_token = structs.replace(ASKED, sampling=Sampling(logprobs=0))
    said = canned("hello there, you")

    plan = lag_plan(LAGGED, by_token, (said,))

    assert plan.chunk == "token"
    assert plan.whole_s == pytest.approx(16 / 20)
    steady = structs.replace(plan, spread=0.0)
    assert due(steady, said, count=4) == pytest.approx([5 / 20, 11 / 20, 12 / 20, 16 / 20])


def test_stream_by_token_without_lag_is_due_at_once() -> None:
    by_token = structs.replace(ASKED, sampling=Sampling(logprobs=0))

    assert lag_plan(Settings(), by_token, (canned("hello"),)) == Plan(chunk="token")


def test_deferred_answer_is_sent_at_once_and_ready_when_a_whole_one_is_due() -> None:
    deferred = structs.replace(ASKED, is_deferred=True)

    plan = lag_plan(LAGGED, deferred, (canned("x" * 40),))

    assert plan.whole_s == 0
    assert plan.ready_s == pytest.approx(2.0)


def test_each_character_follows_after_half_to_one_and_a_half_of_the_mean() -> None:
    said = canned("x" * 1000)
    times = [0.0, *due(lag_plan(LAGGED, ASKED, (said,)), said, count=1000)]

    gaps = [later - earlier for earlier, later in pairwise(times)]

    assert min(gaps) >= 0.025
    assert max(gaps) <= 0.075
    assert sum(gaps) / len(gaps) == pytest.approx(0.05, rel=0.03)


def test_same_draws_give_the_same_times() -> None:
    plan, said = Plan(unit_s=0.1, spread=0.5), canned("abcde")

    assert due(plan, said, count=5) == due(plan, said, count=5)


def test_times_go_on_for_frames_beyond_the_last_piece() -> None:
    assert due(Plan(first_s=1.0, unit_s=0.5), canned("ab"), count=4) == [1.5, 2.0, 2.0, 2.0]


def test_first_token_comes_after_its_delay_and_the_others_at_the_rate() -> None:
    said = canned("one two three")

    plan = timed(Timing(constant(0.3), Rate(50.0, "token")), said)

    assert due(plan, said, count=3) == pytest.approx([0.3, 0.32, 0.34])
    assert plan.whole_s == plan.ready_s == pytest.approx(0.34)


def test_reading_the_input_takes_its_time() -> None:
    timing = Timing(constant(0.3), per_prompt_token_s=0.001)

    assert timed(timing, canned("x"), input_tokens=200).whole_s == pytest.approx(0.5)


def test_without_a_rate_all_comes_with_the_first_token() -> None:
    said = canned("one two three")
    plan = timed(Timing(constant(0.3)), said)

    assert due(plan, said, count=3) == [0.3, 0.3, 0.3]


def test_what_is_no_chat_comes_after_the_first_token_s_delay() -> None:
    timing = Timing(constant(0.3), Rate(1.0, "token"))

    assert timed(timing, VectorReply((1.0,))).whole_s == 0.3
    assert timed(timing, ChatReply(())).whole_s == 0.3


@pytest.mark.parametrize(
    ("unit", "chunk", "last_s"),
    [
        ("token", "token", 4),  # One| two|,| three|.
        ("token", "sentence", 4),
        ("word", "word", 2),
        ("word", "character", 2),
        ("character", "character", 14),
        ("character", "word", 14),
    ],
)
def test_rate_counts_its_unit_whatever_the_chunks_are(
    unit: Unit, chunk: Chunking, last_s: float
) -> None:
    said = canned("One two, three.")

    plan = timed(Timing(rate=Rate(1.0, unit), chunk=chunk), said)

    assert plan.whole_s == pytest.approx(last_s)


def test_jitter_changes_each_interval_and_the_whole_is_due_with_the_last_piece() -> None:
    said = canned("one two three four five")
    timing = Timing(rate=Rate(10.0, "token"), jitter=0.2)
    plan = timed(timing, said)

    times = due(plan, said, count=5)

    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(0.08 <= gap <= 0.12 for gap in gaps)
    assert len(set(gaps)) == 4
    assert plan.whole_s == times[-1]


def test_tool_call_takes_its_time_too() -> None:
    call = ChatReply((ToolCall("c1", "f", '{"city": "Oslo"}'),))

    assert timed(Timing(rate=Rate(1.0, "token")), call).whole_s > 2


def test_load_delays_and_slows() -> None:
    said = canned("one two")
    plan = timed(Timing(constant(1.0), Rate(1.0, "token")), said)

    slower = later(plan, 5.0, 2.0)

    assert due(slower, said, count=2) == [7.0, 9.0]
    assert slower.whole_s == slower.ready_s == 9.0


def test_replies_side_by_side_have_the_chunks_of_the_longest() -> None:
    replies = (canned("one two"), VectorReply((1.0,)), canned("three"))

    assert chunk_count(Plan(chunk="token"), replies) == 2
    assert chunk_count(Plan(chunk="character"), replies) == 7
    assert chunk_count(Plan(), (VectorReply((1.0,)),)) == 0


@pytest.mark.parametrize("factor", [1.0, 2.5])
def test_stream_under_load_ends_when_a_whole_answer_is_due(factor: float) -> None:
    said = canned("one two three four five")
    timing = Timing(constant(1.0), Rate(10.0, "token"), jitter=0.2)
    plan = later(timed(timing, said), 3.0, factor)

    times = due(plan, said, count=5)

    assert times[0] == pytest.approx(3 + factor)
    assert times[-1] == pytest.approx(plan.whole_s)
    assert times == sorted(times)
