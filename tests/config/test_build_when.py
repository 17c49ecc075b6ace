"""From a valid `when` to its conditions."""

from __future__ import annotations

import pytest

from mockllm.config.build_when import build_when, scalars, texts
from mockllm.core.conditions import (
    Always,
    Condition,
    FlagIs,
    HeaderIs,
    NameIs,
    Not,
    NumberIn,
    OtherTextContains,
    ParamIs,
    Range,
    TextIs,
    TextMatches,
    glob,
)
from tests.config.documents import lines_of, node_of, root_of


def conditions_of(when: str, normalized: bool = False) -> tuple[Condition, ...]:
    """Return the conditions of a `when` that is valid."""
    problems = lines_of(f"rules: [{{reply: a, when: {{{when}}}}}]")
    assert not [line for line in problems if " error " in line]
    return build_when(root_of(f"{{{when}}}"), normalized)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("always: true", Always()),
        ("equals: a", TextIs("equals", "equals", ("a",))),
        ("contains: a", TextIs("contains", "contains", ("a",))),
        ("contains: [a, B c]", TextIs("contains", "contains", ("a", "B c"))),
        ("contains: [7, yes]", TextIs("contains", "contains", ("7", "yes"))),
        ("contains: ' A '", TextIs("contains", "contains", (" A ",))),
        ("contains_all: [a, b]", TextIs("contains_all", "contains", ("a", "b"), all_of_them=True)),
        ("starts_with: a", TextIs("starts_with", "starts_with", ("a",))),
        ("ends_with: [a, b]", TextIs("ends_with", "ends_with", ("a", "b"))),
        ("system_contains: a", OtherTextContains("system_contains", ("a",))),
        ("any_message_contains: [a, b]", OtherTextContains("any_message_contains", ("a", "b"))),
        ("tool_result_contains: 1.10", OtherTextContains("tool_result_contains", ("1.10",))),
        ("stream: true", FlagIs(True)),
        ("stream: no", FlagIs(False)),
        ("turn: 3", NumberIn("turn", (Range(3, 3),))),
        ("turn: '3'", NumberIn("turn", (Range(3, 3),))),
        ("step: 3+", NumberIn("step", (Range(3, None),))),
        ("input_tokens: 3-5", NumberIn("input_tokens", (Range(3, 5),))),
        ("turn: [1, 3-4, 9+]", NumberIn("turn", (Range(1, 1), Range(3, 4), Range(9, None)))),
        ("params: {a: 1}", ParamIs({"a": (1,)})),
        ("params: {a.b: [x, 1.5, true, null]}", ParamIs({"a.b": ("x", 1.5, True, None)})),
        ("params: {a: NO, b: '7'}", ParamIs({"a": ("NO",), "b": ("7",)})),
        ("params: {a: {b: 1}}", ParamIs({"a": ({"b": 1},)})),
        ("params: {a: [[1, 2]]}", ParamIs({"a": ([1, 2],)})),
    ],
)
def test_condition_is_built(when: str, expected: Condition) -> None:
    assert conditions_of(when) == (expected,)


def errors_of(when: str) -> list[str]:
    problems = lines_of(f"rules: [{{reply: a, when: {{{when}}}}}]")
    return [line for line in problems if " error " in line]


@pytest.mark.parametrize("written", ["1_0", "0x10", "1:30", "1__0", "-0"])
def test_number_is_refused_or_kept(written: str) -> None:
    built = build_when(root_of(f"turn: {written}"), False)

    assert errors_of(f"turn: {written}") or built != (NumberIn("turn", ()),)


@pytest.mark.parametrize(
    "key",
    [
        *("model", "path", "schema", "tool_offered", "tool_choice", "tool_result"),
        *("api_key", "session", "state"),
    ],
)
def test_names_are_globs(key: str) -> None:
    assert conditions_of(f"{key}: [a, 'b*', 7]") == (
        NameIs(key, (glob("a"), glob("b*"), glob("7"))),
    )


@pytest.mark.parametrize(
    ("when", "key", "name"),
    [
        ("provider: openai", "provider", "openai"),
        ("operation: chat", "operation", "chat"),
        ("response_format: json_schema", "response_format", "json_schema"),
        ("has: image", "has", "image"),
    ],
)
def test_closed_words_are_names(when: str, key: str, name: str) -> None:
    assert conditions_of(when) == (NameIs(key, (glob(name),)),)


def test_regexes_are_compiled() -> None:
    (condition,) = conditions_of(r"regex: ['(?P<name>[\pL]+) is', '^b$']")

    assert isinstance(condition, TextMatches)
    assert [regex.pattern for regex in condition.regexes] == [r"(?P<name>[\pL]+) is", "^b$"]
    assert condition.groups("Ann is") == {"0": "Ann is", "1": "Ann", "name": "Ann"}


def test_names_of_headers_ignore_case_and_values_are_globs() -> None:
    assert conditions_of("headers: {X-A: 'b*', x-c: [d, 7]}") == (
        HeaderIs({"x-a": (glob("b*"),), "x-c": (glob("d"), glob("7"))}),
    )


def test_header_named_twice_is_an_error() -> None:
    assert errors_of("headers: {X-A: b, x-a: c}")


def test_not_holds_conditions() -> None:
    assert conditions_of("contains: a, not: {contains: b, stream: true}") == (
        TextIs("contains", "contains", ("a",)),
        Not((TextIs("contains", "contains", ("b",)), FlagIs(True))),
    )


def test_conditions_are_in_the_order_written() -> None:
    found = conditions_of("stream: true, model: a, contains: b, turn: 1")

    assert [condition.key for condition in found] == ["stream", "model", "contains", "turn"]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (
            "equals: '  What  IS it? '",
            TextIs("equals", "equals", ("what is it?",), ignores_case=True),
        ),
        (
            "contains_all: [A, 'B  c']",
            TextIs("contains_all", "contains", ("a", "b c"), True, ignores_case=True),
        ),
        (
            "system_contains: [A, B]",
            OtherTextContains("system_contains", ("a", "b"), ignores_case=True),
        ),
        ("not: {contains: A}", Not((TextIs("contains", "contains", ("a",), ignores_case=True),))),
        ("model: GPT-4", NameIs("model", (glob("GPT-4"),))),
    ],
)
def test_needles_are_normalized_where_prompts_are(when: str, expected: Condition) -> None:
    assert conditions_of(when, normalized=True) == (expected,)


def test_regex_is_never_normalized() -> None:
    (condition,) = conditions_of("regex: A  B", normalized=True)

    assert isinstance(condition, TextMatches)
    assert condition.regexes[0].pattern == "A  B"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a", ("a",)),
        ("[a, 7, '']", ("a", "7", "")),
        ("[a, [b], {c: d}]", ("a",)),
        ("{a: b}", ()),
        ("[]", ()),
    ],
)
def test_texts_are_a_scalar_or_those_of_a_list(written: str, expected: tuple[str, ...]) -> None:
    node = node_of(written)

    assert texts(node) == expected
    assert tuple(scalar.text for scalar in scalars(node)) == expected
