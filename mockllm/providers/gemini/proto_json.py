"""Protocol buffers' JSON: members may be spelled `systemInstruction` or `system_instruction`.

Source: https://protobuf.dev/programming-guides/json/, read 2026-11-22.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from mockllm.wire import typed

T = TypeVar("T")

_SNAKE_MEMBER = re.compile(rb'"[a-z]+_[a-z_]+"\s*:')
_UNDERSCORE = re.compile(r"_([a-z])")
_CAPITAL = re.compile(r"[A-Z]")
_FREE = frozenset(
    {"args", "response", "parameters", "parametersJsonSchema", "responseSchema"}
    | {"responseJsonSchema", "labels", "partMetadata"}
)
"""Members whose own members are the client's, and keep their names."""

_MAX_DEPTH = 16  # nothing that is read stands deeper

_anything = msgspec.json.Decoder()


def decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Return the body as `decoder` types it, however its members are spelled.

    Raises:
        MalformedBody: the body is not JSON, not UTF-8, or nested too deeply.
        InvalidRequest: a member is missing or of the wrong type.
    """
    if not _SNAKE_MEMBER.search(body):
        return typed.decode(body, decoder)
    return typed.convert(_camel(typed.decode(body, _anything), 0), decoder.type, ())


def snake(name: str) -> str:
    """Return a member as protocol buffers name it, and the API's errors: `system_instruction`."""
    return _CAPITAL.sub(lambda found: f"_{found[0].lower()}", name)


def camel(name: str) -> str:
    """Return a member as the reference spells it: `systemInstruction`."""
    return _UNDERSCORE.sub(lambda found: found[1].upper(), name)


def either(members: Mapping[str, Any], name: str) -> Any:
    """Return a member of an object as it was sent, by either spelling; None when it is absent."""
    found = members.get(name)
    return members.get(snake(name)) if found is None else found


def _camel(value: Any, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        return value
    match value:
        case dict():
            named = ((camel(key), each) for key, each in value.items())
            return {key: each if key in _FREE else _camel(each, depth + 1) for key, each in named}
        case list():
            return [_camel(each, depth + 1) for each in value]
        case _:
            return value
