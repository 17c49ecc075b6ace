"""What strict mode refuses of a JSON Schema."""

from __future__ import annotations

from typing import Any

import pytest

from mockllm.providers.openai.strict_schema import MAX_SCHEMAS, strict_fault

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
CLOSED = "'additionalProperties' is required to be supplied and to be false."


def closed(**properties: Any) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    "schema",
    [
        closed(),
        closed(a=TEXT, b={"type": ["string", "null"]}),
        closed(a=closed(b={"type": "array", "items": closed(c=TEXT)})),
        closed(a={"anyOf": [closed(), {"type": "null"}]}),
        closed(a={"$ref": "#/$defs/A"}) | {"$defs": {"A": closed()}},
        closed(**{"not": TEXT, "if": TEXT, "oneOf": TEXT, "properties": closed()}),
        closed(a={"enum": [{"type": "object"}]}, b={"const": 1}, c=True),
        {"type": "object", "additionalProperties": False},
        closed(a={"items": True, "anyOf": 1, "$defs": [], "prefixItems": [1]}),
        closed(a=TEXT) | {"required": ["a", 1, {}]},
    ],
)
def test_nothing_is_refused(schema: Json) -> None:
    assert strict_fault(schema) is None


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ({}, "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'."),
        (
            {"type": "array"},
            "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'.",
        ),
        ({"type": "object"}, f"In context=(), {CLOSED}"),
        (closed() | {"additionalProperties": True}, f"In context=(), {CLOSED}"),
        (closed(a={"type": "object"}), f"In context=('properties', 'a'), {CLOSED}"),
        (closed(a={"type": ["object", "null"]}), f"In context=('properties', 'a'), {CLOSED}"),
        (
            closed(a={"type": "array", "items": {"properties": {}}}),
            f"In context=('properties', 'a', 'items'), {CLOSED}",
        ),
        (
            closed(a={"anyOf": [TEXT, {"type": "object"}]}),
            f"In context=('properties', 'a', 'anyOf', '1'), {CLOSED}",
        ),
        (
            closed() | {"$defs": {"A": {"type": "object"}}},
            f"In context=('$defs', 'A'), {CLOSED}",
        ),
        (
            closed(a=TEXT) | {"required": None},
            "In context=(), 'required' is required to be supplied and to be an array including"
            " every key in properties. Missing 'a'.",
        ),
        (closed(a={"oneOf": []}), "In context=('properties', 'a'), 'oneOf' is not permitted."),
        (closed(a={"allOf": []}), "In context=('properties', 'a'), 'allOf' is not permitted."),
    ],
)
def test_first_fault_is_told(schema: Json, fault: str) -> None:
    assert strict_fault(schema) == fault


def test_so_many_schemas_are_looked_at_and_no_more() -> None:
    many = closed(a={"anyOf": [TEXT] * MAX_SCHEMAS, "items": {"type": "object"}})

    assert strict_fault(many) is None
