"""The language as a JSON Schema, from the same table as Cerberus's: editors complete with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockllm.config import schema
from mockllm.config.schema_keys import Schema
from mockllm.core.faults import FAULTS

_TYPES: Mapping[str, Any] = {
    "text": {"type": ["string", "number", "boolean"]},
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "list": {"type": "array"},
    "dict": {"type": "object"},
}
_REPLY = {"anyOf": [_TYPES["text"], {"$ref": "#/$defs/reply"}]}
_INSIDE: Mapping[str, Mapping[str, Any]] = {
    "rules": {"type": "array", "items": {"$ref": "#/$defs/rule"}},
    "responses": {
        "type": "object",
        "additionalProperties": {"anyOf": [*_REPLY["anyOf"], {"$ref": "#/$defs/steps"}]},
    },
    "unknown_response": _REPLY,
    "when": {"$ref": "#/$defs/when"},
    "not": {"$ref": "#/$defs/not"},
    "reply": _REPLY,
    "steps": {"type": "array", "items": _REPLY},
    "replies": {
        "type": "array",
        "items": {"anyOf": [_TYPES["text"], {"$ref": "#/$defs/sequence_item"}]},
    },
    "one_of": {
        "type": "array",
        "items": {"anyOf": [_TYPES["text"], {"$ref": "#/$defs/drawn_item"}]},
    },
    "tool_calls": {"type": "array", "items": {"$ref": "#/$defs/tool_call"}},
    "tool_call": {"$ref": "#/$defs/tool_call"},
    "parts": {"type": "array", "items": {"anyOf": [_TYPES["text"], {"$ref": "#/$defs/part"}]}},
    "error": {"anyOf": [{"enum": list(schema.ERROR_KINDS)}, {"$ref": "#/$defs/error"}]},
    "embedding": {
        "anyOf": [
            {"type": "array", "items": {"type": "number"}},
            {"$ref": "#/$defs/embedding"},
        ]
    },
    "moderation": {"$ref": "#/$defs/moderation"},
    "lorem": {"$ref": "#/$defs/lorem"},
    "usage": {"$ref": "#/$defs/usage"},
    "timing": {"anyOf": [_TYPES["string"], {"$ref": "#/$defs/timing"}]},
    "first_token": {"anyOf": [_TYPES["string"], {"$ref": "#/$defs/percentiles"}]},
    "load": {"$ref": "#/$defs/load"},
    "fault": {"anyOf": [{"enum": list(FAULTS)}, {"$ref": "#/$defs/fault"}]},
    "profiles": {"type": "object", "additionalProperties": {"$ref": "#/$defs/timing"}},
    "chaos": {"type": "array", "items": {"$ref": "#/$defs/chaos"}},
    "faults": {"type": "array", "items": {"$ref": "#/$defs/chaos"}},
    "limits": {"type": "array", "items": {"$ref": "#/$defs/limit"}},
    "models": {"type": "array", "items": {"anyOf": [_TYPES["text"], {"$ref": "#/$defs/model"}]}},
}
"""What stands in the places that are validated by themselves."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (Draft 2020-12) of a responses file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mockllm responses",
        **schema_of(schema.TOP),
        "patternProperties": {"^x-": {}},
        "$defs": place_schemas(),
    }


def place_schemas() -> dict[str, Any]:
    """Return the schema of each place in a file but the top: what the others refer to as
    `#/$defs/<place>`."""
    return {
        kind.replace(" ", "_"): schema_of(table)
        for kind, (table, _) in schema.PLACES.items()
        if kind != "top"
    }


def schema_of(table: Schema) -> dict[str, Any]:
    """Return the schema of mappings with these keys."""
    found: dict[str, Any] = {
        "type": "object",
        "properties": {
            key: _value(key, rules)
            for key, rules in table.items()
            if rules.get("check_with") != "not_yet"
        },
        "additionalProperties": False,
    }
    required = [key for key, rules in table.items() if rules.get("required")]
    return {**found, "required": required} if required else found


def _value(key: str, rules: Mapping[str, Any]) -> dict[str, Any]:
    about = rules.get("meta", {}).get("about")
    described = {"description": about} if about else {}
    if key in _INSIDE:
        return {**_INSIDE[key], **described}
    kinds = rules.get("type", [])
    shapes = [_shape(kind, rules) for kind in (kinds if isinstance(kinds, list) else [kinds])]
    if not shapes:
        return described
    return {**(shapes[0] if len(shapes) == 1 else {"anyOf": shapes}), **described}


def _shape(kind: str, rules: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(_TYPES[kind])
    inner = rules.get("schema")
    if kind == "list" and inner is not None:
        found |= {"items": _shape(inner["type"], inner)}
        found |= {"minItems": 1} if rules.get("empty") is False else {}
    elif kind == "dict" and inner is not None:
        found = schema_of(inner)
    elif "allowed" in rules:
        found = {"enum": rules["allowed"]}
    bounds = {"min": "minimum", "max": "maximum"}
    return found | {bounds[name]: rules[name] for name in bounds if name in rules}
