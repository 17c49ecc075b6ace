"""Objects and arrays, and in what order they are tried."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from mockllm.core.values.container_values import Place, arrays, objects
from mockllm.core.values.json_schema import read
from mockllm.core.values.schema_shape import Shape
from mockllm.core.values.steps import Steps
from mockllm.core.values.value_search import ROOT, Search

BIT = {"type": "integer", "minimum": 0, "maximum": 1}


def tried(schema: dict[str, Any], limit: int, prompt: str = "", place: Place = ROOT) -> list[Any]:
    plain = read(schema)
    shape = Shape({}, frozenset(), Steps(1_000))
    shape.add(plain)
    kind = objects if schema["type"] == "object" else arrays
    return list(islice(kind(shape, place, Search(plain, prompt)), limit))


def test_objects_are_full_then_lean_then_without_one_then_varied() -> None:
    schema = {
        "type": "object",
        "properties": {"a": BIT, "b": {"const": 5}, "c": {"type": "boolean"}},
        "required": ["a"],
    }

    assert tried(schema, 6) == [
        {"a": 0, "b": 5, "c": True},
        {"a": 0},
        {"a": 0, "b": 5},
        {"a": 0, "c": True},
        {"a": 1, "b": 5, "c": True},
        {"a": 0, "b": 5, "c": False},
    ]


def test_fewest_properties_are_kept() -> None:
    schema = {"type": "object", "properties": {"a": BIT, "b": {"const": 5}}, "minProperties": 2}

    assert tried(schema, 2) == [{"a": 0, "b": 5}, {"a": 1, "b": 5}]


def test_required_properties_only_below_the_third_level() -> None:
    schema = {"type": "object", "properties": {"a": BIT, "b": BIT}, "required": ["b"]}

    assert tried(schema, 1, place=Place(("x", "y", 0), frozenset())) == [{"a": 0, "b": 0}]
    assert tried(schema, 1, place=Place(("x", "y", "z"), frozenset())) == [{"b": 0}]


def test_optional_properties_leave_room_for_the_required_ones() -> None:
    schema = {
        "type": "object",
        "properties": {"a": BIT, "b": BIT, "c": BIT},
        "required": ["c"],
        "maxProperties": 2,
    }

    assert tried(schema, 1) == [{"a": 0, "c": 0}]


def test_names_beyond_those_declared() -> None:
    schema = {
        "type": "object",
        "properties": {"a": False},
        "patternProperties": {"^x[0-9]$": BIT},
        "minProperties": 2,
    }

    assert tried(schema, 1) == [{"x0": 0, "x1": 0}]


def test_optional_property_that_has_no_value_is_left_out() -> None:
    schema = {"type": "object", "properties": {"a": {"enum": []}, "b": BIT}}

    assert tried(schema, 1) == [{"b": 0}]


def test_arrays_are_full_then_short_then_varied() -> None:
    schema = {"type": "array", "prefixItems": [BIT, {"type": "boolean"}], "minItems": 1}

    assert tried(schema, 4) == [[0, True], [0], [1, True], [0, False]]


def test_array_ends_before_an_item_that_has_no_value() -> None:
    schema = {"type": "array", "prefixItems": [BIT, False, BIT]}

    assert tried(schema, 1) == [[0]]


def test_unique_items_stay_unique_in_every_try() -> None:
    schema = {"type": "array", "items": BIT, "minItems": 2, "uniqueItems": True}

    found = tried(schema, 10)

    assert found[0] == [0, 1]
    assert all(len(set(value)) == 2 for value in found)


def test_array_without_enough_different_items_is_none() -> None:
    items = {"type": "integer", "minimum": 0, "exclusiveMaximum": 2}
    schema = {"type": "array", "items": items, "minItems": 3, "uniqueItems": True}

    assert tried(schema, 1) == []


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"contains": {"const": 7}}, [7]),
        ({"contains": {"const": 7}, "minContains": 2, "minItems": 3}, [7, 7, "text"]),
        ({"contains": {"const": 7}, "minContains": 0}, ["text"]),
        ({"contains": {"const": 7}, "prefixItems": [BIT, BIT]}, [0, 0, 7]),
    ],
)
def test_what_must_be_contained_is(schema: dict[str, Any], expected: list[Any]) -> None:
    assert tried({"type": "array", **schema}, 1) == [expected]


def test_array_that_is_too_short_for_what_it_must_contain_is_none() -> None:
    schema = {"type": "array", "contains": {"const": 7}, "prefixItems": [BIT], "maxItems": 1}

    assert tried(schema, 1) == []


@pytest.mark.parametrize("kind", ["array", "object"])
def test_offer_of_the_prompt_is_wanted_only_if_it_has_one(kind: str) -> None:
    members = {"items": {"type": "integer"}, "properties": {"a": {"type": "integer"}}}
    offered = Place((), frozenset(), only_offered=True)

    assert tried({"type": kind, **members}, 1, "none", offered) == []
    assert tried({"type": kind, **members}, 1, "take 5", offered) in ([[5]], [{"a": 5}])


def test_prompt_is_given_back_when_a_later_property_has_no_value() -> None:
    plain = read(
        {
            "type": "object",
            "properties": {"a": {"type": "integer"}},
            "required": ["a", "b"],
            "additionalProperties": False,
        }
    )
    search = Search(plain, "5")

    assert list(search.values(plain, ROOT)) == []
    assert search.prompt.used == frozenset()


def test_name_of_a_place_is_the_last_property() -> None:
    assert Place(("a", "b", 0, 1), frozenset()).name == "b"
    assert Place((0,), frozenset()).name == ""
