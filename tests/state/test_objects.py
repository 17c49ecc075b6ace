"""Objects that clients have stored: kept apart by session and kind, and bounded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec import structs

from mockllm.core.model import (
    Audio,
    File,
    Image,
    Message,
    ObjectName,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
)
from mockllm.core.objects import Objects, StoredObject
from mockllm.state.objects import SessionObjects
from tests.state.conftest import MakeCells

NAME = ObjectName("response", "resp_1")
STORED = StoredObject("resp_1", {"id": "resp_1", "n": [1, 2.5, None]}, ({"type": "message"},))


@pytest.fixture
def objects(make_cells: MakeCells) -> Objects:
    return SessionObjects(make_cells(), "s")


def test_stored_object_is_found_again(objects: Objects) -> None:
    objects.put("response", STORED)

    assert objects.get(NAME) == STORED


@pytest.mark.parametrize(
    "part",
    [
        Text("ä"),
        Image("data:,"),
        Audio("wav"),
        File("a.pdf"),
        ToolCall("c1", "f", "{", is_drawn=True),
        ToolResult("c1", (Text("a"), Image("b")), is_error=True),
        Reasoning("hm", "sig"),
        Refusal("no"),
        Unknown("new", {"type": "new", "x": [1]}),
    ],
    ids=lambda part: type(part).__name__,
)
def test_every_kind_of_part_is_kept(part: Part, objects: Objects) -> None:
    stored = structs.replace(STORED, thread=(Message("user", (part,)),), ready_at_s=1.5)
    objects.put("response", stored)

    assert objects.get(NAME) == stored


@pytest.mark.parametrize(
    "name", [ObjectName("conversation", "resp_1"), ObjectName("response", "resp_2")]
)
def test_nothing_is_found_under_another_name(name: ObjectName, objects: Objects) -> None:
    objects.put("response", STORED)

    assert objects.get(name) is None


def test_sessions_have_their_own(make_cells: MakeCells) -> None:
    cells = make_cells()
    SessionObjects(cells, "s").put("response", STORED)

    assert SessionObjects(cells, "t").get(NAME) is None
    assert SessionObjects(cells, "t").all("response") == []


def test_later_object_replaces_that_of_its_name(objects: Objects) -> None:
    objects.put("response", STORED)
    objects.put("response", structs.replace(STORED, body={}))

    assert objects.all("response") == [structs.replace(STORED, body={})]


def test_change_replaces_and_returns_the_new_one(objects: Objects) -> None:
    objects.put("response", STORED)

    changed = objects.change(NAME, lambda found: structs.replace(found, body={"n": 1}))

    assert changed == structs.replace(STORED, body={"n": 1})
    assert objects.get(NAME) == changed


def test_change_of_what_is_not_there_stores_nothing(objects: Objects) -> None:
    assert objects.change(NAME, lambda found: found) is None
    assert objects.all("response") == []


def test_removed_object_is_gone(objects: Objects) -> None:
    objects.put("response", STORED)

    assert [objects.remove(NAME), objects.remove(NAME)] == [True, False]
    assert objects.get(NAME) is None


def test_all_of_a_kind_come_the_oldest_first(objects: Objects) -> None:
    stored = [StoredObject(each, {"id": each}) for each in "bac"]
    for each in stored:
        objects.put("response", each)
    objects.put("conversation", STORED)

    assert objects.all("response") == stored


def test_what_is_too_much_forgets_the_oldest(make_cells: MakeCells) -> None:
    objects = SessionObjects(make_cells(max_bytes=1_000), "s")
    for number in range(5):
        objects.put("response", StoredObject(str(number), {"text": "x" * 300}))

    assert [each.id for each in objects.all("response")] == ["3", "4"]


def test_integers_may_have_any_size(objects: Objects) -> None:
    stored = structs.replace(STORED, body={"big": 10**30, "small": -(10**30), "n": 1.5})
    objects.put("response", stored)

    assert objects.get(NAME) == stored


def test_changes_from_many_threads_are_all_there(objects: Objects) -> None:
    objects.put("response", structs.replace(STORED, items=()))

    def add(number: int) -> None:
        item = {"id": number}
        objects.change(NAME, lambda found: structs.replace(found, items=(*found.items, item)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(200)))

    found = objects.get(NAME)
    assert found is not None
    assert sorted(item["id"] for item in found.items) == list(range(200))


def test_object_beyond_all_bounds_is_not_kept(make_cells: MakeCells) -> None:
    objects = SessionObjects(make_cells(max_bytes=1_000), "s")

    objects.put("response", structs.replace(STORED, body={"text": "x" * 2_000}))

    assert objects.get(NAME) is None


def test_sessions_in_which_nothing_was_found_are_not_remembered(make_cells: MakeCells) -> None:
    cells = make_cells(max_sessions=2)

    for number in range(10):
        SessionObjects(cells, f"{number}").remove(NAME)
        SessionObjects(cells, f"{number}").change(NAME, lambda found: found)

    assert [cells.forget(f"{number}") for number in range(10)] == [False] * 10
