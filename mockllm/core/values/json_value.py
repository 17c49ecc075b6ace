"""JSON values as JSON Schema sees them: their types, and which are equal."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any


def identity(value: Any) -> Hashable:
    """Return what two JSON values have in common exactly when JSON Schema calls them equal.

    >>> identity({"a": [1]}) == identity({"a": [1.0]}), identity(1) == identity(True)
    (True, False)
    """
    if isinstance(value, Mapping):
        return frozenset((name, identity(member)) for name, member in value.items())
    if isinstance(value, list):
        return tuple(map(identity, value))
    return (bool, value) if isinstance(value, bool) else value  # a type, as no list holds one


def type_name(value: Any) -> str:
    """Return the type of a JSON value; a number without a fraction is an integer.

    >>> type_name(1.0)
    'integer'
    """
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
