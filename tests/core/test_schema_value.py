"""A value for a JSON Schema: from the prompt, invented, or refused."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockllm.core.schema_value import Unsatisfiable, value_for, violation

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
NUMBER = {"type": "number"}
NODE = {
    "type": "object",
    "properties": {
        "name": STRING,
        "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
        "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
        "parent": {"$ref": "#/$defs/Node"},
    },
    "required": ["name", "next", "children"],
}


def is_valid(value: Any, schema: Any) -> bool:
    """Ask jsonschema alone, without what this package adds to it."""
    formats = Draft202012Validator.FORMAT_CHECKER
    return bool(Draft202012Validator(schema, format_checker=formats).is_valid(value))


def record(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


SIMPLE: list[tuple[Any, Any]] = [
    (True, "text"),
    ({}, "text"),
    ({"type": "null"}, None),
    ({"type": "boolean"}, True),
    ({"type": "object"}, {}),
    ({"const": {"a": [1]}}, {"a": [1]}),
    ({"const": None}, None),
    ({"enum": ["red", "green"]}, "red"),
    ({"enum": [None, 2, "two"], "type": ["string", "null"]}, None),
    ({"enum": [0.5, 1, 2], "minimum": 1}, 1),
    ({"anyOf": [{"const": "a"}, {"const": "b", "title": "B"}]}, "a"),
    # default and examples
    ({"type": "integer", "default": 7}, 7),
    ({"type": "integer", "default": "seven"}, 0),
    ({"type": "integer", "examples": ["x", 9]}, 9),
    ({"type": "boolean", "default": False}, False),
    ({"type": "array", "items": STRING, "default": []}, []),
    # numbers
    (INTEGER, 0),
    (NUMBER, 0),
    ({"type": "integer", "minimum": 3}, 3),
    ({"type": "integer", "maximum": -3}, -3),
    ({"type": "integer", "exclusiveMinimum": 3}, 4),
    ({"type": "integer", "exclusiveMaximum": 0}, -1),
    ({"type": "integer", "minimum": 1.5}, 2),
    ({"type": "number", "minimum": 1.5}, 1.5),
    ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
    ({"type": "number", "minimum": 0.25, "multipleOf": 0.1}, 0.4),
    ({"type": "integer", "minimum": 10, "multipleOf": 7}, 14),
    # strings
    ({"type": "string", "minLength": 6}, "textte"),
    ({"type": "string", "maxLength": 2}, "te"),
    ({"type": "string", "maxLength": 0}, ""),
    ({"type": "string", "format": "date"}, "2025-01-01"),
    ({"type": "string", "format": "uuid"}, "00000000-0000-4000-8000-000000000001"),
    ({"type": "string", "format": "unheard-of"}, "text"),
    ({"type": "string", "pattern": r"^[A-Z]{2}-\d+$", "minLength": 6}, "AA-000"),
    ({"type": "string", "pattern": "^[a-z]+$"}, "text"),
    # arrays
    ({"type": "array"}, ["text"]),
    ({"type": "array", "items": INTEGER}, [0]),
    ({"type": "array", "items": INTEGER, "maxItems": 0}, []),
    ({"type": "array", "items": INTEGER, "minItems": 2}, [0, 0]),
    ({"type": "array", "items": INTEGER, "minItems": 3, "uniqueItems": True}, [0, 1, 2]),
    ({"type": "array", "items": False}, []),
    ({"type": "array", "prefixItems": [STRING, INTEGER], "items": False}, ["text", 0]),
    ({"type": "array", "prefixItems": [STRING], "maxItems": 3, "minItems": 2}, ["text", "text"]),
    ({"type": "array", "contains": {"const": 7}, "minItems": 2}, [7, "text"]),
    ({"type": "array", "prefixItems": [STRING], "contains": {"const": 7}}, ["text", 7]),
    ({"type": "array", "items": INTEGER, "contains": {"minimum": 5}, "minContains": 2}, [5, 5]),
    (
        {"type": "array", "uniqueItems": True, "minItems": 3, "items": record(a=INTEGER)},
        [{"a": 0}, {"a": 1}, {"a": 2}],
    ),
    # objects
    (record(a=STRING, b=INTEGER), {"a": "a", "b": 0}),
    ({"properties": {"a": INTEGER}}, {"a": 0}),
    ({"type": "object", "required": ["x"]}, {"x": "x"}),
    ({"properties": {"a": INTEGER, "b": INTEGER}, "required": ["b"], "maxProperties": 1}, {"b": 0}),
    (
        {"type": "object", "minProperties": 2, "additionalProperties": INTEGER},
        {"key1": 0, "key2": 0},
    ),
    (
        {
            "type": "object",
            "patternProperties": {"^x_": INTEGER},
            "additionalProperties": False,
            "minProperties": 1,
        },
        {"x_": 0},
    ),
    (
        {"type": "object", "propertyNames": {"enum": ["a", "b"]}, "minProperties": 2},
        {"a": "a", "b": "b"},
    ),
    ({"required": ["x_1"], "patternProperties": {"^x_": INTEGER}}, {"x_1": 0}),
    ({"properties": {"a": INTEGER}, "dependentRequired": {"a": ["b"]}}, {"a": 0, "b": "b"}),
    ({"dependentSchemas": {"a": {"required": ["b"]}}, "type": "object"}, {}),
    (
        record(
            a=record(b=record(c={"properties": {"d": INTEGER, "e": INTEGER}, "required": ["d"]}))
        ),
        {"a": {"b": {"c": {"d": 0}}}},
    ),
    # applicators
    ({"anyOf": [{"type": "null"}, INTEGER]}, 0),
    ({"anyOf": [False, INTEGER]}, 0),
    ({"anyOf": [{"type": "integer", "minimum": 5, "maximum": 4}, STRING]}, "text"),
    ({"oneOf": [{"type": "number", "minimum": 0}, {"type": "number", "maximum": 5}]}, 6),
    ({"allOf": [record(a=STRING), record(b=INTEGER)]}, {"a": "a", "b": 0}),
    ({"allOf": [{"minimum": 1}, {"minimum": 3}], "type": ["integer", "string"]}, 3),
    ({"type": "integer", "not": {"const": 0}}, 1),
    ({"not": {"type": "string"}}, 0),
    ({"not": {"type": ["string", "number", "boolean"]}}, ["text"]),
    (
        {
            **record(kind={"const": "b"}),
            "if": {"properties": {"kind": {"const": "b"}}},
            "then": {"required": ["size"]},
        },
        {"kind": "b", "size": "size"},
    ),
    ({"type": ["null", "integer"]}, 0),
    # older spellings
    ({"type": "string", "nullable": True}, "text"),
    ({"type": "array", "items": [INTEGER, STRING], "additionalItems": False}, [0, "text"]),
    ({"definitions": {"a": INTEGER}, "$ref": "#/definitions/a"}, 0),
    ({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, 4),
    ({"properties": {"a": INTEGER}, "dependencies": {"a": ["b"]}}, {"a": 0, "b": "b"}),
    # references
    ({"$defs": {"a/b": INTEGER}, "$ref": "#/$defs/a~1b"}, 0),
    ({"properties": {"a": INTEGER, "b": {"$ref": "#/properties/a"}}}, {"a": 0, "b": 0}),
    ({"properties": {"a": INTEGER, "self": {"$ref": "#"}}}, {"a": 0}),
    (
        {"$defs": {"Node": NODE}, "$ref": "#/$defs/Node"},
        {"name": "name", "next": None, "children": []},
    ),
]


@pytest.mark.parametrize(("schema", "expected"), SIMPLE)
def test_value_without_a_prompt(schema: Any, expected: Any) -> None:
    assert value_for(schema) == expected


@pytest.mark.parametrize(("schema", "expected"), SIMPLE)
def test_value_is_valid(schema: Any, expected: Any) -> None:
    assert violation(expected, schema) is None


@pytest.mark.parametrize(
    ("schema", "prompt", "expected"),
    [
        (INTEGER, "What is 2+2?", 2),
        (record(a=INTEGER, b=INTEGER), "What is 2+3?", {"a": 2, "b": 3}),
        (record(a=INTEGER, b=INTEGER, c=INTEGER), "add 4 and 5", {"a": 4, "b": 5, "c": 0}),
        (record(a=INTEGER, b=NUMBER), "7.5 of 3", {"a": 3, "b": 7.5}),
        ({"type": "integer", "minimum": 10}, "from 5 to 25", 25),
        ({"type": "array", "items": INTEGER, "minItems": 2}, "1, 2 and 3", [1, 2]),
        (record(a=STRING, b=STRING), "move \"x\" to 'y'", {"a": "x", "b": "y"}),
        (record(a=STRING, b=STRING), "“x” and `y`", {"a": "x", "b": "y"}),
        ({"type": "string", "maxLength": 3}, '"long one" or "abc"', "abc"),
        ({"type": "string", "pattern": "^[A-Z]+$"}, '"no" but "YES"', "YES"),
        ({"type": "string", "format": "date"}, "see you on 2026-05-01.", "2026-05-01"),
        ({"type": "string", "format": "email"}, "mail <bob@example.org>", "bob@example.org"),
        ({"enum": ["celsius", "fahrenheit"]}, "in Fahrenheit, please", "fahrenheit"),
        ({"enum": ["open", "in_progress"]}, "what is in progress?", "in_progress"),
        ({"enum": ["cat", "dog"]}, "a category of dogs", "cat"),
        ({"oneOf": [{"const": "a"}, {"const": "b"}]}, "take B", "b"),
        (
            record(**{"from": {"enum": ["a", "b"]}, "to": {"enum": ["a", "b"]}}),
            "from b to a",
            {"from": "b", "to": "a"},
        ),
        ({"type": "integer", "default": 7}, "take 3", 3),
        ({"type": "integer", "default": 7}, "take some", 7),
        ({"anyOf": [INTEGER, STRING], "default": "d"}, 'take "x"', "x"),
        ({"properties": {"a": INTEGER}, "default": {"a": 1}}, "take 3", {"a": 3}),
        ({"properties": {"a": INTEGER}, "default": {"a": 1}}, "take some", {"a": 1}),
        ({"type": "array", "items": STRING, "default": []}, 'tag it "x"', ["x"]),
        ({"anyOf": [record(a=STRING, b=False), record(a=STRING)]}, 'only "x"', {"a": "x"}),
        (
            {"anyOf": [{"type": "array", "items": INTEGER, "minItems": 2, "maxItems": 1}, INTEGER]},
            "only 3",
            3,
        ),
        (
            {
                "anyOf": [
                    {"type": "array", "items": {"enum": [1]}, "uniqueItems": True, "minItems": 2},
                    INTEGER,
                ]
            },
            "only 1",
            1,
        ),
        (
            {
                "properties": {"country": {"enum": ["US", "CA"]}, "zip": STRING},
                "if": {"properties": {"country": {"const": "US"}}},
                "then": {"required": ["zip"]},
                "else": {"not": {"required": ["zip"]}},
            },
            "in CA",
            {"country": "CA"},
        ),
    ],
)
def test_value_from_the_prompt(schema: Any, prompt: str, expected: Any) -> None:
    assert value_for(schema, prompt) == expected


def test_prompt_is_read_only_at_its_start() -> None:
    assert value_for(INTEGER, "x " * 5_000 + "5") == 0


def test_strict_tool_schema_of_openai() -> None:
    schema = {
        "type": "object",
        "properties": {
            "seats": {"type": "integer", "description": "How many seats to book"},
            "origin": {"type": "string"},
            "destination": {"type": "string"},
            "class": {"type": "string", "enum": ["economy", "business"]},
            "return_on": {"type": ["string", "null"], "format": "date"},
        },
        "required": ["seats", "origin", "destination", "class", "return_on"],
        "additionalProperties": False,
    }

    value = value_for(schema, 'Book 3 seats from "Rome" to "Paris" in business, back on 2026-05-02')

    assert value == {
        "seats": 3,
        "origin": "Rome",
        "destination": "Paris",
        "class": "business",
        "return_on": "2026-05-02",
    }


def test_schema_that_pydantic_makes_of_nested_models() -> None:
    schema = {
        "$defs": {
            "Address": {
                "properties": {
                    "street": {"title": "Street", "type": "string"},
                    "zip": {"pattern": r"^\d{5}$", "title": "Zip", "type": "string"},
                },
                "required": ["street", "zip"],
                "title": "Address",
                "type": "object",
            },
            "Color": {"enum": ["red", "green"], "title": "Color", "type": "string"},
        },
        "properties": {
            "name": {"maxLength": 20, "minLength": 1, "title": "Name", "type": "string"},
            "age": {"exclusiveMinimum": 0, "maximum": 150, "title": "Age", "type": "integer"},
            "home": {"$ref": "#/$defs/Address"},
            "work": {"anyOf": [{"$ref": "#/$defs/Address"}, {"type": "null"}], "default": None},
            "color": {"$ref": "#/$defs/Color", "default": "green"},
            "scores": {
                "additionalProperties": {"type": "number"},
                "title": "Scores",
                "type": "object",
            },
            "tags": {"items": {"type": "string"}, "title": "Tags", "type": "array"},
        },
        "required": ["name", "age", "home", "scores", "tags"],
        "title": "Person",
        "type": "object",
    }

    value = value_for(schema, 'Add "Ada", aged 36, who lives in "Main Street".')

    assert is_valid(value, schema)
    assert value == {
        "name": "Ada",
        "age": 36,
        "home": {"street": "Main Street", "zip": "00000"},
        "work": None,
        "color": "green",
        "scores": {},
        "tags": ["tags"],
    }


def test_pattern_with_look_ahead_is_followed_and_not_checked() -> None:
    schema = {"type": "string", "pattern": r"^(?!\.)[a-z]+@[a-z]+\.com$"}

    assert value_for(schema, 'not "this"') == "a@a.com"
    assert violation("this", schema) is None


def test_email_address_as_zod_describes_it_is_taken_from_the_prompt() -> None:
    pattern = (
        r"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]"
        r"@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$"
    )
    schema = {"type": "string", "format": "email", "pattern": pattern}

    assert value_for(schema, "invite ada@example.org") == "ada@example.org"
    assert is_valid(value_for(schema), schema)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (False, "no value is allowed"),
        (record(a=False), "a: no value is allowed"),
        ({"type": "integer", "minimum": 5, "maximum": 4}, "no number was found that fits"),
        ({"type": "string", "minLength": 5, "maxLength": 4}, "no string was found that fits"),
        ({"type": "string", "pattern": "^a$", "minLength": 2}, "no string was found that fits"),
        ({"allOf": [STRING, INTEGER]}, "no value is both string and integer"),
        ({"enum": ["a"], "const": "b"}, "no member of one enum is in the other"),
        ({"enum": [1.5], "type": "integer"}, "no member of the enum is of type integer"),
        ({"enum": []}, "no member of the enum is of type string or number"),
        ({"type": "string", "not": STRING}, "'text' should not be valid under"),
        (record(a={"$ref": "#"}), "a: the schema repeats itself without end"),
        ({"$ref": "#"}, "the schema repeats itself without end"),
        ({"type": "string", "minLength": 10_001}, "minLength is over 10,000"),
        ({"type": "array", "minItems": 10_001}, "it cannot have 10,001 items"),
        (
            {"items": {"type": "null", "enum": [1]}, "minItems": 1, "type": "array"},
            "[0]: no member",
        ),
        ({"type": "array", "contains": {}, "minContains": 10_001}, "minContains is over 10,000"),
        ({"type": "array", "items": False, "minItems": 1}, "it cannot have 1 items"),
        (
            {"type": "array", "items": {"type": "null"}, "minItems": 2, "uniqueItems": True},
            "no 2 different items were found",
        ),
        (
            {"type": "object", "minProperties": 1, "additionalProperties": False},
            "an object of 0 properties has too few of them",
        ),
        (
            {"type": "object", "minProperties": 10_001},
            "minProperties is over 10,000",
        ),
        (
            {**record(a=INTEGER), "maxProperties": 0},
            "an object of 1 properties has too many of them",
        ),
        ({"$ref": "https://example.com/schema"}, "'https://example.com/schema' leads to no schema"),
        ({"type": "strnig"}, "schema.type: 'strnig' is not a type"),
        ({"dependentRequired": {"a": "b"}, "type": "object"}, "'b' is not a list"),
        ({"not": {}}, "should not be valid under"),
        (
            {
                "allOf": [
                    {"type": "object", "patternProperties": {"^a": INTEGER}, "minProperties": 1},
                    {"additionalProperties": False},
                ]
            },
            "the property 'a' is not allowed",
        ),
        (
            {"oneOf": [{"type": "null"}, {"type": "null"}]},
            "None is valid under each of {'type': ['null']}, {'type': ['null']}",
        ),
    ],
)
def test_unsatisfiable_says_where_and_why(schema: Any, message: str) -> None:
    with pytest.raises(Unsatisfiable) as caught:
        value_for(schema)

    assert message in str(caught.value)


def nested(levels: int, leaf: Any) -> Any:
    for _ in range(levels):
        leaf = record(a=leaf)
    return leaf


def chain_of(keyword: str, length: int) -> dict[str, Any]:
    schemas = {str(n): {keyword: [{"$ref": f"#/$defs/{n + 1}"}]} for n in range(length)}
    return {"$defs": {**schemas, str(length): INTEGER}, "$ref": "#/$defs/0"}


def doubling(levels: int, keyword: str, leaf: Any) -> dict[str, Any]:
    """Return a schema of a few lines that stands for 2 ** `levels` of them."""
    schemas: dict[str, Any] = {"0": leaf}
    for level in range(levels):
        reference = {"$ref": f"#/$defs/{level}"}
        schemas[str(level + 1)] = {keyword: [reference, {"allOf": [reference]}]}
    return {"$defs": schemas, "$ref": f"#/$defs/{levels}"}


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (nested(33, INTEGER), "the value is nested deeper than 32"),
        (nested(10_000, INTEGER), "schema: it is nested too deeply"),
        ({"type": "array", "items": {"const": "x" * 1_000_000}, "minItems": 9}, "too many steps"),
        ({"type": "array", "items": {"const": "x" * 9_000}, "minItems": 200}, "too many steps"),
        (doubling(60, "anyOf", False), "too many steps; no value is allowed"),
        (doubling(20, "allOf", INTEGER), "too many steps"),
        (
            {"$defs": {"a": {"$ref": "#/$defs/a"}}, "not": {"$ref": "#/$defs/a"}},
            "nested too deeply to check",
        ),
        ({"$defs": {"a": INTEGER}, "enum": [nested(300, 1)]}, "too many steps to read"),
        (chain_of("anyOf", 200), "there are over 100 choices on the way there"),
        (chain_of("allOf", 2_000), "it is nested too deeply"),
        ({"properties": {f"p{n}": {"pattern": f"^{n}$"} for n in range(101)}}, "steps to read"),
    ],
)
def test_hostile_schema_is_unsatisfiable(schema: Any, message: str) -> None:
    with pytest.raises(Unsatisfiable) as caught:
        value_for(schema)

    assert message in str(caught.value)
    assert len(str(caught.value)) < 500


def test_pattern_that_hangs_python_is_checked_at_once() -> None:
    schema = {"type": "string", "pattern": "^(a+)+$"}

    assert value_for(schema, f'"{"a" * 5_000}!"') == "a"
    assert violation("a" * 5_000 + "!", schema) is not None


def test_dialect_of_a_part_does_not_bring_pythons_regular_expressions_back() -> None:
    old = "http://json-schema.org/draft-07/schema#"
    schema = {"properties": {"a": {"$schema": old, "pattern": "^(a+)+$"}}}

    assert violation({"a": "a" * 5_000 + "!"}, schema) is not None


@pytest.mark.parametrize(
    ("value", "schema", "expected"),
    [
        (1, INTEGER, None),
        (1, True, None),
        (1, False, "False schema does not allow 1"),
        ("x", NUMBER, "'x' is not of type 'number'"),
        (
            {"a": [{"b": "x"}]},
            record(a={"items": record(b=NUMBER)}),
            "a[0].b: 'x' is not of type 'number'",
        ),
        ({}, record(a=NUMBER), "'a' is a required property"),
        ("x", {"type": 3}, "schema.type: 3 is not a type"),
        (
            "x",
            {"$ref": "#/nowhere"},
            "schema.$ref: '#/nowhere' leads to no schema in this document; nothing is fetched",
        ),
        (1, doubling(20, "allOf", INTEGER), "the value takes too many steps to check"),
    ],
)
def test_violation_is_a_sentence_with_its_place(
    value: Any, schema: Any, expected: str | None
) -> None:
    assert violation(value, schema) == expected


def test_same_arguments_give_the_same_value_in_other_processes() -> None:
    program = (
        "from mockllm.core.schema_value import value_for;"
        "any_of = [{'required': ['a', 'b', 'c', 'd']}, {'required': ['e', 'f']}];"
        "print(value_for({'anyOf': any_of, 'minProperties': 7}, 'x'))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(outputs) == 1


def test_openapi_like_schema_of_five_hundred_properties_is_answered() -> None:
    part = {
        "properties": {
            f"q{n}": {"type": ["string", "null"], "pattern": "^[a-z]+$"} for n in range(5)
        }
    }
    schema = {
        "type": "object",
        "properties": {
            f"p{n}": {"$ref": f"#/components/schemas/s{n % 20}"}
            if n % 5 == 0
            else {"type": "string"}
            for n in range(500)
        },
        "required": [f"p{n}" for n in range(500)],
        "components": {"schemas": {f"s{n}": part for n in range(20)}},
        "patternProperties": {"^x-": {"enum": [f"member {n}" for n in range(2_000)]}},
    }

    assert len(value_for(schema)) == 500
