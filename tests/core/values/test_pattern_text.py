"""Texts for patterns."""

from __future__ import annotations

from itertools import islice

import pytest

from mockllm.core.values.pattern_text import texts
from mockllm.core.values.patterns import found
from mockllm.core.values.steps import OutOfSteps, Steps


def first(pattern: str, least: int = 0) -> str | None:
    return next(texts(pattern, Steps(1_000), least), None)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", ""),
        ("^abc$", "abc"),
        ("a.c", "aac"),
        ("cat|dog", "cat"),
        ("^(?:a|b)(c)(?<name>d)(?P<other>e)$", "acde"),
        ("a?b*c+d{2}e{2,}f{1,3}g{0}", "cddeef"),
        ("a??b*?c+?d++", "cd"),
        ("{x} a{,2} a{b", "{x} a{,2} a{b"),
        (r"\d\w\s\D\W\S", "0a a-a"),
        (r"\t\n\r\f\v\0", "\t\n\r\f\v\0"),
        (r"\x41\u0042\u{43}\x{44}\/\-\.", "ABCD/-."),
        (r"\bword\b\A\z\Z\B", "word"),
        (r"\p{L}\p{Lu}\p{Nd}\pN\p{sc=Greek}", "aA00a"),
        ("[b-d][-x][x-][^a-y][]a]", "bxxza"),
        (r"[\d-z][\]a][\b][^\w]", "za\b-"),
        ("[^ -~]", "\t"),
        (r"[^\x00-\x7f]", "é"),
        ("[א-ת]", "א"),
        (r"(a)\1", "a"),
        ("(?i)a(?i:b)(?s-m:c)", "abc"),
        ("^(?=.*x)(?!y)(?<=z)(?<!w)a$", "a"),
        ("([ab]{2}|c){2}", "aaaa"),
    ],
)
def test_first_text_takes_the_first_of_all_options(pattern: str, expected: str) -> None:
    assert first(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "least", "expected"),
    [
        ("^a+$", 4, "aaaa"),
        ("^a{2,3}b*$", 5, "aaabb"),
        ("^(ab)*$", 3, "abab"),
        ("^ab$", 4, "ab"),
        ("^(a*)*b*$", 3, "aaa"),
        ("^(b{0})*c*$", 2, "cc"),
    ],
)
def test_repetitions_reach_the_least_length(pattern: str, least: int, expected: str) -> None:
    assert first(pattern, least) == expected


def test_text_that_repetitions_cannot_make_longer_is_filled_up() -> None:
    assert list(islice(texts("abc", Steps(100), 5), 3)) == ["abc", "abcaa", "aaabc"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^[ab]{2}$", ["aa", "ba", "ab", "bb"]),
        ("^(a|b)$", ["a", "b"]),
        ("^a*$", ["", "a", "aa", "aaa"]),
        ("^x-", ["x-", "x-1", "x-2"]),
    ],
)
def test_texts_vary(pattern: str, expected: list[str]) -> None:
    assert list(islice(texts(pattern, Steps(100)), len(expected))) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        "a)b",
        "(a",
        "[a",
        "[",
        "a\\",
        r"[^\x00-\x{10ffff}]",
        r"[\x{110000}]",
        r"[\x{d800}]",
        "(" * 60 + ")" * 60,
        "(" * 100_000,
        "((a{1000}){1000}){1000}",
        "((){10000}){10000}",
    ],
)
def test_pattern_beyond_us_has_no_texts(pattern: str) -> None:
    assert list(texts(pattern, Steps(1_000_000))) == []


def test_texts_spend_steps() -> None:
    with pytest.raises(OutOfSteps):
        list(texts("[a-z]{5000}", Steps(1_000)))


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Za-z_][A-Za-z0-9_]*$",
        r"^#(?:[0-9a-fA-F]{3}){1,2}$",
        r"^\+?[1-9]\d{1,14}$",
        r"^(\([0-9]{3}\))?[0-9]{3}-[0-9]{4}$",
        r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
        r"^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$",
        r"^(?:[0-9a-zA-Z+/]{4})*(?:(?:[0-9a-zA-Z+/]{2}==)|(?:[0-9a-zA-Z+/]{3}=))?$",
        r"^([01]\d|2[0-3]):[0-5]\d$",
        r"^[^\s@]+@[^\s@]+\.[^\s@]+$",
        r"^[\p{L}\s'-]{2,}$",
        r"\S",
    ],
)
@pytest.mark.parametrize("least", [0, 12])
def test_text_for_a_usual_pattern_matches(pattern: str, least: int) -> None:
    steps = Steps(1_000)

    assert any(found(pattern, text, steps) for text in islice(texts(pattern, steps, least), 3))
