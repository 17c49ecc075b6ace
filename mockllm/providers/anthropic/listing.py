"""Paging by ids, as every list of Anthropic's has it.

Source: anthropic-sdk-python 2.12 (`pagination.py`, `types/model_list_params.py`), read
2026-11-22. Departure: an id that is not in the list gets a 400 for every kind of list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockllm.errors import InvalidRequest

MAX_LIMIT = 1_000
_DEFAULT_LIMIT = 20
_MAX_DIGITS = 10

Item = Mapping[str, Any]


def page(items: Sequence[Item], query: Mapping[str, str]) -> dict[str, Any]:
    """Return one page of a list.

    `items`: all of them in order, each with its `id`. Of `query`, `after_id`, `before_id` and
    `limit` are read; a page before an id ends next to it.

    Raises:
        InvalidRequest: one of them has a value that the API does not take.
    """
    limit = _limit(query.get("limit"))
    if "before_id" in query:
        found = items[: _position(items, query["before_id"], "before_id")]
        data = found[-limit:]
    else:
        start = _position(items, query["after_id"], "after_id") + 1 if "after_id" in query else 0
        found = items[start:]
        data = found[:limit]
    return {
        "data": data,
        "has_more": len(found) > limit,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
    }


def _position(items: Sequence[Item], cursor: str, name: str) -> int:
    for position, item in enumerate(items):
        if item["id"] == cursor:
            return position
    raise InvalidRequest("value", (name,), "the id of an item of this list", cursor)


def _limit(text: str | None) -> int:
    if text is None:
        return _DEFAULT_LIMIT
    if not text.removeprefix("-").isdecimal() or len(text) > _MAX_DIGITS:
        raise InvalidRequest("type", ("limit",), "int", "str")
    limit = int(text)
    if limit < 1:
        raise InvalidRequest("value", ("limit",), ">= 1", text)
    if limit > MAX_LIMIT:
        raise InvalidRequest("value", ("limit",), f"<= {MAX_LIMIT}", text)
    return limit
