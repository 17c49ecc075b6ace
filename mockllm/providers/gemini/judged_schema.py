"""What Google's API refuses of a schema in OpenAPI's manner: what JSON Schema has besides, and
what contradicts itself.

Sources: as `judgements`. What is wrong to read is told by the number of a property, what is wrong
besides by its name, as the API does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from mockllm.core.judging import Asked, shown_name
from mockllm.errors import Unfit
from mockllm.providers.gemini import parameters, refusals
from mockllm.providers.gemini.proto_json import camel, either

MAX_SCHEMAS = 10_000
"""How many schemas of a request are looked at, with those inside others."""

_MAX_PATH_LENGTH = 2_000
_OBJECT_ONLY = ("properties", "required")


class Placed(Struct, frozen=True):
    """A schema, and where it stands: by numbers, and by names. `must_say` tells that an object
    must say what it holds."""

    schema: Mapping[str, Any]
    number_path: str
    name_path: str
    must_say: bool = False


def is_vertex(asked: Asked) -> bool:
    """Whether the request came to one of Vertex AI's URLs."""
    return "/publishers/" in asked.raw.path


def read(placed: Sequence[Placed], asked: Asked) -> Iterator[Unfit]:
    """Yield what cannot be read of schemas."""
    known = parameters.VERTEX_SCHEMA if is_vertex(asked) else parameters.SCHEMA
    for each in _nested(placed):
        path = each.number_path
        for name in each.schema:
            if camel(name) not in known:
                yield refusals.unknown_name(name, path)
        yield from _type(each.schema.get("type"), path)
        for name in ("enum", "required"):
            for index, value in enumerate(_items(each.schema.get(name))):
                if not isinstance(value, str):
                    yield refusals.invalid_value(f"{path}.{name}[{index}]", "TYPE_STRING", value)


def _type(kind: Any, path: str) -> Iterator[Unfit]:
    if isinstance(kind, list):
        yield refusals.no_list("type", path)
    elif isinstance(kind, str) and kind.upper() not in parameters.TYPES:
        yield refusals.invalid_value(f"{path}.type", f"{refusals.PACKAGE}Type", kind)


def understood(placed: Sequence[Placed]) -> Iterator[Unfit]:
    """Yield what can be read of schemas and makes no sense."""
    for each in _nested(placed):
        yield from _senseless(each)


def _senseless(placed: Placed) -> Iterator[Unfit]:
    schema, path = placed.schema, placed.name_path
    kind = schema.get("type")
    if isinstance(kind, str) and kind.upper() == "OBJECT":
        yield from _object(placed)
    elif not isinstance(kind, list):
        for name in _OBJECT_ONLY:
            if schema.get(name):
                yield refusals.broken_rule(f"{path}.{name}", "only allowed for OBJECT type")
    is_array = isinstance(kind, str) and kind.upper() == "ARRAY"
    if is_array and not isinstance(schema.get("items"), dict):
        yield refusals.broken_rule(f"{path}.items", "missing field.")
    for index, value in enumerate(_items(schema.get("enum"))):
        if value == "":
            yield refusals.broken_rule(f"{path}.enum[{index}]", "cannot be empty")


def _object(placed: Placed) -> Iterator[Unfit]:
    schema, path = placed.schema, placed.name_path
    properties = _members(schema.get("properties"))
    if placed.must_say and not properties and not _is_open(schema):
        yield refusals.broken_rule(f"{path}.properties", "should be non-empty for OBJECT type")
    for index, name in enumerate(_items(schema.get("required"))):
        if isinstance(name, str) and name not in properties:
            yield refusals.broken_rule(f"{path}.required[{index}]", "property is not defined")


def _is_open(schema: Mapping[str, Any]) -> bool:
    """Whether an object may hold anything, by what is said elsewhere."""
    return any(either(schema, name) for name in ("additionalProperties", "anyOf", "ref", "$ref"))


def _nested(placed: Sequence[Placed]) -> Iterator[Placed]:
    """Yield schemas and those inside them, up to a bound."""
    waiting = list(reversed(placed))
    for _ in range(MAX_SCHEMAS):
        if not waiting:
            return
        found = waiting.pop()
        yield found
        waiting += reversed([*_inside(found)])


def _inside(placed: Placed) -> Iterator[Placed]:
    numbers, names, must_say = placed.number_path, placed.name_path, placed.must_say
    if len(names) > _MAX_PATH_LENGTH:
        return
    members = _members(placed.schema.get("properties"))
    for index, (name, schema) in enumerate(members.items()):
        if isinstance(schema, dict):
            named = f"{names}.properties[{shown_name(name)}]"
            yield Placed(schema, f"{numbers}.properties[{index}].value", named, must_say)
    items = placed.schema.get("items")
    if isinstance(items, dict):
        yield Placed(items, f"{numbers}.items", f"{names}.items", must_say)
    for index, schema in enumerate(_items(either(placed.schema, "anyOf"))):
        if isinstance(schema, dict):
            inside = f".any_of[{index}]"
            yield Placed(schema, numbers + inside, names + inside, must_say)


def _members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
