"""Numbers and strings for keywords."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from mockllm.core.values.leaf_values import number_fits, numbers, texts
from mockllm.core.values.schema_shape import Shape
from mockllm.core.values.steps import OutOfSteps, Steps


def shape_of(**keywords: Any) -> Shape:
    shape = Shape({}, frozenset(), Steps(100))
    shape.add(keywords)
    return shape


@pytest.mark.parametrize(
    ("keywords", "whole", "expected"),
    [
        ({}, True, [0, 1, 2]),
        ({"maximum": 1}, True, [0, 1, -1]),
        ({"minimum": -1, "maximum": 1}, True, [0, 1, -1]),
        ({"minimum": -1, "maximum": 0}, False, [0, -1, -0.5]),
        ({"exclusiveMinimum": 0, "exclusiveMaximum": 1}, False, [0.5, 0.25, 0.75]),
        ({"minimum": 2.5}, False, [2.5, 3, 4]),
        ({"maximum": -2.5}, True, [-3, -4, -5]),
        ({"multipleOf": 0.5, "minimum": 0.7}, False, [1, 1.5, 2]),
        ({"multipleOf": 0.4, "minimum": 0.7}, True, [2, 4, 6]),
        ({"multipleOf": 5, "maximum": -1}, True, [-5, -10, -15]),
        ({"minimum": 1e20}, True, [10**20, 10**20 + 1, 10**20 + 2]),
    ],
)
def test_numbers_start_near_zero(
    keywords: dict[str, Any], whole: bool, expected: list[float]
) -> None:
    assert list(islice(numbers(keywords, whole, Steps(1_000)), 3)) == expected


def test_numbers_in_a_range_come_to_an_end() -> None:
    found = list(numbers({"exclusiveMinimum": 0, "exclusiveMaximum": 1}, False, Steps(10_000)))

    assert len(set(found)) == len(found) == 1_023


def test_search_for_a_number_is_bounded() -> None:
    with pytest.raises(OutOfSteps):
        next(numbers({"multipleOf": 5e-324, "minimum": 1}, False, Steps(1_000)))


@pytest.mark.parametrize(
    ("value", "keywords", "expected"),
    [
        (3, {"minimum": 3, "maximum": 3}, True),
        (3, {"exclusiveMinimum": 3}, False),
        (3, {"exclusiveMaximum": 3}, False),
        (3, {"multipleOf": 2}, False),
        (0.3, {"multipleOf": 0.1}, False),  # as floats divide, and as jsonschema says
        (0.5, {"multipleOf": 0.25}, True),
    ],
)
def test_number_fits(value: float, keywords: dict[str, Any], expected: bool) -> None:
    assert number_fits(value, keywords, whole=False) is expected


def test_fraction_is_not_whole() -> None:
    assert not number_fits(1.5, {}, whole=True)


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ({}, ["city", "city2", "city3"]),
        ({"maxLength": 4}, ["city", "cit2", "cit3"]),
        ({"maxLength": 1}, ["c", "2", "3"]),
        ({"maxLength": 0}, [""]),
        ({"minLength": 9}, ["citycityc", "citycityc2", "citycityc3"]),
        ({"format": "email"}, [f"user{n}@example.com" for n in (1, 2, 3)]),
        ({"format": "email", "maxLength": 3}, []),
        ({"pattern": "^[A-Z]$"}, ["A", "B", "C"]),
        ({"pattern": "^c"}, ["city", "c", "c1"]),
        ({"pattern": "(?=x)y"}, ["y", "y1", "y2"]),
        ({"pattern": "(?=x"}, ["city"]),
    ],
)
def test_texts_in_order(keywords: dict[str, Any], expected: list[str]) -> None:
    found = list(islice(texts(shape_of(**keywords), "city", Steps(20_000)), 3))

    assert found == expected
