"""Every back end: kept apart by session, bounded, and exact under threads."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from mockllm.core.limits import Bucket
from mockllm.state.base import Cells, count, count_to
from mockllm.state.memory import MemoryCells
from tests.state.conftest import MakeCells


def kept(value: int) -> Callable[[int | None], int]:
    """Return a change that writes `value` where nothing is known, and else leaves what is."""
    return lambda found: value if found is None else found


def counted(cells: Cells, session: str, kind: str, key: bytes | str) -> int:
    return cells.update(session, kind, key, count)


@pytest.mark.parametrize(("value", "next_value"), [(None, 1), (0, 1), (1, 2), (41, 42)])
def test_count_is_the_next_number(value: int | None, next_value: int) -> None:
    assert count(value) == next_value


@pytest.mark.parametrize(
    ("most", "numbers"),
    [(None, [1, 2, 3, 4, 5]), (1, [1, 2, 2, 2, 2]), (3, [1, 2, 3, 4, 4]), (0, [1, 1, 1, 1, 1])],
)
def test_count_to_stops_one_past_the_most(
    make_cells: MakeCells, most: int | None, numbers: list[int]
) -> None:
    cells = make_cells()
    change = count_to(most)

    assert [cells.update("s", "kind", "key", change) for _ in range(5)] == numbers


def test_count_past_a_lowered_limit_steps_aside() -> None:
    assert count_to(2)(7) == 3


def test_forgotten_session_begins_anew_and_others_stay(make_cells: MakeCells) -> None:
    cells = make_cells()
    for session, kind in (("s", "one"), ("s", "two"), ("t", "one")):
        counted(cells, session, kind, "key")

    assert cells.forget("s")

    assert [counted(cells, "s", kind, "key") for kind in ("one", "two")] == [1, 1]
    assert counted(cells, "t", "one", "key") == 2


def test_session_of_which_nothing_is_known_is_not_forgotten(make_cells: MakeCells) -> None:
    cells = make_cells()
    counted(cells, "s", "kind", "key")
    cells.forget("s")

    assert [cells.forget("s"), cells.forget("t")] == [False, False]


def test_change_gets_none_first_and_then_what_it_gave(make_cells: MakeCells) -> None:
    cells = make_cells()
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
def test_values_are_kept_apart(make_cells: MakeCells, other: tuple[str, str, bytes | str]) -> None:
    cells = make_cells()
    counted(cells, "s", "kind", "key")

    assert counted(cells, *other) == 1
    assert counted(cells, "s", "kind", "key") == 2


def test_two_back_ends_share_nothing(make_cells: MakeCells) -> None:
    one, two = make_cells(), make_cells()
    counted(one, "s", "kind", "key")

    assert counted(two, "s", "kind", "key") == 1


def test_value_not_changed_for_longest_is_forgotten_first(make_cells: MakeCells) -> None:
    cells = make_cells(max_cells_per_kind=2)
    for key in ("a", "b", "a", "c"):
        counted(cells, "s", "kind", key)

    assert cells.update("s", "kind", "a", kept(0)) == 2
    assert cells.update("s", "kind", "b", kept(0)) == 0


def test_kind_never_pushes_out_another(make_cells: MakeCells) -> None:
    cells = make_cells(max_cells_per_kind=1)
    counted(cells, "s", "one", "key")
    for key in "abc":
        counted(cells, "s", "two", key)

    assert counted(cells, "s", "one", "key") == 2


def test_too_many_bytes_push_out_bytes_only(make_cells: MakeCells) -> None:
    cells = make_cells(max_bytes=10)
    counted(cells, "s", "kind", "key")
    for key in "ab":
        cells.update("s", "object", key, lambda _: b"x" * 6)

    assert cells.read_all("s", "object") == [b"x" * 6]
    assert counted(cells, "s", "kind", "key") == 2


def test_bound_of_values_is_for_each_session(make_cells: MakeCells) -> None:
    cells = make_cells(max_cells_per_kind=1)
    counted(cells, "s", "kind", "key")
    counted(cells, "t", "kind", "key")

    assert counted(cells, "s", "kind", "key") == 2


def test_session_not_used_for_longest_is_forgotten_first(make_cells: MakeCells) -> None:
    cells = make_cells(max_sessions=2)
    for session in ("s", "t", "s", "u"):
        counted(cells, session, "kind", "key")

    assert cells.update("s", "kind", "key", kept(0)) == 2
    assert cells.update("t", "kind", "key", kept(0)) == 0


def test_bounds_are_reached_before_anything_is_forgotten(make_cells: MakeCells) -> None:
    cells = make_cells(max_sessions=3, max_cells_per_kind=3)
    places = [(session, key) for session in "stu" for key in "abc"]
    for session, key in places:
        counted(cells, session, "kind", key)

    assert [counted(cells, session, "kind", key) for session, key in places] == [2] * 9


def test_change_that_fails_leaves_the_value_and_the_memory_usable(make_cells: MakeCells) -> None:
    cells = make_cells()
    counted(cells, "s", "kind", "key")

    def fail(value: int | None) -> int:
        raise ValueError(value)

    with pytest.raises(ValueError, match="1"):
        cells.update("s", "kind", "key", fail)

    assert counted(cells, "s", "kind", "key") == 2


def write(cells: Cells, session: str, key: str, value: bytes | None) -> None:
    def to_value(_: bytes | None) -> bytes | None:
        return value

    cells.update(session, "kind", key, to_value)


def test_value_is_read_without_being_changed(make_cells: MakeCells) -> None:
    cells = make_cells()
    counted(cells, "s", "kind", "key")

    assert [cells.read("s", "kind", "key") for _ in range(2)] == [1, 1]


@pytest.mark.parametrize("place", [("t", "kind", "a"), ("s", "other", "a"), ("s", "kind", "b")])
def test_nothing_is_read_where_nothing_is(
    make_cells: MakeCells, place: tuple[str, str, str]
) -> None:
    cells = make_cells()
    write(cells, "s", "a", b"x")

    assert cells.read(*place) is None
    assert not cells.forget("t")


def test_all_values_of_a_kind_are_read_the_least_changed_first(make_cells: MakeCells) -> None:
    cells = make_cells()
    for key, value in (("a", b"1"), ("b", b"2"), ("a", b"3"), ("c", b"4")):
        write(cells, "s", key, value)
    counted(cells, "s", "other", "key")

    assert cells.read_all("s", "kind") == [b"2", b"3", b"4"]
    assert cells.read_all("t", "kind") == []


def test_change_to_none_leaves_no_value(make_cells: MakeCells) -> None:
    cells = make_cells()
    write(cells, "s", "a", b"1")
    write(cells, "s", "a", None)
    write(cells, "s", "b", None)

    assert cells.read_all("s", "kind") == []


def test_oldest_values_are_forgotten_when_there_are_too_many_bytes(make_cells: MakeCells) -> None:
    cells = make_cells(max_bytes=10)
    for key in "abc":
        write(cells, "s", key, b"1234")

    assert [cells.read("s", "kind", key) for key in "abc"] == [None, b"1234", b"1234"]


def test_bytes_of_all_sessions_count_and_the_oldest_session_loses_first(
    make_cells: MakeCells,
) -> None:
    cells = make_cells(max_bytes=10)
    write(cells, "s", "a", b"1234")
    write(cells, "t", "a", b"1234")
    write(cells, "u", "a", b"12345678")

    assert [cells.read(session, "kind", "a") for session in "stu"] == [None, None, b"12345678"]


def test_value_larger_than_all_is_not_kept(make_cells: MakeCells) -> None:
    cells = make_cells(max_bytes=10)
    write(cells, "s", "a", b"x" * 11)

    assert cells.read("s", "kind", "a") is None


def test_bytes_that_are_gone_do_not_count(make_cells: MakeCells) -> None:
    cells = make_cells(max_bytes=10, max_sessions=2, max_cells_per_kind=2)
    write(cells, "s", "a", b"123456")
    write(cells, "s", "a", b"1")
    write(cells, "s", "b", b"123456")
    write(cells, "s", "b", None)
    write(cells, "t", "a", b"123456")
    cells.forget("t")
    for key in "cde":
        write(cells, "s", key, b"1234")

    assert cells.read_all("s", "kind") == [b"1234", b"1234"]


def test_numbers_do_not_count_as_bytes(make_cells: MakeCells) -> None:
    cells = make_cells(max_bytes=1)
    for key in "abc":
        counted(cells, "s", "kind", key)

    assert cells.read_all("s", "kind") == [1, 1, 1]


def test_no_count_is_lost_or_given_twice_among_8_threads(make_cells: MakeCells) -> None:
    cells = make_cells()
    together = threading.Barrier(8)

    def thousand(_: int) -> list[int]:
        together.wait()
        return [counted(cells, "s", "kind", b"key") for _ in range(1_000)]

    with ThreadPoolExecutor(8) as threads:
        numbers = [number for each in threads.map(thousand, range(8)) for number in each]

    assert sorted(numbers) == list(range(1, 8_001))


def test_bounds_hold_among_8_threads(make_cells: MakeCells) -> None:
    cells = make_cells(max_sessions=4, max_cells_per_kind=4)
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


PLAIN = [
    True,
    False,
    0,
    -1,
    2**63 - 1,
    -(2**63),
    0.5,
    float("inf"),
    "",
    "ä\0",
    b"",
    b"\0\xff",
    (),
    (1, "a", b"b", None, (2.0, (False, ()))),
]


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_values_come_back_as_they_are(make_cells: MakeCells, value: object) -> None:
    cells = make_cells()
    cells.update("s", "kind", "key", lambda _: value)
    found = cells.read("s", "kind", "key")
    changed: list[object] = []

    def see(found: object) -> object:
        changed.append(found)
        return found

    cells.update("s", "kind", "key", see)

    assert (found, type(found)) == (value, type(value))
    assert changed == cells.read_all("s", "kind") == [value]


def test_named_tuple_comes_back_as_a_tuple(make_cells: MakeCells) -> None:
    cells = make_cells()
    cells.update("s", "kind", "key", lambda _: Bucket(1.5, 2.0))

    assert cells.read("s", "kind", "key") == (1.5, 2.0, True)


@pytest.mark.parametrize("name", ["\ud800", "a\0b", "\U0001f600", " "], ids=ascii)
def test_any_text_is_a_name(make_cells: MakeCells, name: str) -> None:
    cells = make_cells()
    counted(cells, name, "kind", name)

    assert counted(cells, name, "kind", name) == 2


@pytest.mark.parametrize("seed", range(20))
def test_back_ends_forget_alike(make_cells: MakeCells, seed: int) -> None:
    drawn = random.Random(seed)
    bounds = {"max_sessions": 3, "max_cells_per_kind": 3, "max_bytes": 20}
    one, other = make_cells(**bounds), MemoryCells(**bounds)

    for _ in range(300):
        step = step_of(drawn)

        assert step(one) == step(other)


def step_of(drawn: random.Random) -> Callable[[Cells], object]:
    """Return something to do with cells."""
    session, kind, key = drawn.choice("stuv"), drawn.choice("kl"), drawn.choice("abcde")
    value = drawn.choice([None, None, 1, "a", b"1234", b"1234567", b"x" * 21])
    match drawn.randrange(10):
        case 0:
            return lambda cells: cells.forget(session)
        case 1 | 2:
            return lambda cells: cells.read_all(session, kind)
        case 3:
            return lambda cells: cells.read(session, kind, key)
        case _:
            return lambda cells: cells.update(session, kind, key, lambda _: value)


def test_bounds_of_many_hold(make_cells: MakeCells) -> None:
    cells = make_cells(max_sessions=100, max_cells_per_kind=100)
    for number in range(1_000):
        counted(cells, f"{number}", "kind", "key")
        counted(cells, "s", "kind", f"{number}")

    left = [name for name in map(str, range(1_000)) if cells.read(name, "kind", "key")]
    assert 90 <= len(left) <= 99
    assert left[-1] == "999"
    assert 90 <= len(cells.read_all("s", "kind")) <= 100
