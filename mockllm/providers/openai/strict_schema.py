"""What strict mode refuses of a JSON Schema.

Source: https://platform.openai.com/docs/guides/structured-outputs (supported schemas), read
2026-11-22. The first fault is told, as the API does. Departure: how deep and how large a schema
may be, and which words about numbers and texts it may hold, is not looked at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from mockllm.core.judging import shown_name

MAX_SCHEMAS = 10_000
"""How many of the schemas in a schema are looked at."""

_INSIDE = ("properties", "$defs", "definitions")
_LISTS = ("anyOf", "prefixItems")
_REFUSED = ("oneOf", "allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas")

Context = tuple[str, ...]


def strict_fault(schema: Mapping[str, Any]) -> str | None:
    """Return why strict mode refuses a schema, in the API's words; None when it does not."""
    if schema.get("type") != "object":
        kind = schema.get("type")
        shown = shown_name(str(kind))
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{shown}\"'."
    return next(_faults(schema), None)


def _faults(root: Mapping[str, Any]) -> Iterator[str]:
    waiting: deque[tuple[Context, Mapping[str, Any]]] = deque([((), root)])
    seen = 0
    while waiting and seen < MAX_SCHEMAS:
        context, schema = waiting.popleft()
        seen += 1
        yield from _own_faults(schema, context)
        for each in _inner(schema, context):
            waiting.append(each)
            if len(waiting) >= MAX_SCHEMAS:
                break


def _own_faults(schema: Mapping[str, Any], context: Context) -> Iterator[str]:
    shown = tuple(map(shown_name, context[-20:]))
    for key in _REFUSED:
        if key in schema:
            yield f"In context={shown}, '{key}' is not permitted."
    kind, properties = schema.get("type"), schema.get("properties")
    is_object = kind == "object" or (isinstance(kind, list) and "object" in kind)
    if not is_object and not isinstance(properties, dict):
        return
    if schema.get("additionalProperties") is not False:
        yield (
            f"In context={shown}, 'additionalProperties' is required to be supplied and to be"
            " false."
        )
    required = schema.get("required")
    named = set(filter(_is_text, required)) if isinstance(required, list) else ()
    wanted = properties if isinstance(properties, dict) else {}
    missing = next((key for key in wanted if key not in named), None)
    if missing is not None:
        yield (
            f"In context={shown}, 'required' is required to be supplied and to be an array"
            f" including every key in properties. Missing '{shown_name(missing)}'."
        )


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _inner(
    schema: Mapping[str, Any], context: Context
) -> Iterator[tuple[Context, Mapping[str, Any]]]:
    for key in _INSIDE:
        inside = schema.get(key)
        for name, inner in inside.items() if isinstance(inside, dict) else ():
            if isinstance(inner, dict):
                yield (*context, key, name), inner
    for key in _LISTS:
        listed = schema.get(key)
        for index, inner in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(inner, dict):
                yield (*context, key, str(index)), inner
    items = schema.get("items")
    if isinstance(items, dict):
        yield (*context, "items"), items
