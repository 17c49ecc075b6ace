"""Patterns, found by RE2."""

from __future__ import annotations

import pytest

from mockllm.core.values.patterns import found
from mockllm.core.values.steps import OutOfSteps, Steps


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("b", "abc", True),
        ("^b$", "abc", False),
        (r"^\d{3}$", "123", True),
        (r"^\u0041\u{42}\/\\u$", r"AB/\u", True),
        (r"^\p{Lu}$", "É", True),
        ("^(?<year>[0-9]+)$", "2025", True),
        ("^(a+)+$", "a" * 1_000 + "!", False),
        ("^.$", "\ud800", True),
        ("(?=a)", "a", None),
        (r"(a)\1", "aa", None),
        ("(", "(", None),
        ("\ud800", "a", None),
        ("(a{1,100}){1,100}", "a", None),
        (r"^(\p{L}{1,100}){1,9}$", "a", None),
        ("a" * 5_001, "a", None),
    ],
)
def test_pattern_is_found_or_cannot_be_checked(
    pattern: str, text: str, expected: bool | None
) -> None:
    assert found(pattern, text, Steps(10)) is expected


def test_work_is_paid_for() -> None:
    with pytest.raises(OutOfSteps):
        found("a" * 1_000, "a" * 10_000, Steps(100))
