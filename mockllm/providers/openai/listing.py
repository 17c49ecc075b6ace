"""Cursor paging, as every list of OpenAI's has it.

Source: openai-python 3.54 (`pagination.py`, `types/chat/completion_list_params.py`,
`types/responses/input_item_list_params.py`), read 2026-11-22. Departure: a cursor that names no
item of the list gets a 400 for every kind of list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from mockllm.errors import InvalidRequest

MAX_LIMIT = 100
_DEFAULT_LIMIT = 20
_ORDERS = ("asc", "desc")


def page(items: Sequence[Mapping[str, Any]], query: str, newest_first: bool) -> dict[str, Any]:
    """Return one page of a list.

    `items`: all of them, the oldest first, each with its `id`. `query` is the URL's, of which
    `after`, `limit` and `order` are read; `newest_first` is the order where it names none.

    Raises:
        InvalidRequest: one of them has a value that the API does not take.
    """
    members = dict(parse_qsl(query, keep_blank_values=True))
    listed = list(items)
    if _is_newest_first(members.get("order"), newest_first):
        listed.reverse()
    if "after" in members:
        listed = _after(listed, members["after"])
    limit = _limit(members.get("limit"))
    data = listed[:limit]
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": len(listed) > limit,
    }


def _is_newest_first(order: str | None, default: bool) -> bool:
    if order is None:
        return default
    if order not in _ORDERS:
        raise InvalidRequest("value", ("order",), "among 'asc' and 'desc'", order)
    return order == "desc"


def _after(items: list[Mapping[str, Any]], cursor: str) -> list[Mapping[str, Any]]:
    for position, item in enumerate(items):
        if item["id"] == cursor:
            return items[position + 1 :]
    raise InvalidRequest("value", ("after",), "that is the id of an item of this list", cursor)


def _limit(text: str | None) -> int:
    if text is None:
        return _DEFAULT_LIMIT
    if not (text.removeprefix("-").isdecimal() and len(text) <= MAX_LIMIT):
        raise InvalidRequest("type", ("limit",), "int", "str")
    limit = int(text)
    if limit < 1:
        raise InvalidRequest("value", ("limit",), ">= 1", text)
    if limit > MAX_LIMIT:
        raise InvalidRequest("value", ("limit",), f"<= {MAX_LIMIT}", text)
    return limit
