"""Paging by ids."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from mockllm.errors import InvalidRequest
from mockllm.providers.anthropic.listing import page

ITEMS = [{"id": name} for name in "abcde"]


@pytest.mark.parametrize(
    ("query", "ids", "has_more"),
    [
        ({}, "abcde", False),
        ({"limit": "2"}, "ab", True),
        ({"limit": "5"}, "abcde", False),
        ({"after_id": "b"}, "cde", False),
        ({"after_id": "b", "limit": "2"}, "cd", True),
        ({"after_id": "e"}, "", False),
        ({"before_id": "d"}, "abc", False),
        ({"before_id": "d", "limit": "2"}, "bc", True),
        ({"before_id": "a"}, "", False),
    ],
)
def test_page(query: dict[str, str], ids: str, has_more: bool) -> None:
    found = page(ITEMS, query)

    assert "".join(item["id"] for item in found["data"]) == ids
    assert found["has_more"] is has_more
    assert (found["first_id"], found["last_id"]) == ((ids[0], ids[-1]) if ids else (None, None))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "-5"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
        ({"after_id": "z"}, "after_id"),
        ({"before_id": ""}, "before_id"),
    ],
)
def test_page_that_there_is_not(query: dict[str, str], name: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        page(ITEMS, query)

    assert caught.value.path == (name,)


def test_bound_is_in_the_vendors_words(app: Flask) -> None:
    headers = {"anthropic-version": "2023-06-01"}
    answer: Any = app.test_client().get("/v1/models?limit=1001", headers=headers).json

    words = "limit: Input should be less than or equal to 1000"
    assert answer["error"] == {"type": "invalid_request_error", "message": words}
