"""What a prompt offers."""

from __future__ import annotations

from typing import Any

import pytest

from mockllm.core.values.prompt_values import MAX_PROMPT, PromptValues


def anything(_value: Any) -> bool:
    return True


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("", []),
        ("What is 2+2?", [2, 2]),
        ("12*7, 5-7 and 3x", [12, 7, 5, 7, 3]),
        ("from -3 to (-4)", [-3, -4]),
        ("$1,000.50, 1,000,000 or 3.0", [1000.5, 1_000_000, 3]),
        ("1,2 and 1,0000", [1, 2, 1, 0]),
        ("25°C at 3pm, 50%", [25, 3, 50]),
        ("gpt-4o, v2, B12, _5 and .5", []),
        ("3.11.7", [3.11]),
        ("on 2025-05-01 from 192.0.2.1 for bob1@example.com", []),
        ("at 10:30", [10, 30]),
        ("1234567890123456", []),
        ("1" + ",000" * 5, [10**12, 0]),
        ("7 " * 200, [7] * 100),
        ("٣", []),
        ('the "top 10" of "5"', [5]),
    ],
)
def test_numbers_in_order(prompt: str, expected: list[float]) -> None:
    assert list(PromptValues(prompt).numbers(anything)) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("none, don't you think?", []),
        ("\"a\" 'b' `c` “d”", ["a", "b", "c", "d"]),
        ("'it's fine'", ["it's fine"]),
        ("the '90s, the '80s and so on", []),
        ('"over\nlines" and "" and "x"', ["over\nlines", "x"]),
        ("```\ncode\n```", []),
        ("““a”", ["a"]),
        ("`a` " * 200, ["a"] * 100),
    ],
)
def test_quoted_strings_in_order(prompt: str, expected: list[str]) -> None:
    assert list(PromptValues(prompt).texts(anything)) == expected


def test_words_are_those_that_stand_out() -> None:
    prompt = "Mail (bob@example.com), see https://x.org/a?b=1. On 2025-05-01!"

    words = list(PromptValues(prompt).words(anything))

    assert words == ["bob@example.com", "https://x.org/a?b=1", "2025-05-01"]


@pytest.mark.parametrize(
    ("prompt", "members", "expected"),
    [
        ("in Celsius", ["celsius", "kelvin"], "celsius"),
        ("b then a", ["a", "b"], "b"),
        ("it is in-progress", ["in_progress"], "in_progress"),
        ("to New York", ["york", "new york", "new"], "new york"),
        ("concatenate", ["cat"], None),
        ("c++ or c", ["c", "c++"], "c++"),
        ("take 2", [1, 2], 2),
        ("it is TRUE", [False, True], True),
        ("null", [None], None),
        ("text", [{"text": 1}, ["text"], "", " ", 10**5_000], None),
        ("İİ x", ["x"], "x"),
        ("what a banana: aa " * 20 + "b", ["aa", "b"], "aa"),
        ("was the answer " * 20 + "B?", ["A", "B"], "B"),
        ("xa b " * 20 + "a b", ["a b"], None),
    ],
)
def test_member_that_is_mentioned_first(prompt: str, members: list[Any], expected: Any) -> None:
    assert next(PromptValues(prompt).members(members), None) == expected


def test_mentions_are_used_once_and_then_again() -> None:
    values = PromptValues("from b to a")

    taken = [next(values.members(["a", "b"])) for _ in range(3)]

    assert taken == ["b", "a", "b"]


def test_what_is_taken_is_used() -> None:
    values = PromptValues("1 and 2")

    assert [next(values.numbers(anything), None) for _ in range(3)] == [1, 2, None]


def test_what_does_not_fit_is_left() -> None:
    values = PromptValues("1 and 2")

    assert next(values.numbers(lambda number: number > 1)) == 2
    assert next(values.numbers(anything)) == 1


def test_asking_for_the_next_gives_the_last_back() -> None:
    values = PromptValues("1 and 2")
    numbers = values.numbers(anything)

    assert [next(numbers), next(numbers)] == [1, 2]
    assert next(values.numbers(anything)) == 1


def test_used_can_be_set_back() -> None:
    values = PromptValues("1 and 2")
    used = values.used
    next(values.numbers(anything))

    values.used = used

    assert next(values.numbers(anything)) == 1


def test_number_in_quotes_is_one_thing() -> None:
    values = PromptValues('"5"')
    next(values.texts(anything))

    assert next(values.numbers(anything), None) is None


def test_only_the_start_of_a_long_prompt_is_read() -> None:
    values = PromptValues(" " * MAX_PROMPT + "5 'x' word 2025-01-01")

    assert [*values.numbers(anything), *values.texts(anything), *values.words(anything)] == []
    assert list(values.members(["word"])) == []
