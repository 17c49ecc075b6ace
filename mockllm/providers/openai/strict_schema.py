"""What strict mode refuses of a JSON Schema.

Source: https://platform.openai.com/docs/guides/structured-outputs (supported schemas), read
2026-11-22. The first fault is told, as the API does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MAX_DEPTH = 10
MAX_PROPERTIES = 5_000

_INSIDE = ("properties", "$defs", "definitions")
_LISTS = ("anyOf", "prefixItems")
_REFUSED = ("oneOf", "allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas")

Context = tuple[str, ...]


def strict_fault(schema: Mapping[str, Any]) -> str | None:
    """Return why strict mode refuses a schema, in the API's words; None when it does not."""
    if schema.get("type") != "object":
        kind = schema.get("type")
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."
    return next(_faults(schema), None)


def _faults(root: Mapping[str, Any]) -> Iterator[str]:
    left = MAX_PROPERTIES
    waiting: list[tuple[Context, Mapping[str, Any], int]] = [((), root, 0)]
    while waiting:
        context, schema, depth = waiting.pop(0)
        yield from _own_faults(schema, context)
        left -= 1
        if left < 0:
            yield f"too many properties: {MAX_PROPERTIES:,} are allowed."
            return
        if depth > MAX_DEPTH:
            yield f"In context={context}, {MAX_DEPTH} levels of nesting are allowed."
            return
        waiting += ((each, inner, depth + 1) for each, inner in _inner(schema, context))


def _own_faults(schema: Mapping[str, Any], context: Context) -> Iterator[str]:
    for key in _REFUSED:
        if key in schema:
            yield f"In context={context}, '{key}' is not permitted."
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return
    if schema.get("additionalProperties") is not False:
        yield (
            f"In context={context}, 'additionalProperties' is required to be supplied and to be"
            " false."
        )
    required = schema.get("required")
    named = required if isinstance(required, list) else []
    missing = next((key for key in properties if key not in named), None)
    if missing is not None:
        yield (
            f"In context={context}, 'required' is required to be supplied and to be an array"
            f" including every key in properties. Missing '{missing}'."
        )


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
