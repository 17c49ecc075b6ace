"""Reading schemas into plain Draft 2020-12."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mockllm.core.values.json_schema import SchemaProblem, read, sentence

INTEGER = {"type": ["integer"]}


@pytest.mark.parametrize(
    ("schema", "plain"),
    [
        (True, True),
        ({}, {}),
        ({"type": "integer", "title": "T", "x-mine": 1}, INTEGER),
        ({"minLength": 2.0}, {"minLength": 2}),
        ({"required": ["a", "a"]}, {"required": ["a"]}),
        ({"examples": {"named": 1}}, {"examples": []}),
        ({"items": [{}, True]}, {"prefixItems": [{}, True]}),
        ({"items": [{}], "additionalItems": False}, {"prefixItems": [{}], "items": False}),
        ({"items": {}, "additionalItems": False}, {"items": {}}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"exclusiveMaximum": True}, {}),
        (
            {"dependencies": {"a": ["b"], "c": {"type": "integer"}}},
            {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": INTEGER}},
        ),
        (
            {"type": "integer", "nullable": True, "default": None},
            {"anyOf": [INTEGER, {"type": ["null"]}], "default": None},
        ),
        ({"type": "integer", "nullable": False}, INTEGER),
        (
            {"definitions": {"a": {"type": "integer"}, "unused": 1}, "$ref": "#/definitions/a"},
            {"$ref": "#/$defs/0", "$defs": {"0": INTEGER}},
        ),
        (
            {"$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"},
            {"$ref": "#/$defs/0", "$defs": {"0": {"items": {"$ref": "#/$defs/0"}}}},
        ),
        ({"not": {"$ref": "#"}}, {"not": {"$ref": "#"}}),
        ({"const": {"$ref": 1}}, {"const": {"$ref": 1}}),
    ],
)
def test_schema_is_read_as_plain_draft_2020_12(schema: Any, plain: Any) -> None:
    assert read(schema) == plain


def test_unevaluated_comes_last() -> None:
    schema = read({"unevaluatedProperties": False, "properties": {}, "dependentSchemas": {}})

    assert isinstance(schema, dict)
    assert list(schema)[-1] == "unevaluatedProperties"


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (None, "schema: None is not a schema"),
        ([], "schema: [] is not a schema"),
        ({"items": 3}, "schema.items: 3 is not a schema"),
        ({"properties": {"a": {"type": "text"}}}, "schema.properties.a.type: 'text' is not a type"),
        ({"type": [["string"]]}, "schema.type: ['string'] is not a type"),
        ({"anyOf": []}, "schema.anyOf: [] is not a list of at least one schema"),
        ({"anyOf": [{}, 3]}, "schema.anyOf[1]: 3 is not a schema"),
        ({"properties": []}, "schema.properties: [] is not an object"),
        ({"required": True}, "schema.required: True is not a list"),
        ({"required": ["a", 1]}, "schema.required[1]: 1 is not a string"),
        ({"enum": "a"}, "schema.enum: 'a' is not a list"),
        ({"uniqueItems": 1}, "schema.uniqueItems: 1 is not true or false"),
        ({"minimum": "1"}, "schema.minimum: '1' is not a number"),
        ({"minimum": True}, "schema.minimum: True is not a number"),
        ({"minimum": math.nan}, "schema.minimum: the number is too large, or none"),
        ({"maximum": math.inf}, "schema.maximum: the number is too large"),
        ({"maximum": 10**400}, "schema.maximum: the number is too large"),
        ({"multipleOf": 0}, "schema.multipleOf: 0 is not a number above 0"),
        ({"minLength": -1}, "schema.minLength: -1 is not a whole number from 0 on"),
        ({"minLength": 1.5}, "schema.minLength: 1.5 is not a whole number from 0 on"),
        ({"pattern": 1}, "schema.pattern: 1 is not a string"),
        ({"type": 10**5_000}, "schema: a number is too large"),
        ({"$dynamicRef": "#a"}, "schema.$dynamicRef: this keyword is not supported"),
        (
            {"$ref": "http://a.example/b"},
            "schema.$ref: 'http://a.example/b' leads to no schema in this document;"
            " nothing is fetched",
        ),
        ({"$ref": "#/a", "a": "text"}, "schema.$ref: '#/a' leads to no schema in this document;"),
        ({"$ref": "#/a", "a": {"type": 1}}, "schema.#/a.type: 1 is not a type"),
        (
            {"unevaluatedProperties": False, "not": {"patternProperties": {}}},
            "schema: unevaluatedProperties or -Items beside patternProperties is not supported",
        ),
        ({"enum": list(range(30_000))}, "schema: it takes too many steps to read"),
        ({"patternProperties": {str(n): {} for n in range(101)}}, "schema: it takes too many"),
    ],
)
def test_schema_that_cannot_be_used_gives_a_sentence(schema: Any, message: str) -> None:
    with pytest.raises(SchemaProblem) as caught:
        read(schema)

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("keyword", ["not", "items"])
def test_nesting_is_bounded(keyword: str) -> None:
    schema: dict[str, Any] = {}
    for _ in range(100_000):
        schema = {keyword: schema}

    with pytest.raises(SchemaProblem, match="nested too deeply"):
        read(schema)


def test_long_sentence_is_cut_off() -> None:
    assert sentence(("a" * 1_000,), "why") == "a" * 300 + "..."


def test_pattern_is_paid_for_once() -> None:
    alike = {str(n): {"type": "string", "pattern": "^[a-z]+$"} for n in range(500)}

    assert read({"properties": alike}) == {
        "properties": {n: {"type": ["string"], "pattern": "^[a-z]+$"} for n in alike}
    }


def test_more_patterns_than_can_be_paid_for_are_refused() -> None:
    with pytest.raises(SchemaProblem, match="too many steps to read"):
        read({"properties": {str(n): {"pattern": f"a{n}"} for n in range(50)}})
