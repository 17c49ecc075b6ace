"""A JSON value that is valid for a client's JSON Schema: from the prompt where it has one.

Schemas and prompts come from clients, so that all work is bounded, and nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from mockllm.core.values.json_schema import SchemaProblem, read
from mockllm.core.values.steps import OutOfSteps
from mockllm.core.values.value_search import ROOT, Search, checker
from mockllm.errors import MockLLMError

_MAX_TRIES = 50


class Unsatisfiable(MockLLMError):
    """No valid value was found for a schema; the message says where and why, for a person."""


def value_for(schema: Mapping[str, Any] | bool, prompt: str = "") -> Any:
    """Return a value that is valid for `schema`, the same at each call.

    >>> booking = {"properties": {"seats": {"type": "integer"}, "to": {"type": "string"}}}
    >>> value_for(booking, 'Book 3 seats to "Paris"')
    {'seats': 3, 'to': 'Paris'}

    A pattern that RE2 does not take (look-around, back-references) is followed as far as
    possible, and not checked.

    Raises:
        Unsatisfiable: none was found in bounded time, or the schema itself is not valid.
    """
    try:
        plain = read(schema)
    except SchemaProblem as problem:
        raise Unsatisfiable(str(problem)) from None
    search = Search(plain, prompt)
    why = None
    try:
        for value in islice(search.values(plain, ROOT), _MAX_TRIES):
            reason = search.violation(value, plain)
            if reason is None:
                return value
            why = why or reason
    except OutOfSteps:
        why = "; ".join(filter(None, ("it takes too many steps", search.obstacle)))
    except RecursionError:
        why = "it is nested too deeply"
    raise Unsatisfiable(f"no valid value was found for the schema: {why or search.obstacle}")


def violation(value: Any, schema: Mapping[str, Any] | bool) -> str | None:
    """Return the first way in which `value` breaks `schema`, None when it is valid.

    >>> violation({"items": [{"price": "x"}]}, {"properties": {"items": {"items": {
    ...     "properties": {"price": {"type": "number"}}}}}})
    "items[0].price: 'x' is not of type 'number'"

    A schema that is not valid itself gives a sentence as well.
    """
    try:
        return checker(read(schema)).violation(value)
    except SchemaProblem as problem:
        return str(problem)
    except OutOfSteps:
        return "the value takes too many steps to check"
