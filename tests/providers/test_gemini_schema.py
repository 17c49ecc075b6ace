"""Gemini's schemas as JSON Schemas."""

from __future__ import annotations

from typing import Any

import pytest

from mockllm.providers.gemini.open_api_schema import json_schema


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"type": "STRING"}, {"type": "string"}),
        ({"type": "string", "format": "enum"}, {"type": "string"}),
        ({"type": "STRING", "format": "date-time"}, {"type": "string", "format": "date-time"}),
        ({"type": "TYPE_UNSPECIFIED"}, {}),
        ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "STRING", "nullable": False}, {"type": "string"}),
        (
            {"type": "STRING", "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            {"anyOf": [{"type": "STRING"}], "nullable": True},
            {"anyOf": [{"anyOf": [{"type": "string"}]}, {"type": "null"}]},
        ),
        (
            {"type": "ARRAY", "items": {"type": "NUMBER"}, "min_items": "2", "maxItems": 3},
            {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 3},
        ),
        (
            {"type": "OBJECT", "properties": {"any_of": {"type": "NULL"}, "b": 5}},
            {"type": "object", "properties": {"any_of": {"type": "null"}, "b": 5}},
        ),
        ({"minItems": "x" * 30}, {"minItems": "x" * 30}),
    ],
)
def test_schema_is_a_json_schema(given: Any, wanted: Any) -> None:
    assert json_schema(given) == wanted


def test_properties_are_in_the_order_that_is_asked_for() -> None:
    properties: dict[str, Any] = {"a": {}, "b": {}, "c": {}}
    ordered = json_schema({"properties": properties, "propertyOrdering": ["c", "x", "a"]})

    assert list(ordered["properties"]) == ["c", "a", "b"]


def test_depth_is_bounded() -> None:
    schema: dict[str, Any] = {"type": "STRING"}
    for _ in range(500):
        schema = {"type": "ARRAY", "items": schema}

    assert json_schema(schema)["type"] == "array"
