"""Checking values by jsonschema, safely."""

from __future__ import annotations

from typing import Any

import pytest

from mockllm.core.values.json_schema import read
from mockllm.core.values.schema_check import Checker
from mockllm.core.values.steps import OutOfSteps

INTEGER = {"type": "integer"}
STRING = {"type": "string"}


def violation(value: Any, schema: Any) -> str | None:
    return Checker(read(schema)).violation(value)


@pytest.mark.parametrize(
    ("value", "schema", "expected"),
    [
        ("b", {"pattern": "^a"}, "'b' does not match '^a'"),
        (1, {"pattern": "^a"}, None),
        ("b", {"pattern": "(?=a)"}, None),
        ({"ab": "x"}, {"patternProperties": {"^a": INTEGER}}, "ab: 'x' is not of type 'integer'"),
        ({"b": "x"}, {"patternProperties": {"^a": INTEGER}}, None),
        (1, {"patternProperties": {"^a": INTEGER}}, None),
        ({"a": 1}, {"additionalProperties": False}, "the property 'a' is not allowed"),
        ({"a": "x"}, {"additionalProperties": INTEGER}, "a: 'x' is not of type 'integer'"),
        ({"a": 1}, {"additionalProperties": INTEGER}, None),
        (1, {"additionalProperties": False}, None),
        (
            {"a": 1, "bc": 1},
            {
                "properties": {"a": True},
                "patternProperties": {"^b": True},
                "additionalProperties": False,
            },
            None,
        ),
        ([1, True, {}, []], {"uniqueItems": True}, None),
        ([1, 1.0], {"uniqueItems": True}, "[1, 1.0] has the same item twice"),
        ([1, 1], {"uniqueItems": False}, None),
        (1, {"uniqueItems": True}, None),
        ("x", {"format": "date"}, "'x' is not a 'date'"),
        ("x", {"format": "color"}, None),
        (1, {"format": "date"}, None),
        (
            {"a": {"a": "x"}},
            {"properties": {"a": {"$ref": "#"}}, "type": "object"},
            "a.a: 'x' is not of type 'object'",
        ),
        (
            {"b": 1},
            {"allOf": [{"properties": {"a": True}}], "unevaluatedProperties": False},
            "Unevaluated properties are not allowed ('b' was unexpected)",
        ),
    ],
)
def test_first_violation(value: Any, schema: Any, expected: str | None) -> None:
    assert violation(value, schema) == expected


def test_part_of_a_schema_is_checked_with_its_references() -> None:
    schema = read({"properties": {"a": {"$ref": "#/$defs/b"}}, "$defs": {"b": INTEGER}})
    assert isinstance(schema, dict)

    found = Checker(schema).violation("x", schema["properties"]["a"])

    assert found == "'x' is not of type 'integer'"


def test_long_value_is_not_repeated_in_full() -> None:
    found = violation("x" * 10_000, INTEGER)

    assert found is not None
    assert len(found) < 400


@pytest.mark.parametrize(
    ("value", "schema", "expected"),
    [
        (1, {"allOf": [{"$ref": "#"}]}, "the value or the schema is nested too deeply to check"),
        (
            {"a": 1},
            {"allOf": [{"$ref": "#"}], "unevaluatedProperties": False},
            "the value or the schema is nested too deeply to check",
        ),
        (10**400, {"multipleOf": 0.5}, "a number is too large to check"),
        ([10**5_000], {"items": STRING}, "a number is too large to check"),
    ],
)
def test_what_cannot_be_checked_is_a_violation(value: Any, schema: Any, expected: str) -> None:
    assert violation(value, schema) == expected


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ([1] * 60_000, {"items": INTEGER}),
        ([[n] for n in range(100)], {"items": {"enum": [[n] for n in range(1_000)]}}),
        ([[n] for n in range(30_000)], {"uniqueItems": True}),
        ([9_999] * 100, {"items": {"enum": list(range(10_000))}}),
        ("x" * 100_000, {"anyOf": [INTEGER] * 200}),
        (["a" * 10_000] * 500, {"items": {"pattern": "^" + "a?" * 1_000}}),
    ],
)
def test_checks_are_bounded(value: Any, schema: Any) -> None:
    with pytest.raises(OutOfSteps):
        violation(value, schema)


def test_allowance_is_for_all_checks_of_a_checker() -> None:
    checker = Checker(read({"items": INTEGER}))
    value = [1] * 10_000

    assert checker.violation(value) is None
    with pytest.raises(OutOfSteps):
        [checker.violation(value) for _ in range(10)]
