"""Schemas merged into one shape."""

from __future__ import annotations

from typing import Any

import pytest

from mockllm.core.values.json_schema import Schema
from mockllm.core.values.schema_shape import (
    Contradiction,
    Shape,
    both,
    item_schema,
    property_schema,
)
from mockllm.core.values.steps import Steps

A: dict[str, Any] = {"minimum": 1}
B: dict[str, Any] = {"minimum": 2}


def shape_of(*schemas: Schema, definitions: dict[str, Schema] | None = None) -> Shape:
    shape = Shape(definitions or {}, frozenset({"#"}), Steps(1_000))
    for schema in schemas:
        shape.add(schema)
    return shape


@pytest.mark.parametrize(
    ("one", "other", "merged"),
    [
        (
            {"type": ["number", "null"]},
            {"type": ["integer", "null"]},
            {"type": ["null", "integer"]},
        ),
        ({"type": ["integer"]}, {"type": ["number"]}, {"type": ["integer"]}),
        ({"enum": [1, "a", True]}, {"enum": [True, 1.0]}, {"enum": [1, True]}),
        ({"enum": [1, 2]}, {"const": 2}, {"enum": [2]}),
        ({"minimum": 1, "maximum": 9}, {"minimum": 2, "maximum": 8}, {"minimum": 2, "maximum": 8}),
        ({"minLength": 1, "maxLength": 9}, {"minLength": 2}, {"minLength": 2, "maxLength": 9}),
        ({"multipleOf": 4}, {"multipleOf": 6}, {"multipleOf": 12}),
        ({"multipleOf": 0.2}, {"multipleOf": 0.3}, {"multipleOf": 0.6}),
        ({"required": ["a", "b"]}, {"required": ["b", "c"]}, {"required": ["a", "b", "c"]}),
        ({"uniqueItems": False}, {"uniqueItems": True}, {"uniqueItems": True}),
        (
            {"default": 1, "examples": [1]},
            {"default": 2, "examples": [2]},
            {"default": 1, "examples": [1, 2]},
        ),
        ({"items": A}, {"items": B}, {"prefixItems": [], "items": {"allOf": [A, B]}}),
        (
            {"prefixItems": [A], "items": False},
            {"prefixItems": [True, B]},
            {"prefixItems": [A, both(False, B)], "items": False},
        ),
        (
            {"properties": {"a": A}, "additionalProperties": False},
            {"properties": {"b": B}, "patternProperties": {"^a": B}},
            {
                "properties": {"a": both(A, B), "b": both(False, B)},
                "patternProperties": {"^a": B},
                "additionalProperties": False,
            },
        ),
        ({"title": "x"}, {}, {}),
        (True, A, A),
    ],
)
def test_keywords_are_merged(one: Schema, other: Schema, merged: dict[str, Any]) -> None:
    assert shape_of(one, other).keywords == merged
    assert shape_of({"allOf": [one, other]}).keywords == merged


@pytest.mark.parametrize(
    "schemas",
    [
        (False,),
        ({"type": ["string"]}, {"type": ["integer"]}),
        ({"enum": [1]}, {"enum": [True]}),
        ({"const": 1, "enum": [2]},),
        ({"contains": True, "minContains": 10_001},),
        ({"$ref": "#"},),
    ],
)
def test_contradiction_is_told(schemas: tuple[Schema, ...]) -> None:
    with pytest.raises(Contradiction):
        shape_of(*schemas)


def test_patterns_and_contained_items_are_collected() -> None:
    shape = shape_of(
        {"pattern": "a", "contains": A, "minContains": 2}, {"pattern": "b", "contains": B}
    )

    assert shape.patterns == ("a", "b")
    assert shape.contained == (A, A, B)


def test_references_are_followed_once_at_a_place() -> None:
    definitions: dict[str, Schema] = {
        "#/$defs/0": {"$ref": "#/$defs/1"},
        "#/$defs/1": {"$ref": "#/$defs/0", **A},
    }

    shape = shape_of({"$ref": "#/$defs/0"}, definitions=definitions)

    assert shape.keywords == A
    assert shape.followed == {"#", "#/$defs/0", "#/$defs/1"}


@pytest.mark.parametrize(
    ("schema", "choices"),
    [
        ({"anyOf": [{"type": ["null"]}, A], "oneOf": [B]}, ((A, {"type": ["null"]}), (B,))),
        ({"anyOf": [{"const": 1}, {"const": 2, "type": ["integer"]}]}, (({"enum": [1, 2]},),)),
        ({"if": A, "then": B}, ((True, {"allOf": [A, B]}, True),)),
        ({"if": A, "else": B}, ((True, A, B),)),
        (
            {"dependentRequired": {"a": ["b"]}},
            (
                (
                    {"properties": {"a": False}},
                    {"allOf": [{"required": ["a"]}, {"required": ["b"]}]},
                ),
            ),
        ),
        (
            {"dependentSchemas": {"a": A}, "properties": {"a": True}},
            (({"allOf": [{"required": ["a"]}, A]}, {"properties": {"a": False}}),),
        ),
    ],
)
def test_choices_are_left(schema: dict[str, Any], choices: tuple[tuple[Schema, ...], ...]) -> None:
    assert shape_of(schema).choices == choices


def test_narrowing_takes_a_choice_and_leaves_the_shape() -> None:
    shape = shape_of({"anyOf": [A, B], "oneOf": [A]})

    narrowed = shape.narrowed(B)

    assert (narrowed.keywords, narrowed.choices) == (B, ((A,),))
    assert (shape.keywords, len(shape.choices)) == ({}, 2)


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({"type": ["null", "string"]}, ["string", "null"]),
        ({}, ["string", "number", "boolean", "array", "object", "null"]),
        ({"properties": {}}, ["object", "string", "number", "boolean", "array", "null"]),
        ({"items": True}, ["array", "string", "number", "boolean", "object", "null"]),
        ({"minimum": 1}, ["number", "string", "boolean", "array", "object", "null"]),
    ],
)
def test_types_are_said_or_guessed(schema: dict[str, Any], types: list[str]) -> None:
    assert shape_of(schema).types == types


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": ["string"], "enum": ["a"], "default": "a"}, False),
        ({"enum": ["a"], "minLength": 1}, True),
        ({"enum": ["a"], "pattern": "a"}, True),
        ({"minLength": 1, "pattern": "a"}, False),
        ({"not": A}, True),
        ({"anyOf": [A]}, False),
        ({"oneOf": [A]}, True),
        ({"allOf": [{"format": "date"}, {"format": "time"}]}, True),
        ({"allOf": [{"format": "date"}, {"format": "date"}]}, False),
    ],
)
def test_what_a_value_may_still_break_is_known(schema: dict[str, Any], expected: bool) -> None:
    assert shape_of(schema).needs_check is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a", A), ("x", both(A, B)), ("xy", B), ("z", False)],
)
def test_rules_of_a_property(name: str, expected: Schema) -> None:
    keywords = {
        "properties": {"a": A, "x": A},
        "patternProperties": {"^x": B},
        "additionalProperties": False,
    }

    assert property_schema(keywords, name, Steps(9)) == expected


def test_rules_of_an_item() -> None:
    assert item_schema({"prefixItems": [A], "items": B}, 0) == A
    assert item_schema({"prefixItems": [A], "items": B}, 1) == B
    assert item_schema({}, 0) is True
