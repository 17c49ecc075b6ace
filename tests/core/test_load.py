"""Answers that slow each other down."""

from __future__ import annotations

import pytest
from msgspec import structs

from mockllm.core.load import Board, Busy
from mockllm.core.timing import Load

LOAD = Load("gpu", max_concurrent=3, slowdown=3.0)


def arrivals(load: Load, count: int, taken_s: float = 10.0) -> list[tuple[float, float]]:
    """Return how long each of so many at once waits, and how much slower it is."""
    board = Board()
    return [board.arrive(load, f"x{number}", 100.0, taken_s) for number in range(count)]


def test_answer_by_itself_takes_its_time() -> None:
    assert arrivals(LOAD, 1) == [(0.0, 1.0)]


def test_answers_slow_each_other_down_in_proportion() -> None:
    assert arrivals(LOAD, 3) == [(0.0, 1.0), (0.0, 2.0), (0.0, 3.0)]


def test_without_slowdown_nobody_is_slower() -> None:
    assert arrivals(Load("gpu", 3), 3) == [(0.0, 1.0)] * 3


def test_those_beyond_wait_until_one_has_ended() -> None:
    waits = [wait_s for wait_s, _ in arrivals(Load("gpu", 2), 6)]

    assert waits == [0, 0, 10, 10, 20, 20]


def test_one_who_waited_is_as_slow_as_the_last() -> None:
    assert arrivals(LOAD, 4)[-1] == (10.0, 3.0)


def test_one_at_a_time_is_not_slowed_down() -> None:
    assert arrivals(Load("gpu", 1, slowdown=5.0), 2) == [(0.0, 1.0), (10.0, 1.0)]


def test_those_beyond_are_refused_and_told_when_one_ends() -> None:
    board, load = Board(), Load("gpu", 1, beyond="reject")
    board.arrive(load, "a", 100.0, 10.0)

    with pytest.raises(Busy) as busy:
        board.arrive(load, "b", 104.0, 10.0)

    assert busy.value.free_s == 6.0


def test_one_who_is_refused_takes_no_room() -> None:
    board, load = Board(), Load("gpu", 1, beyond="reject")
    board.arrive(load, "a", 100.0, 10.0)
    with pytest.raises(Busy):
        board.arrive(load, "b", 100.0, 10.0)

    board.leave("b")
    board.leave("a")

    assert board.arrive(load, "c", 101.0, 10.0) == (0.0, 1.0)


@pytest.mark.parametrize("beyond", ["queue", "reject"])
def test_answer_that_is_overdue_is_waited_for_no_longer(beyond: str) -> None:
    board, load = Board(), structs.replace(Load("gpu", 1), beyond=beyond)
    board.arrive(load, "a", 100.0, 10.0)

    try:
        wait_s, _ = board.arrive(load, "b", 130.0, 10.0)
    except Busy as busy:
        wait_s = busy.free_s

    assert wait_s == 0.0


def test_answer_that_has_ended_makes_room() -> None:
    board = Board()
    for name in ("a", "b", "c"):
        board.arrive(LOAD, name, 100.0, 10.0)

    board.leave("b")

    assert board.arrive(LOAD, "d", 100.0, 10.0) == (0.0, 3.0)


def test_loads_of_other_names_count_apart() -> None:
    board = Board()
    board.arrive(Load("gpu", 1), "a", 100.0, 10.0)

    assert board.arrive(Load("cpu", 1), "b", 100.0, 10.0) == (0.0, 1.0)


def test_answer_that_never_arrived_may_leave() -> None:
    board = Board()

    board.leave("a")

    assert board.arrive(LOAD, "a", 100.0, 10.0) == (0.0, 1.0)
