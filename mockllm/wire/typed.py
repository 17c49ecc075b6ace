"""Decoding JSON bodies into typed schemas, letting unknown kinds of things through.

Unknown members are ignored by the structs; unknown kinds of parts go through a table by `type`,
because msgspec's tagged unions refuse tags they do not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, TypeVar

import msgspec

from mockllm.core.model import Part, Unknown
from mockllm.errors import InvalidRequest, MalformedBody

T = TypeVar("T")
Path = tuple[str | int, ...]
PartTable = Mapping[str, tuple[type[Any], Callable[[Any, Path], Part]]]

_MISSING = re.compile(r"Object missing required field `([^`]*)`")
_WRONG_TYPE = re.compile(r"Expected `([^`]*)`, got `([^`]*)`")
_OUT_OF_BOUNDS = re.compile(r"Expected `([^`]*)` (.*)")
_MAX_SHOWN = 10**18
_MAX_KEPT = 2_000
_MAX_KEPT_BYTES = 2_000
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Return the body as `decoder` types it.

    Raises:
        MalformedBody: the body is not JSON, not UTF-8, or nested too deeply.
        InvalidRequest: a member is missing or of the wrong type.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _with_value(_invalid(str(error)), body) from None
    except UnicodeDecodeError:
        raise MalformedBody("the body is not valid UTF-8") from None
    except RecursionError:
        raise MalformedBody("the body is nested too deeply") from None
    except msgspec.DecodeError as error:
        raise MalformedBody(_explain(body, str(error))) from None


def kept(read: Callable[[bytes], T]) -> Callable[[bytes], T]:
    """Decorate what reads a body and looks at nothing else: what it makes of short ones is kept,
    for most of what a mock is asked it was asked before. Nobody may change what is kept."""
    remembered = lru_cache(_MAX_KEPT)(read)

    @wraps(read)
    def found(body: bytes) -> T:
        return remembered(body) if len(body) <= _MAX_KEPT_BYTES else read(body)

    return found


def convert(value: Any, kind: type[T], path: Path) -> T:
    """Return a decoded value as `kind`; `path` is where it stands in the body.

    Raises:
        InvalidRequest: a member is missing or of the wrong type.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), path) from None


def parts(items: Sequence[Mapping[str, Any]], table: PartTable, path: Path) -> tuple[Part, ...]:
    """Return content parts by the table of kinds; a kind that is not in it becomes `Unknown`.

    Raises:
        InvalidRequest: a part of a known kind lacks a member, or has it of the wrong type.
    """
    return tuple(_part(item, table, (*path, index)) for index, item in enumerate(items))


def _part(item: Mapping[str, Any], table: PartTable, path: Path) -> Part:
    if "type" not in item:
        raise InvalidRequest("missing", (*path, "type"), "str")
    kind = item["type"]
    if not isinstance(kind, str):
        raise InvalidRequest("type", (*path, "type"), "str", _json_type(kind))
    if kind not in table:
        return Unknown(kind, item)
    schema, build = table[kind]
    return build(convert(item, schema, path), path)


def _json_type(value: Any) -> str:
    return {dict: "object", list: "array", type(None): "null"}.get(
        type(value), type(value).__name__
    )


def _invalid(text: str, prefix: Path = ()) -> InvalidRequest:
    """Return msgspec's message as data; its wording is all that it offers."""
    what, _, where = text.partition(" - at `")
    steps = (int(index) if index else name for name, index in _STEP.findall(where.rstrip("`")))
    path = (*prefix, *steps)
    if found := _MISSING.match(what):
        return InvalidRequest("missing", (*path, found[1]))
    if found := _WRONG_TYPE.match(what):
        return InvalidRequest("type", path, found[1], found[2])
    found = _OUT_OF_BOUNDS.match(what)
    if found and found[2] == "of length >= 1":
        return InvalidRequest("empty", path, found[1])
    return InvalidRequest("value", path, found[2] if found else "in the range of its type")


def _with_value(error: InvalidRequest, body: bytes) -> InvalidRequest:
    """Return the error with the number that is out of bounds, which msgspec does not tell."""
    if error.fault != "value":
        return error
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return error  # validation ended before what is no JSON
    for step in error.path:
        value = value[step]
    is_shown = isinstance(value, int | float) and abs(value) < _MAX_SHOWN
    actual = str(value) if is_shown else ""
    return InvalidRequest("value", error.path, error.expected, actual)


def _explain(body: bytes, message: str) -> str:
    if not body.strip():
        return "the body is empty"
    if b"\\ud" in body.lower() and "truncated" in message:
        return "a string has a lone surrogate (\\ud800 to \\udfff must come in pairs)"
    return message.replace("JSON is malformed: ", "")
