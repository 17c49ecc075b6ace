"""The order in which values are tried."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from mockllm.core.values.json_schema import read
from mockllm.core.values.value_search import ROOT, Search


def tried(schema: Any, limit: int, prompt: str = "") -> list[Any]:
    plain = read(schema)
    return list(islice(Search(plain, prompt).values(plain, ROOT), limit))


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "boolean"}, [True, False]),
        ({"type": ["null", "boolean"]}, [True, False, None]),
        ({"type": "integer", "minimum": 1, "maximum": 3, "default": 2}, [2, 1, 2, 3]),
        ({"enum": [1, 2], "default": 2}, [2, 1, 2]),
        ({"anyOf": [{"type": "null"}, False, {"type": "boolean"}]}, [True, False, None]),
        ({"type": "integer", "not": {"maximum": 3}}, [4, 5, 6]),
    ],
)
def test_values_in_order(schema: Any, expected: list[Any]) -> None:
    assert tried(schema, len(expected)) == expected


def test_what_the_prompt_offers_comes_before_the_default() -> None:
    schema = {"type": "integer", "default": 7, "maximum": 8}

    assert tried(schema, 5, "5 or 6 or 9") == [5, 6, 7, 5, 6]


def test_prompt_is_given_back_by_what_is_not_used() -> None:
    plain = read({"type": "integer"})
    search = Search(plain, "5")
    values = search.values(plain, ROOT)

    assert next(values) == 5
    assert search.prompt.used == frozenset({0})
    assert next(values) == 0
    assert search.prompt.used == frozenset()


def test_last_obstacle_is_known_with_its_place() -> None:
    plain = read({"properties": {"a": {"items": {"type": "integer", "enum": ["x"]}}}})
    search = Search(plain, "")

    next(search.values(plain, ROOT))

    assert search.obstacle == "a[0]: no member of the enum is of type integer"
