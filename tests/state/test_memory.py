"""State in memory: kept apart by session, bounded, and exact under threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from mockllm.state.base import Cells, count, count_to
from mockllm.state.memory import MemoryCells


def kept(value: int) -> Callable[[int | None], int]:
    """Return a change that writes `value` where nothing is known, and else leaves what is."""
    return lambda found: value if found is None else found


def counted(cells: MemoryCells, session: str, kind: str, key: bytes | str) -> int:
    return cells.update(session, kind, key, count)


@pytest.mark.parametrize(("value", "next_value"), [(None, 1), (0, 1), (1, 2), (41, 42)])
def test_count_is_the_next_number(value: int | None, next_value: int) -> None:
    assert count(value) == next_value


@pytest.mark.parametrize(
    ("most", "numbers"),
    [(None, [1, 2, 3, 4, 5]), (1, [1, 2, 2, 2, 2]), (3, [1, 2, 3, 4, 4]), (0, [1, 1, 1, 1, 1])],
)
def test_count_to_stops_one_past_the_most(most: int | None, numbers: list[int]) -> None:
    cells = MemoryCells()
    change = count_to(most)

    assert [cells.update("s", "kind", "key", change) for _ in range(5)] == numbers


def test_count_past_a_lowered_limit_steps_aside() -> None:
    assert count_to(2)(7) == 3


def test_forgotten_session_begins_anew_and_others_stay() -> None:
    cells = MemoryCells()
    for session, kind in (("s", "one"), ("s", "two"), ("t", "one")):
        counted(cells, session, kind, "key")

    assert cells.forget("s")

    assert [counted(cells, "s", kind, "key") for kind in ("one", "two")] == [1, 1]
    assert counted(cells, "t", "one", "key") == 2


def test_session_of_which_nothing_is_known_is_not_forgotten() -> None:
    cells = MemoryCells()
    counted(cells, "s", "kind", "key")
    cells.forget("s")

    assert [cells.forget("s"), cells.forget("t")] == [False, False]


def test_memory_is_a_back_end_of_cells() -> None:
    cells: Cells = MemoryCells()

    assert cells.update("s", "kind", "key", count) == 1


def test_change_gets_none_first_and_then_what_it_gave() -> None:
    cells = MemoryCells()
    seen: list[str | None] = []

    def change(value: str | None) -> str:
        seen.append(value)
        return f"{value or ''}x"

    values = [cells.update("s", "kind", "key", change) for _ in range(3)]

    assert seen == [None, "x", "xx"]
    assert values == ["x", "xx", "xxx"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(("t", "kind", "key"), id="session"),
        pytest.param(("s", "other", "key"), id="kind"),
        pytest.param(("s", "kind", "other"), id="key"),
        pytest.param(("s", "kind", b"key"), id="bytes"),
        pytest.param(("", "kind", "key"), id="no-session"),
    ],
)
def test_values_are_kept_apart(other: tuple[str, str, bytes | str]) -> None:
    cells = MemoryCells()
    counted(cells, "s", "kind", "key")

    assert counted(cells, *other) == 1
    assert counted(cells, "s", "kind", "key") == 2


def test_two_memories_share_nothing() -> None:
    one, two = MemoryCells(), MemoryCells()
    counted(one, "s", "kind", "key")

    assert counted(two, "s", "kind", "key") == 1


def test_value_not_changed_for_longest_is_forgotten_first() -> None:
    cells = MemoryCells(max_cells_per_session=2)
    for key in ("a", "b", "a", "c"):
        counted(cells, "s", "kind", key)

    assert cells.update("s", "kind", "a", kept(0)) == 2
    assert cells.update("s", "kind", "b", kept(0)) == 0


def test_kinds_of_a_session_share_its_bound() -> None:
    cells = MemoryCells(max_cells_per_session=1)
    counted(cells, "s", "one", "key")
    counted(cells, "s", "two", "key")

    assert counted(cells, "s", "one", "key") == 1


def test_bound_of_values_is_for_each_session() -> None:
    cells = MemoryCells(max_cells_per_session=1)
    counted(cells, "s", "kind", "key")
    counted(cells, "t", "kind", "key")

    assert counted(cells, "s", "kind", "key") == 2


def test_session_not_used_for_longest_is_forgotten_first() -> None:
    cells = MemoryCells(max_sessions=2)
    for session in ("s", "t", "s", "u"):
        counted(cells, session, "kind", "key")

    assert cells.update("s", "kind", "key", kept(0)) == 2
    assert cells.update("t", "kind", "key", kept(0)) == 0


def test_bounds_are_reached_before_anything_is_forgotten() -> None:
    cells = MemoryCells(max_sessions=3, max_cells_per_session=3)
    places = [(session, key) for session in "stu" for key in "abc"]
    for session, key in places:
        counted(cells, session, "kind", key)

    assert [counted(cells, session, "kind", key) for session, key in places] == [2] * 9


def test_change_that_fails_leaves_the_value_and_the_memory_usable() -> None:
    cells = MemoryCells()
    counted(cells, "s", "kind", "key")

    def fail(value: int | None) -> int:
        raise ValueError(value)

    with pytest.raises(ValueError, match="1"):
        cells.update("s", "kind", "key", fail)

    assert counted(cells, "s", "kind", "key") == 2


def test_no_count_is_lost_or_given_twice_among_8_threads() -> None:
    cells = MemoryCells()
    together = threading.Barrier(8)

    def thousand(_: int) -> list[int]:
        together.wait()
        return [counted(cells, "s", "kind", b"key") for _ in range(1_000)]

    with ThreadPoolExecutor(8) as threads:
        numbers = [number for each in threads.map(thousand, range(8)) for number in each]

    assert sorted(numbers) == list(range(1, 8_001))


def test_bounds_hold_among_8_threads() -> None:
    cells = MemoryCells(max_sessions=4, max_cells_per_session=4)
    together = threading.Barrier(8)

    def wander(start: int) -> None:
        together.wait()
        for number in range(start, start + 1_000):
            counted(cells, str(number % 7), "kind", str(number % 11))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(wander, range(8)))

    alive = [
        session
        for session in map(str, range(7))
        if any(cells.update(session, "kind", str(key), kept(0)) for key in range(11))
    ]
    assert len(alive) <= 4
