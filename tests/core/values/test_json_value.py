"""Types and equality of JSON values."""

from __future__ import annotations

from typing import Any

import pytest

from mockllm.core.values.json_value import identity, type_name


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ([1], [True], False),
        ([1, 2], [2, 1], False),
        ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}, True),
        ({}, [], False),
        (None, False, False),
        ("1", 1, False),
    ],
)
def test_identity_is_json_schemas_equality(one: Any, other: Any, equal: bool) -> None:
    assert (identity(one) == identity(other)) is equal


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "boolean"),
        (1, "integer"),
        (1.0, "integer"),
        (1.5, "number"),
        ("", "string"),
        ([], "array"),
        ({}, "object"),
    ],
)
def test_type_of_a_value(value: Any, name: str) -> None:
    assert type_name(value) == name
