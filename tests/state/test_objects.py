"""Stored objects in cells."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from msgspec import structs

from mockllm.core.model import (
    Audio,
    File,
    Image,
    Message,
    ObjectName,
    Part,
    Reasoning,
    Reference,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
)
from mockllm.core.objects import StoredObject
from mockllm.state.memory import MemoryCells
from mockllm.state.objects import SessionObjects

NAME = ObjectName("response", "r1")
PARTS: tuple[Part, ...] = (
    Text("a"),
    Image("b"),
    Audio("wav"),
    File("f"),
    ToolCall("c", "n", "{}", is_drawn=True),
    ToolResult("c", (Text("d"), Image("e")), is_error=True),
    Reasoning("f", "g"),
    Refusal("h"),
    Unknown("new", {"i": [1, None, 10**30]}),
    Reference("j"),
)


def stored(object_id: str = "r1", size: int = 0) -> StoredObject:
    body = {"id": object_id, "n": 1.5, "big": -(10**30), "text": "x" * size}
    return StoredObject(object_id, body, ({"a": {}},), (Message("user", PARTS),), 12.25)


def test_object_is_read_as_it_was_stored() -> None:
    objects = SessionObjects(MemoryCells(), "s")

    objects.put("response", stored())

    assert objects.get(NAME) == stored()


def test_objects_are_told_apart_by_session_kind_and_id() -> None:
    cells = MemoryCells()
    SessionObjects(cells, "s").put("response", stored())

    assert SessionObjects(cells, "other").get(NAME) is None
    assert SessionObjects(cells, "s").get(ObjectName("item", "r1")) is None
    assert SessionObjects(cells, "s").get(ObjectName("response", "r2")) is None


def test_objects_of_a_kind_come_the_oldest_first() -> None:
    objects = SessionObjects(MemoryCells(), "s")
    for kind, object_id in (("response", "b"), ("item", "x"), ("response", "a")):
        objects.put(kind, stored(object_id))

    assert [each.id for each in objects.all("response")] == ["b", "a"]


def test_change_returns_what_is_stored() -> None:
    objects = SessionObjects(MemoryCells(), "s")
    objects.put("response", stored())

    changed = objects.change(NAME, lambda found: structs.replace(found, body={"new": 1}))

    assert changed == objects.get(NAME) == structs.replace(stored(), body={"new": 1})


def test_change_of_nothing_stores_nothing() -> None:
    cells = MemoryCells()

    assert SessionObjects(cells, "s").change(NAME, lambda found: found) is None
    assert cells.forget("s") is False


def test_removing_says_whether_there_was_anything() -> None:
    cells = MemoryCells()
    objects = SessionObjects(cells, "s")
    objects.put("response", stored())

    assert (objects.remove(NAME), objects.remove(NAME)) == (True, False)
    assert objects.get(NAME) is None
    assert cells.forget("s") is False


def test_changes_from_many_threads_are_all_there() -> None:
    objects = SessionObjects(MemoryCells(), "s")
    objects.put("response", stored())

    def add(number: int) -> None:
        item = {"id": number}
        objects.change(NAME, lambda found: structs.replace(found, items=(*found.items, item)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(200)))

    found = objects.get(NAME)
    assert found is not None
    assert sorted(item["id"] for item in found.items[1:]) == list(range(200))


def test_oldest_objects_are_forgotten_when_they_are_too_many_bytes() -> None:
    objects = SessionObjects(MemoryCells(max_bytes=10_000), "s")
    for number in range(10):
        objects.put("response", stored(f"r{number}", 3_000))

    assert [each.id for each in objects.all("response")] == ["r8", "r9"]


def test_object_beyond_all_bounds_is_not_kept() -> None:
    objects = SessionObjects(MemoryCells(max_bytes=10_000), "s")

    objects.put("response", stored(size=20_000))

    assert objects.get(NAME) is None


def test_sessions_in_which_nothing_was_found_are_not_remembered() -> None:
    cells = MemoryCells(max_sessions=2)
    SessionObjects(cells, "s").put("response", stored())

    for number in range(10):
        SessionObjects(cells, f"other {number}").remove(NAME)

    assert SessionObjects(cells, "s").get(NAME) == stored()
    assert [cells.forget(f"other {number}") for number in range(10)] == [False] * 10
