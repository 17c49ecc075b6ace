"""Going on from a stored conversation: its messages, its tools, and what is cached of it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from mockllm.core.model import CacheMark, Message, ObjectName, Request, Text, Tool
from mockllm.core.objects import StoredObject, continued
from mockllm.errors import ObjectNotFound
from mockllm.state.memory import MemoryCells
from mockllm.state.objects import SessionObjects
from tests.core.builders import assistant, request, user

TOOL = Tool("f", "Does it.", {"type": "object"})
MARK = CacheMark(b"0123456789abcdef", 5, 300)
THREAD = (user("one two"), assistant("three"))
NAME = ObjectName("message", "m1")


@pytest.fixture
def objects() -> SessionObjects:
    found = SessionObjects(MemoryCells(), "s")
    found.put("message", StoredObject("m1", {}, thread=THREAD, tools=(TOOL,), cache_marks=(MARK,)))
    return found


def going_on(**members: Any) -> Request:
    return structs.replace(request(user("four")), continues=NAME, **members)


def test_request_that_continues_nothing_is_as_it_was(objects: SessionObjects) -> None:
    asked = request(user("hi"))

    assert continued(asked, objects) is asked


def test_messages_and_tools_come_first(objects: SessionObjects) -> None:
    own = Tool("g")

    found = continued(going_on(tools=(own,)), objects)

    assert found.messages == (*THREAD, Message("user", (Text("four"),)))
    assert found.tools == (TOOL, own)


def test_request_without_marks_gets_none(objects: SessionObjects) -> None:
    assert continued(going_on(), objects).cache_marks == ()


def test_marks_stand_behind_what_was_said_before(objects: SessionObjects) -> None:
    held, own = continued(going_on(cache_marks=(MARK,)), objects).cache_marks

    assert held == CacheMark(MARK.digest, 5)
    assert (own.tokens, own.ttl_s) == (3 + (1 + 3 + 5) + 5, 300)
    assert own.digest != MARK.digest


def test_marks_that_are_held_are_bounded(objects: SessionObjects) -> None:
    many = tuple(CacheMark(bytes([number] * 16), number) for number in range(250))
    objects.put("message", StoredObject("m1", {}, cache_marks=many))

    found = continued(going_on(cache_marks=(MARK,)), objects).cache_marks

    assert [mark.tokens for mark in found[:-1]] == list(range(150, 250))


def test_unknown_conversation_is_not_found() -> None:
    with pytest.raises(ObjectNotFound) as caught:
        continued(going_on(), SessionObjects(MemoryCells(), "s"))

    assert caught.value.is_continued
