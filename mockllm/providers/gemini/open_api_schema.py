"""Gemini's schemas, which are OpenAPI's with types in capitals, as JSON Schemas.

Source: https://ai.google.dev/api/caching#Schema, read 2026-11-22.

Departures: lower-case types are taken too; a schema deeper than 64 is left as it is below that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockllm.providers.gemini.proto_json import camel

_MAX_DEPTH = 64
_UNKNOWN_TYPE = "type_unspecified"
_COUNTS = frozenset(
    {"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"}
)
"""Members that are 64-bit integers, which protocol buffers' JSON writes as strings."""

_NO_JSON_SCHEMA = frozenset({"nullable", "propertyOrdering", "example", "format"})
_FORMATS = frozenset({"date-time", "date", "time", "duration", "email", "uri", "uuid"})

JsonSchema = dict[str, Any]


def json_schema(schema: Mapping[str, Any], depth: int = 0) -> JsonSchema:
    """Return a schema as a JSON Schema: types in lower case, `nullable` among them, and the
    properties in `propertyOrdering`'s order."""
    named = {camel(key): value for key, value in schema.items()}
    if depth > _MAX_DEPTH:
        return dict(schema)
    found: JsonSchema = {}
    for key, value in named.items():
        if key not in _NO_JSON_SCHEMA:
            found[key] = _keyword(key, value, depth + 1)
    if named.get("format") in _FORMATS:
        found["format"] = named["format"]
    if found.get("type") == _UNKNOWN_TYPE:
        del found["type"]
    if isinstance(found.get("properties"), dict):
        found["properties"] = _ordered(found["properties"], named.get("propertyOrdering"))
    return _nullable(found) if named.get("nullable") is True else found


def _keyword(key: str, value: Any, depth: int) -> Any:
    match key, value:
        case "type", str():
            return value.lower()
        case (("properties" | "$defs" | "defs"), dict()):
            return {name: _nested(each, depth) for name, each in value.items()}
        case (("items" | "additionalProperties"), dict()):
            return json_schema(value, depth)
        case (("anyOf" | "prefixItems"), list()):
            return [_nested(each, depth) for each in value]
        case _, str() if key in _COUNTS and value.isdecimal() and len(value) < 20:
            return int(value)
        case _:
            return value


def _nested(schema: Any, depth: int) -> Any:
    return json_schema(schema, depth) if isinstance(schema, dict) else schema


def _ordered(properties: Mapping[str, Any], order: Any) -> dict[str, Any]:
    names = [name for name in order if name in properties] if _are_names(order) else []
    return {name: properties[name] for name in (*names, *properties)}


def _are_names(order: Any) -> bool:
    return isinstance(order, list) and all(isinstance(name, str) for name in order)


def _nullable(schema: JsonSchema) -> JsonSchema:
    if isinstance(schema.get("enum"), list):
        schema["enum"] = [*schema["enum"], None]
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}
