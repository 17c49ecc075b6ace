"""JSON written in YAML: plain words and numbers are JSON's, everything else is text as written."""

from __future__ import annotations

import pytest

from mockllm.config.json_value import json_value
from tests.config.documents import node_of


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("0", 0),
        ("-0", 0),
        ("7", 7),
        ("-7", -7),
        ("9" * 300, int("9" * 300)),
        ("1.5", 1.5),
        ("-0.25", -0.25),
        ("1.0", 1.0),
        ("1e3", 1000.0),
        ("1E3", 1000.0),
        ("1e+3", 1000.0),
        ("25e-2", 0.25),
        ("1.5e3", 1500.0),
    ],
)
def test_plain_scalar_of_json_is_what_it_says(written: str, expected: object) -> None:
    found = json_value(node_of(written))

    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    "written",
    [
        *("True", "TRUE", "False", "yes", "No", "NO", "on", "off", "y"),
        *("~", "Null", "NULL", "None"),
        *("12:30", "01234", "007", "0x1F", "0b1", "0o7", "1_000", "+7", "2024-05-01"),
        *(".5", "5.", "1.e3", "1e", "--1", ".nan", ".inf", "NaN", "Infinity", "-Infinity"),
        *("hello", "hello world", "=", "<<", "١٢", "1e3 "[:2], "9" * 400),
    ],
)
def test_any_other_plain_scalar_is_text_as_written(written: str) -> None:
    assert json_value(node_of(written)) == written


@pytest.mark.parametrize("written", ["1e999", "-1e999", f"{'9' * 300}e99"])
def test_number_past_the_floats_is_text_as_written(written: str) -> None:
    assert json_value(node_of(written)) == written


@pytest.mark.parametrize(
    "written", ["'true'", '"null"', "'7'", "'1.5'", "!!str 7", "''", '""', "|-\n  7"]
)
def test_what_is_no_plain_scalar_is_text(written: str) -> None:
    assert isinstance(json_value(node_of(written)), str)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{}", {}),
        ("[]", []),
        ("[1, [true, {a: null}]]", [1, [True, {"a": None}]]),
        ("{7: 7, yes: yes, true: true}", {"7": 7, "yes": "yes", "true": True}),
        ("{a: , b: }", {"a": None, "b": None}),
        ("{b: 1, a: 2}", {"b": 1, "a": 2}),
        ("a:\n- b: c\n  d:\n", {"a": [{"b": "c", "d": None}]}),
        ("{a: &x [1], b: *x}", {"a": [1], "b": [1]}),
        ("{<<: {a: 1}, b: 2}", {"b": 2, "a": 1}),
    ],
)
def test_collections_hold_json(written: str, expected: object) -> None:
    assert json_value(node_of(written)) == expected


def test_order_of_keys_is_kept() -> None:
    assert list(json_value(node_of("{b: 1, a: 2, c: 3}"))) == ["b", "a", "c"]


def test_text_that_is_a_value_is_changed_and_nothing_else() -> None:
    node = node_of("{a: [b, 'c', 7, true, null], d: {e: 12:30}}")

    assert json_value(node, str.upper) == {
        "a": ["B", "C", 7, True, None],
        "d": {"e": "12:30"},
    }
