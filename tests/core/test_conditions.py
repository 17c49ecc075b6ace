"""Each condition: when it holds, when it fails, and what it says then."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from mockllm.core.conditions import (
    NAMES,
    Always,
    Condition,
    FlagIs,
    Glob,
    HeaderIs,
    Mismatch,
    NameIs,
    Not,
    NumberIn,
    OtherTextContains,
    ParamIs,
    Range,
    TextIs,
    TextMatches,
    difference,
    glob,
)
from mockllm.core.model import (
    Audio,
    File,
    Image,
    ResponseFormat,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from mockllm.core.regex import compile_regex
from mockllm.core.subject import Subject
from tests.core.builders import (
    assistant,
    call,
    contains,
    raw,
    request,
    result,
    subject_of,
    system,
    user,
)

HI = subject_of("hi")


def reason(condition: Condition, subject: Subject = HI, text: str | None = "hello world") -> str:
    """Return what a condition says, "" when it holds."""
    found = condition.mismatch(subject, text)
    return "" if found is None else str(found)


@pytest.mark.parametrize(
    "condition",
    [
        TextIs("equals", "equals", ("hello world",)),
        TextIs("equals", "equals", ("other", "hello world")),
        contains("lo wo"),
        contains("zebra", "hello"),
        TextIs("contains_all", "contains", ("hello", "world"), all_of_them=True),
        TextIs("starts_with", "starts_with", ("hello",)),
        TextIs("ends_with", "ends_with", ("world",)),
        TextMatches((compile_regex("zebra"), compile_regex("w.rld$"))),
        Always(),
    ],
)
def test_text_condition_holds(condition: Condition) -> None:
    assert reason(condition) == ""


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (TextIs("equals", "equals", ("hello",)), "equals: wanted 'hello', got 'hello world'"),
        (TextIs("equals", "equals", ("Hello world",)), "equals: wanted 'Hello world'"),
        (contains("x", "y"), "contains: wanted 'x' or 'y', got 'hello world'"),
        (
            TextIs("contains_all", "contains", ("hello", "zebra"), all_of_them=True),
            "contains_all: wanted 'hello' and 'zebra'",
        ),
        (TextIs("starts_with", "starts_with", ("world",)), "starts_with: wanted 'world'"),
        (TextIs("ends_with", "ends_with", ("hello",)), "ends_with: wanted 'hello'"),
        (TextMatches((compile_regex("^world"),)), "regex: wanted '^world', got 'hello world'"),
    ],
)
def test_text_condition_fails_and_says_why(condition: Condition, words: str) -> None:
    found = condition.mismatch(HI, "hello world")

    assert found is not None
    assert str(found).startswith(words)
    assert found.quotes_request


def test_contains_all_says_that_all_are_wanted() -> None:
    both = TextIs("contains_all", "contains", ("hello", "zebra"), all_of_them=True)

    assert "'hello' and 'zebra'" in reason(both)


@pytest.mark.parametrize("condition", [contains("x"), TextMatches((compile_regex("x"),))])
def test_text_condition_fails_without_a_prompt(condition: Condition) -> None:
    found = condition.mismatch(HI, None)

    assert found is not None
    assert found.actual == "no user text"
    assert not found.quotes_request


@pytest.mark.parametrize("text", ["HELLO  World", " hello world\n", "Hello World"])
def test_normalized_text_condition_ignores_case_and_white_space(text: str) -> None:
    assert reason(TextIs("equals", "equals", ("hello world",), ignores_case=True), HI, text) == ""


def test_normalized_text_condition_composes_characters() -> None:
    condition = TextIs("contains", "contains", ("é",), ignores_case=True)

    assert reason(condition, HI, "cafe\u0301") == ""


def test_groups_are_those_of_the_first_regex_that_is_found() -> None:
    regexes = TextMatches((compile_regex("(?P<a>x)"), compile_regex("(?P<b>h)")))

    assert regexes.groups("hello") == {"0": "h", "1": "h", "b": "h"}
    assert regexes.groups("none?") is None


def test_long_texts_and_lists_are_cut_in_the_words() -> None:
    words = reason(contains(*"abcdefg"), HI, "z" * 100)

    assert words.startswith("contains: wanted 'a' or 'b' or 'c' or 'd' or 'e' or 2 more, got 'zzz")
    assert words.endswith("z…'")
    assert len(words) < 160


SPOKEN = subject_of(
    request(system("Be kind."), user("weather?"), call("f"), result("It is sunny."))
)


@pytest.mark.parametrize(
    ("key", "needle"),
    [
        ("system_contains", "kind"),
        ("any_message_contains", "kind"),
        ("any_message_contains", "weather"),
        ("any_message_contains", "sunny"),
        ("tool_result_contains", "sunny"),
    ],
)
def test_other_text_holds(key: str, needle: str) -> None:
    assert reason(OtherTextContains(key, ("zebra", needle)), SPOKEN) == ""


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("system_contains", "system_contains: wanted 'zebra', got 'Be kind.'"),
        ("tool_result_contains", "tool_result_contains: wanted 'zebra', got 'It is sunny.'"),
        ("any_message_contains", "any_message_contains: wanted 'zebra', got 'Be kind.\\nweather"),
    ],
)
def test_other_text_fails_and_quotes_the_request(key: str, words: str) -> None:
    found = OtherTextContains(key, ("zebra",)).mismatch(SPOKEN, None)

    assert found is not None
    assert str(found).startswith(words)
    assert found.quotes_request


@pytest.mark.parametrize("key", ["system_contains", "tool_result_contains"])
def test_other_text_that_is_not_there_is_none(key: str) -> None:
    found = OtherTextContains(key, ("zebra",)).mismatch(HI, None)

    assert found == Mismatch(key, "'zebra'", "none")


def test_other_text_may_be_normalized() -> None:
    assert reason(OtherTextContains("system_contains", ("kind.",), True), SPOKEN) == ""
    assert reason(OtherTextContains("system_contains", ("be  kind",), True), SPOKEN) != ""


def test_text_beside_a_result_is_the_results() -> None:
    subject = subject_of(request(user("a"), call("f"), result("x", "c1", Text("reminder"))))

    assert reason(OtherTextContains("tool_result_contains", ("reminder",)), subject) == ""


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("gpt-4o", "gpt-4o", True),
        ("gpt-4o", "gpt-4o-mini", False),
        ("gpt-4o", "GPT-4o", False),
        ("gpt-*", "gpt-4o", True),
        ("gpt-*", "gpt-", True),
        ("gpt-*", "a gpt-4", False),
        ("gpt-?", "gpt-4", True),
        ("gpt-?", "gpt-45", False),
        ("gpt-[34]", "gpt-4", True),
        ("gpt-[34]", "gpt-5", False),
        ("a.b", "axb", False),
        ("a*", "a\nb", True),
    ],
)
def test_glob(pattern: str, name: str, fits: bool) -> None:
    assert glob(pattern).fits(name) is fits


def test_glob_reads_as_written() -> None:
    assert str(glob("gpt-*")) == "gpt-*"
    assert glob("plain") == Glob("plain")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("ab*ba", "aba"),
        ("a*b*b", "ab"),
        ("*ab*", "ba"),
        ("a*", "ba"),
        ("*a", "ab"),
        ("a*b*c", "acb"),
    ],
)
def test_pieces_of_a_glob_stand_in_order_and_apart(pattern: str, name: str) -> None:
    assert not glob(pattern).fits(name)


@given(pattern=st.text("ab*", max_size=8), name=st.text("ab\n", max_size=8))
def test_stars_mean_what_they_mean_to_fnmatch(pattern: str, name: str) -> None:
    assert glob(pattern).fits(name) is fnmatchcase(name, pattern)


WEATHER = Tool("get_weather")
NAMED: dict[str, tuple[Subject, str, str]] = {
    "model": (HI, "gpt-*", "'gpt-4o'"),
    "provider": (HI, "openai", "'openai'"),
    "operation": (HI, "chat", "'chat'"),
    "path": (HI, "/v1/chat/*", "'/v1/chat/completions'"),
    "response_format": (HI, "text", "'text'"),
    "schema": (
        subject_of(request(response_format=ResponseFormat("json_schema", "person", {}))),
        "per*",
        "'person'",
    ),
    "has": (subject_of(request(user(Image("x"), Audio("wav")))), "audio", "'image' or 'audio'"),
    "tool_offered": (subject_of(request(tools=(WEATHER,))), "get_*", "'get_weather'"),
    "tool_choice": (
        subject_of(request(tool_choice=ToolChoice("required"))),
        "required",
        "'required'",
    ),
    "tool_result": (subject_of(request(call("f"), result("x"))), "f", "'f'"),
    "api_key": (subject_of("hi", raw(headers={"x-api-key": "sk-1"})), "sk-*", "another key"),
    "session": (subject_of("hi", session="s1"), "s*", "'s1'"),
    "state": (subject_of("hi", state="paid"), "paid", "'paid'"),
}


def test_every_name_is_tried() -> None:
    assert set(NAMED) == set(NAMES)


@pytest.mark.parametrize("key", list(NAMES))
def test_name_condition_holds_and_fails(key: str) -> None:
    subject, pattern, actual = NAMED[key]

    assert reason(NameIs(key, (glob("zebra"), glob(pattern))), subject) == ""
    assert (
        reason(NameIs(key, (glob("zebra"), glob("yak"))), subject)
        == f"{key}: wanted 'zebra' or 'yak', got {actual}"
    )


@pytest.mark.parametrize("key", ["has", "tool_offered", "tool_result", "schema", "api_key"])
def test_name_that_is_not_there_is_none(key: str) -> None:
    assert reason(NameIs(key, (glob("zebra"),))) == f"{key}: wanted 'zebra', got none"


@pytest.mark.parametrize(
    "key",
    [
        "has",
        "tool_offered",
        "tool_result",
        *(pytest.param(key) for key in ("schema", "api_key")),
    ],
)
def test_star_asks_that_there_is_a_name(key: str) -> None:
    assert reason(NameIs(key, (glob("*"),))) != ""


def test_forced_tool_is_the_tool_choice() -> None:
    named = subject_of(request(tool_choice=ToolChoice("named", "get_weather")))
    nameless = subject_of(request(tool_choice=ToolChoice("named")))

    assert reason(NameIs("tool_choice", (glob("get_*"),)), named) == ""
    assert reason(NameIs("tool_choice", (glob("get_*"),)), nameless).endswith("got none")


@pytest.mark.parametrize(
    ("kind", "part"), [("image", Image("x")), ("audio", Audio("wav")), ("file", File("a.pdf"))]
)
def test_parts_are_found_inside_results_too(kind: str, part: Image | Audio | File) -> None:
    inside = subject_of(request(user(ToolResult("c1", (part, Text("x"))))))
    outside = subject_of(request(user(part), assistant("x", ToolCall("c", "f", ""))))

    assert reason(NameIs("has", (glob(kind),)), inside) == ""
    assert reason(NameIs("has", (glob(kind),)), outside) == ""


HEADED = subject_of("hi", raw(headers={"x-tenant": "acme-1", "x-empty": ""}))


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"x-tenant": ("acme-*",)}, ""),
        ({"x-tenant": ("other", "acme-1")}, ""),
        ({"x-empty": ("*",)}, ""),
        ({"x-tenant": ("acme-*",), "x-empty": ("",)}, ""),
        ({"x-tenant": ("other",)}, "headers.x-tenant: wanted 'other', got 'acme-1'"),
        ({"x-none": ("*",)}, "headers.x-none: wanted '*', got none"),
        (
            {"x-tenant": ("acme-*",), "x-none": ("a", "b")},
            "headers.x-none: wanted 'a' or 'b', got none",
        ),
    ],
)
def test_headers(wanted: dict[str, tuple[str, ...]], words: str) -> None:
    condition = HeaderIs({name: tuple(map(glob, globs)) for name, globs in wanted.items()})

    assert reason(condition, HEADED) == words


BODY: dict[str, Any] = {
    "temperature": 0.5,
    "n": 1,
    "store": True,
    "metadata": {"user": "u1", "deep": {"a": None}},
    "tools": [{"type": "function"}, {"type": "custom"}],
}


@pytest.mark.parametrize(
    ("path", "values", "words"),
    [
        ("temperature", (0.5,), ""),
        ("n", (1,), ""),
        ("n", (1.0,), ""),
        ("store", (True,), ""),
        ("metadata.user", ("u0", "u1"), ""),
        ("metadata.deep.a", (None,), ""),
        ("tools.1.type", ("custom",), ""),
        ("metadata", ({"user": "u1", "deep": {"a": None}},), ""),
        ("nothing", (None,), ""),
        ("temperature", (1,), "params.temperature: wanted 1, got 0.5"),
        ("n", (True,), "params.n: wanted true, got 1"),
        ("store", (1,), "params.store: wanted 1, got true"),
        ("store", ("true",), 'params.store: wanted "true", got true'),
        ("tools.2.type", ("x", 1), 'params.tools.2.type: wanted "x" or 1, got null'),
        ("tools.type", ("x",), 'params.tools.type: wanted "x", got null'),
        ("n.a", ("x",), 'params.n.a: wanted "x", got null'),
    ],
)
def test_params(path: str, values: tuple[Any, ...], words: str) -> None:
    assert reason(ParamIs({path: values}), subject_of("hi", raw(body=BODY))) == words


def test_every_param_must_hold() -> None:
    condition = ParamIs({"n": (1,), "store": (False,)})

    assert reason(condition, subject_of("hi", raw(body=BODY))).startswith("params.store")


def test_params_are_shown_as_json() -> None:
    condition = ParamIs({"metadata.user": ("u2",)})

    assert reason(condition, subject_of("hi", raw(body=BODY))).endswith('got "u1"')


@pytest.mark.parametrize(
    ("wanted", "stream", "words"),
    [
        (True, True, ""),
        (False, False, ""),
        (True, False, "stream: wanted true, got false"),
        (False, True, "stream: wanted false, got true"),
    ],
)
def test_stream(wanted: bool, stream: bool, words: str) -> None:
    asked = structs.replace(request(user("hi")), stream=stream)

    assert reason(FlagIs(wanted), subject_of(asked)) == words


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (Range(1, 1), ""),
        (Range(1, None), ""),
        (Range(0, 5), ""),
        (Range(2, 2), "turn: wanted 2, got 1"),
        (Range(2, None), "turn: wanted 2+, got 1"),
        (Range(2, 5), "turn: wanted 2-5, got 1"),
        (Range(0, 0), "turn: wanted 0, got 1"),
    ],
)
def test_number(bounds: Range, words: str) -> None:
    assert reason(NumberIn("turn", (bounds,))) == words


@pytest.mark.parametrize(("key", "number"), [("turn", 1), ("step", 2), ("input_tokens", 9)])
def test_each_number(key: str, number: int) -> None:
    subject = subject_of(request(user("weather?"), call("f"), result("It is sunny.")))

    assert reason(NumberIn(key, (Range(number, number),)), subject) == ""
    assert (
        reason(NumberIn(key, (Range(90, 91), Range(99, None))), subject)
        == f"{key}: wanted 90-91 or 99+, got {number}"
    )


def test_not_holds_when_each_condition_fails() -> None:
    assert reason(Not((contains("zebra"), FlagIs(True)))) == ""


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ((contains("hello"),), "not.contains: wanted it to fail, got it holds"),
        ((contains("zebra"), FlagIs(False)), "not.stream: wanted it to fail, got it holds"),
    ],
)
def test_not_fails_when_any_condition_holds(conditions: tuple[Condition, ...], words: str) -> None:
    assert reason(Not(conditions)) == words


def test_text_condition_in_not_holds_without_a_prompt() -> None:
    assert reason(Not((contains("zebra"),)), HI, None) == ""


def test_difference_is_the_first_condition_that_fails() -> None:
    conditions = (Always(), contains("zebra"), FlagIs(True))

    found = difference(conditions, HI, "hello")

    assert found is not None
    assert found.key == "contains"
    assert difference((Always(), contains("h")), HI, "hello") is None


@pytest.mark.parametrize(
    "name", ["authorization", "proxy-authorization", "x-api-key", "api-key", "cookie"]
)
def test_credential_in_a_header_is_never_shown(name: str) -> None:
    subject = subject_of("hi", raw(headers={name: "secret-1"}))

    found = HeaderIs({name: (glob("other"),)}).mismatch(subject, None)

    assert str(found) == f"headers.{name}: wanted 'other', got another"


def test_session_named_by_the_api_key_is_never_shown() -> None:
    subject = subject_of("hi", raw(headers={"x-api-key": "secret-1"}), session="secret-1")

    assert "secret" not in str(NameIs("session", (glob("other"),)).mismatch(subject, None))
