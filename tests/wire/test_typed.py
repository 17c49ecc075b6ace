"""Decoding: errors as data, unknown kinds let through."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta, Struct

from mockllm.core.model import Text, Unknown
from mockllm.errors import InvalidRequest, MalformedBody
from mockllm.wire import typed


class Inner(Struct):
    name: str


class Outer(Struct):
    inner: Inner
    names: Annotated[list[str], Meta(min_length=1)] | None = None
    count: Annotated[int, Meta(ge=0)] | None = None
    content: str | list[dict[str, Any]] | None = None
    items: list[Inner] = []


DECODER = msgspec.json.Decoder(Outer)
TABLE: typed.PartTable = {"text": (Inner, lambda inner, _: Text(inner.name))}


@pytest.mark.parametrize(
    ("body", "fault", "path", "expected", "actual"),
    [
        (b"{}", "missing", ("inner",), "", ""),
        (b'{"inner": {}}', "missing", ("inner", "name"), "", ""),
        (b'{"inner": {"name": 1}}', "type", ("inner", "name"), "str", "int"),
        (b"[]", "type", (), "object", "array"),
        (b'{"inner": {"name": ""}, "names": []}', "empty", ("names",), "array", ""),
        (b'{"inner": {"name": ""}, "names": ["a", 1]}', "type", ("names", 1), "str", "int"),
        (b'{"inner": {"name": ""}, "count": -1}', "value", ("count",), ">= 0", "-1"),
        (
            b'{"inner": {"name": ""}, "content": 1}',
            "type",
            ("content",),
            "str | array | null",
            "int",
        ),
        (b'{"inner": {"name": ""}, "items": [{}]}', "missing", ("items", 0, "name"), "", ""),
        (b'{"inner": {"name": ""}, "count": -1, "x": [', "value", ("count",), ">= 0", ""),
        (b'{"inner": {"name": ""}, "count": 1e999}', "value", ("count",), "", ""),
    ],
)
def test_wrong_shape_is_told_as_data(
    body: bytes, fault: str, path: tuple[Any, ...], expected: str, actual: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        typed.decode(body, DECODER)

    error = caught.value
    assert (error.fault, error.path, error.actual) == (fault, path, actual)
    assert expected in error.expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is empty"),
        (b" \n", "the body is empty"),
        (b"\xff", "invalid character (byte 0)"),
        (b'{"inner": {"name": "\xff"}}', "the body is not valid UTF-8"),
        (b'{"new": ' + b"[" * 100_000, "the body is nested too deeply"),
        (b'{"content": "\\ud800"}', "a string has a lone surrogate"),
        (b'{"content": "\\ud800 and more text"}', "surrogate"),
        (b'{"content": NaN}', "invalid character (byte 12)"),
    ],
)
def test_what_is_not_json_is_told_in_words(body: bytes, message: str) -> None:
    with pytest.raises(MalformedBody) as caught:
        typed.decode(body, DECODER)

    assert message in caught.value.message


def test_parts_go_by_their_type_and_unknown_ones_are_kept() -> None:
    new = {"type": "new", "x": 1}

    found = typed.parts([{"type": "text", "name": "hi"}, new], TABLE, ("content",))

    assert found == (Text("hi"), Unknown("new", new))


@pytest.mark.parametrize(
    ("item", "fault", "path", "actual"),
    [
        ({}, "missing", ("content", 1, "type"), ""),
        ({"type": 5}, "type", ("content", 1, "type"), "int"),
        ({"type": None}, "type", ("content", 1, "type"), "null"),
        ({"type": "text"}, "missing", ("content", 1, "name"), ""),
        ({"type": "text", "name": []}, "type", ("content", 1, "name"), "array"),
    ],
)
def test_wrong_part_names_its_place(
    item: dict[str, Any], fault: str, path: tuple[Any, ...], actual: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        typed.parts([{"type": "new"}, item], TABLE, ("content",))

    assert (caught.value.fault, caught.value.path, caught.value.actual) == (fault, path, actual)


def test_what_was_read_of_a_short_body_is_kept() -> None:
    asked: list[bytes] = []

    @typed.kept
    def read(body: bytes) -> list[str]:
        asked.append(body)
        if not body:
            raise MalformedBody("empty")
        return [body.decode()]

    long = b"x" * 3_000

    assert read(b"a") is read(b"a")
    assert read(long) == read(long)
    for _ in range(2):
        with pytest.raises(MalformedBody):
            read(b"")
    assert asked == [b"a", long, long, b"", b""]
