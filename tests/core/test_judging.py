"""Requests as they are judged."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec
import pytest

from mockllm.core.judging import (
    MAX_VERDICTS,
    Asked,
    listed,
    shown_name,
    verdicts,
)
from mockllm.core.model import Image, Message, Text, ToolResult
from mockllm.core.raw import Raw
from mockllm.core.rules import Model
from mockllm.core.subject import Subject
from mockllm.errors import Unfit
from tests.core.builders import request, user

_number = msgspec.json.Decoder(float)


def asked(body: bytes = b"{}", model: Model | None = None, *messages: Message) -> Asked:
    raw = Raw("POST", "/v1/chat/completions", "", {}, body)
    return Asked(Subject(request(*messages), raw), model)


def test_member_is_decoded_by_its_type() -> None:
    assert asked(b'{"temperature": 1}').member("temperature", _number) == 1.0


@pytest.mark.parametrize("body", [b"{}", b'{"t": null}', b'{"t":null }', b'{"t": "1"}'])
def test_member_that_is_absent_null_or_of_another_type_is_none(body: bytes) -> None:
    assert asked(body).member("t", _number) is None


def test_member_that_nobody_can_read_is_none() -> None:
    anything = msgspec.json.Decoder(object)

    assert asked(b'{"t": "\xff"}').member("t", anything) is None
    assert asked(b'{"t": %s1%s}' % (b"[" * 9_000, b"]" * 9_000)).member("t", anything) is None


def test_body_with_a_name_that_is_no_text_has_no_members() -> None:
    assert asked(b'{"\xff": 1, "a": 1}').members == {}


def test_null_members_are_absent() -> None:
    assert list(asked(b'{"a": null, "b": 0}').members) == ["b"]


def test_model_of_which_nothing_is_known_lacks_nothing() -> None:
    assert not asked().lacks("vision")
    assert not asked(b"{}", Model("m")).lacks("vision")


def test_model_lacks_what_its_capabilities_do_not_name() -> None:
    model = Model("m", capabilities=("tools",))

    assert asked(b"{}", model).lacks("vision")
    assert not asked(b"{}", model).lacks("tools")


def test_parts_of_results_are_parts_too() -> None:
    image = Image("data:,")
    result = ToolResult("c1", (image,))

    found = asked(b"{}", None, user("look"), Message("tool", (result,)))

    assert list(found.parts) == [Text("look"), result, image]


def test_tokens_are_those_of_the_messages() -> None:
    assert asked(b"{}", None, user("one two three")).input_tokens > 0


def test_verdicts_come_in_the_order_of_the_judgements() -> None:
    def first(_: Asked) -> Iterator[Unfit]:
        yield Unfit("a")

    def second(_: Asked) -> Iterator[Unfit]:
        yield Unfit("b")

    assert [each.message for each in verdicts((first, second), asked())] == ["a", "b"]


def test_verdicts_are_bounded() -> None:
    def endless(_: Asked) -> Iterator[Unfit]:
        return map(Unfit, map(str, itertools.count()))

    assert len(list(verdicts((endless, endless), asked()))) == MAX_VERDICTS


def test_few_names_are_listed_whole() -> None:
    assert listed(["a", "b"]) == "a, b"


def test_many_names_are_listed_up_to_a_bound() -> None:
    text = listed(map(str, itertools.count()))

    assert text.startswith("0, 1, ")
    assert text.endswith("19, …")


def test_long_name_is_cut() -> None:
    assert shown_name("x" * 101) == f"{'x' * 100}…"
    assert shown_name("x" * 100) == "x" * 100
