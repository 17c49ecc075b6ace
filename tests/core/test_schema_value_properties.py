"""Generated schemas: a value that jsonschema alone finds valid, or a refusal."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockllm.core.schema_value import Unsatisfiable, value_for, violation

Schemas = st.SearchStrategy[Any]

DEFINITIONS = {
    "leaf": {"type": "integer", "minimum": 2},
    "node": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
            "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
        },
        "required": ["name", "next"],
    },
}
NAMES = st.sampled_from(["a", "b", "c", "city"])
BOUNDS = st.tuples(st.integers(-20, 20), st.integers(0, 20))
# Those that jsonschema checks without further packages: under `not`, an unchecked one holds.
FORMATS = st.sampled_from(["date", "email", "ipv4", "ipv6", "uuid"])
PATTERNS = st.sampled_from(
    ["^[a-z]+$", r"^\d{3}-\d{4}$", "^(cat|dog)s?$", "x", "^[A-Z][a-z]*$", r"^[^\s@]+@x\.org$"]
)
SCALARS = st.one_of(
    st.integers(0, 3),
    st.sampled_from(["red", "green"]),
    st.none(),
    st.booleans(),
    st.text(max_size=2),
)
PROMPTS = st.sampled_from(
    ["", 'take 3 and 7.5 "red" "dogs" on 2025-05-05', 'green "a" "abc" -4 red "Dog" 555-0199 x']
)


def strings(bounds: tuple[int, int]) -> dict[str, Any]:
    least, more = abs(bounds[0]), bounds[1]
    return {"type": "string", "minLength": least, "maxLength": least + more}


LEAVES = st.one_of(
    st.sampled_from(
        [True, {}, {"type": "string"}, {"type": "boolean"}, {"type": ["null", "integer"]}]
    ),
    st.sampled_from([{"$ref": f"#/$defs/{name}"} for name in DEFINITIONS]),
    BOUNDS.map(strings),
    BOUNDS.map(lambda at: {"type": "integer", "minimum": at[0], "maximum": at[0] + at[1]}),
    BOUNDS.map(
        lambda at: {
            "type": "number",
            "exclusiveMinimum": at[0],
            "exclusiveMaximum": at[0] + at[1] + 0.5,
        }
    ),
    st.integers(1, 7).map(lambda step: {"type": "integer", "multipleOf": step, "minimum": 3}),
    FORMATS.map(lambda name: {"type": "string", "format": name}),
    PATTERNS.map(lambda pattern: {"type": "string", "pattern": pattern}),
    st.lists(SCALARS, min_size=1, max_size=4).map(lambda members: {"enum": members}),
    SCALARS.map(lambda value: {"const": value}),
)


def arrays(items: Schemas) -> Schemas:
    return st.builds(
        lambda item, least: {
            "type": "array",
            "items": item,
            "minItems": least,
            "maxItems": least + 1,
        },
        items,
        st.integers(0, 3),
    )


@st.composite
def objects(draw: st.DrawFn, members: Schemas) -> dict[str, Any]:
    properties = draw(st.dictionaries(NAMES, members, max_size=3))
    required = draw(st.sets(st.sampled_from(sorted(properties)))) if properties else ()
    additional = draw(st.sampled_from([{}, {"additionalProperties": False}]))
    return {"type": "object", "properties": properties, "required": sorted(required), **additional}


def satisfiable(schemas: Schemas) -> Schemas:
    """Schemas in which nothing excludes anything else."""
    some = st.lists(schemas, min_size=1, max_size=3)
    return st.one_of(
        objects(schemas),
        arrays(schemas),
        some.map(lambda branches: {"anyOf": branches}),
        some.map(lambda items: {"type": "array", "prefixItems": items}),
    )


def any_schema(schemas: Schemas) -> Schemas:
    some = st.lists(schemas, min_size=1, max_size=3)
    counts = st.integers(0, 4)
    return st.one_of(
        satisfiable(schemas),
        some.map(lambda parts: {"allOf": parts}),
        some.map(lambda branches: {"oneOf": branches}),
        schemas.map(lambda schema: {"not": schema}),
        st.builds(lambda a, b, c: {"if": a, "then": b, "else": c}, schemas, schemas, schemas),
        st.builds(
            lambda item, least: {
                "type": "array",
                "items": item,
                "minItems": least,
                "uniqueItems": True,
            },
            schemas,
            counts,
        ),
        st.builds(lambda a, b: {"type": "array", "items": a, "contains": b}, schemas, schemas),
        st.builds(
            lambda member, least: {
                "type": "object",
                "patternProperties": {"^[ab]": member},
                "additionalProperties": {"type": "integer"},
                "minProperties": least,
            },
            schemas,
            counts,
        ),
        st.builds(lambda a, b: {"dependentRequired": {a: [b]}}, NAMES, NAMES),
        st.builds(lambda name, rule: {"dependentSchemas": {name: rule}}, NAMES, schemas),
    )


def document(schema: Any) -> dict[str, Any]:
    return {"allOf": [schema], "$defs": DEFINITIONS}


def is_valid(value: Any, schema: dict[str, Any]) -> bool:
    formats = Draft202012Validator.FORMAT_CHECKER
    return bool(Draft202012Validator(schema, format_checker=formats).is_valid(value))


generated = settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@generated
@given(st.recursive(LEAVES, satisfiable, max_leaves=12).map(document), PROMPTS)
def test_satisfiable_schema_has_a_valid_value(schema: dict[str, Any], prompt: str) -> None:
    value = value_for(schema, prompt)

    assert is_valid(value, schema)
    assert value_for(schema, prompt) == value


@generated
@given(st.recursive(LEAVES, any_schema, max_leaves=12).map(document), PROMPTS)
def test_any_schema_has_a_valid_value_or_none(schema: dict[str, Any], prompt: str) -> None:
    try:
        value = value_for(schema, prompt)
    except Unsatisfiable:
        return

    assert is_valid(value, schema)


KEYWORDS = st.sampled_from(
    [*Draft202012Validator.VALIDATORS, "then", "else", "nullable", "dependencies", "default", "a"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYWORDS, inner, max_size=4),
    max_leaves=12,
)


@generated
@given(st.dictionaries(KEYWORDS, JSON, max_size=4), JSON)
def test_any_document_is_survived(schema: dict[str, Any], value: Any) -> None:
    found = violation(value, schema)

    assert found is None or len(found) > 5


@generated
@given(st.dictionaries(KEYWORDS, JSON, max_size=4), st.text(max_size=50))
def test_value_for_any_document_is_valid_or_refused(schema: dict[str, Any], prompt: str) -> None:
    try:
        value = value_for(schema, prompt)
    except Unsatisfiable:
        return

    assert violation(value, schema) is None
