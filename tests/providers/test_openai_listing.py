"""Pages of OpenAI's lists."""

from __future__ import annotations

from typing import Any

import pytest

from mockllm.errors import InvalidRequest
from mockllm.providers.openai import dialect
from mockllm.providers.openai.listing import page

ITEMS = [{"id": f"i{number}"} for number in range(25)]


def ids(found: dict[str, Any]) -> list[str]:
    return [each["id"] for each in found["data"]]


def test_page_is_a_list_of_at_most_twenty_with_its_ends() -> None:
    found = page(ITEMS, "", newest_first=False)

    assert ids(found) == [f"i{number}" for number in range(20)]
    assert {**found, "data": []} == {
        "object": "list",
        "data": [],
        "first_id": "i0",
        "last_id": "i19",
        "has_more": True,
    }


def test_empty_list_has_no_ends() -> None:
    assert page([], "", newest_first=True) == {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": False,
    }


@pytest.mark.parametrize(
    ("query", "newest_first", "found"),
    [
        ("limit=2", False, ["i0", "i1"]),
        ("limit=2", True, ["i24", "i23"]),
        ("limit=2&order=asc", True, ["i0", "i1"]),
        ("limit=2&order=desc", False, ["i24", "i23"]),
        ("limit=2&after=i3", False, ["i4", "i5"]),
        ("limit=2&after=i3", True, ["i2", "i1"]),
        ("after=i24", False, []),
        ("limit=1&unknown=x", False, ["i0"]),
    ],
)
def test_cursor_limit_and_order(query: str, newest_first: bool, found: list[str]) -> None:
    assert ids(page(ITEMS, query, newest_first)) == found


def test_last_page_has_no_more() -> None:
    assert page(ITEMS, "limit=5&after=i19", newest_first=False)["has_more"] is False


@pytest.mark.parametrize(
    ("query", "param", "code", "message"),
    [
        (
            "limit=0",
            "limit",
            "integer_below_min_value",
            "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got 0"
            " instead.",
        ),
        (
            "limit=101",
            "limit",
            "integer_above_max_value",
            "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101"
            " instead.",
        ),
        (
            "limit=-1",
            "limit",
            "integer_below_min_value",
            "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got -1"
            " instead.",
        ),
        (
            "limit=",
            "limit",
            "invalid_type",
            "Invalid type for 'limit': expected an integer, but got a string instead.",
        ),
        (
            "order=up",
            "order",
            "invalid_value",
            "Invalid value: 'up'. Supported values are: 'asc' and 'desc'.",
        ),
        (
            "after=gone",
            "after",
            "invalid_value",
            "Invalid 'after': expected a value that is the id of an item of this list, but got"
            " gone instead.",
        ),
    ],
)
def test_bad_value_is_refused_in_openais_words(
    query: str, param: str, code: str, message: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        page(ITEMS, query, newest_first=False)

    error = dialect.error_body(caught.value)["error"]
    assert error == {
        "message": message,
        "type": "invalid_request_error",
        "param": param,
        "code": code,
    }


def test_limit_of_very_many_digits_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        page(ITEMS, f"limit={'9' * 10_000}", newest_first=False)
