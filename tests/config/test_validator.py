"""The shape of a document: every wrong key and value, with its place."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from mockllm.config.places import places
from mockllm.config.source import ListNode, MapNode, Node, Scalar
from mockllm.config.validator import check, describe
from mockllm.config.value import value
from tests.config.documents import FILE, lines_of, place_of, places_of, problems_of, root_of

TOP_KEYS = "responses, rules, defaults, settings"
SETTINGS_KEYS = (
    "lag_enabled, lag_factor, match, match_limit, seed, max_body, session_by, require_session,"
    " strict, echo_prompts, auto_tools, prefixes, validation, unknown_ids, api_keys, models,"
    " openai_extras, cors, profiles, chaos, limits, max_stall"
)
ANSWER_KEYS = (
    "text, template, json, tool_calls, parts, refusal, error, embedding, moderation, file, lorem,"
    " echo, auto"
)
REPLY_KEYS = f"{ANSWER_KEYS}, reasoning, finish, usage, headers, render, timing, fault"

LIST, MAPPING = ("[a]", "a list"), ("{a: b}", "a mapping")
WORD, QUOTED, EMPTY_TEXT = ("hi", "hi"), ("'hi'", "the text 'hi'"), ('""', "the text ''")
INTEGER, FLOAT, BOOLEAN, DATE = ("7", "7"), ("1.5", "1.5"), ("yes", "yes"), ("2024-05-01",) * 2
SCALARS = (WORD, QUOTED, EMPTY_TEXT, INTEGER, FLOAT, BOOLEAN, DATE)


def wrong(before: str, wanted: str, values: tuple[tuple[str, str], ...]) -> list[Any]:
    """Return a parameter set for each value that must not stand behind `before`."""
    key = before.rstrip(": ").rpartition("{")[2]
    close = "}" * before.count("{")
    return [
        pytest.param(
            f"{before}{written}{close}",
            f"1:{len(before) + 1} error MOCK005 '{key}' takes {wanted}, not {described}",
            id=f"{key}-{written}",
        )
        for written, described in values
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        *wrong("responses: ", "a mapping", (LIST, *SCALARS)),
        *wrong("defaults: ", "a mapping", (LIST, *SCALARS)),
        *wrong("settings: ", "a mapping", (LIST, *SCALARS)),
        *wrong("responses: {hello: {text: ", "text", (LIST, MAPPING)),
        *wrong("defaults: {unknown_response: {text: ", "text", (LIST, MAPPING)),
        *wrong(
            "settings: {lag_enabled: ",
            "true or false",
            (LIST, MAPPING, WORD, ("'yes'", "the text 'yes'"), ("1", "1"), ("0", "0"), FLOAT, DATE),
        ),
        *wrong(
            "settings: {lag_factor: ",
            "a number",
            (LIST, MAPPING, WORD, ("'10'", "the text '10'"), BOOLEAN, DATE, ("1e3", "1e3")),
        ),
        *wrong("settings: {lag_factor: ", "a number", ((".nan", ".nan"), (".inf", ".inf"))),
        *wrong("settings: {lag_factor: ", "a number", (("-.inf", "-.inf"), ("0b_", "0b_"))),
        *wrong("settings: {match: ", "text", (LIST, MAPPING)),
        *wrong(
            "settings: {seed: ",
            "a whole number",
            (LIST, MAPPING, WORD, ("'7'", "the text '7'"), FLOAT, ("7.0", "7.0"), DATE, BOOLEAN),
        ),
        *wrong("settings: {seed: ", "a whole number", ((".nan", ".nan"), (".inf", ".inf"))),
        *wrong("settings: {max_body: ", "text", (LIST, MAPPING)),
    ],
)
def test_wrong_type_is_located_and_described(text: str, line: str) -> None:
    assert lines_of(text) == [line]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "responses: {hello: [a]}",
            "1:20 error MOCK005 an answer takes text or a mapping, not a list",
            id="answer",
        ),
        pytest.param(
            "defaults: {unknown_response: [a]}",
            "1:30 error MOCK005 'unknown_response' takes text or a mapping, not a list",
            id="unknown_response",
        ),
        pytest.param(
            "rules: [{when: {contains: a}, reply: [b]}]",
            "1:38 error MOCK005 'reply' takes text or a mapping, not a list",
            id="reply",
        ),
        pytest.param(
            "rules: [{when: {contains: a}, replies: [[b]]}]",
            "1:41 error MOCK005 an answer takes text or a mapping, not a list",
            id="replies",
        ),
        pytest.param(
            "rules: [{when: {contains: a}, one_of: [[b]]}]",
            "1:40 error MOCK005 an answer takes text or a mapping, not a list",
            id="one_of",
        ),
        pytest.param(
            "rules: [{when: {contains: a}, steps: [[b]]}]",
            "1:39 error MOCK005 an answer takes text or a mapping, not a list",
            id="steps",
        ),
        pytest.param(
            "responses: {hello: {parts: [[b]]}}",
            "1:29 error MOCK005 a part takes text or a mapping, not a list",
            id="part",
        ),
    ],
)
def test_answer_is_no_list(text: str, line: str) -> None:
    assert lines_of(text) == [line]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("responses:", "1:11 error MOCK007 'responses' is empty", id="responses"),
        pytest.param("responses: ~", "1:12 error MOCK007 'responses' is empty", id="null"),
        pytest.param(
            "responses:\n# none\n", "1:11 error MOCK007 'responses' is empty", id="comment"
        ),
        pytest.param("defaults: ", "1:10 error MOCK007 'defaults' is empty", id="defaults"),
        pytest.param("settings:\n", "1:10 error MOCK007 'settings' is empty", id="settings"),
        pytest.param("rules:\n", "1:7 error MOCK007 'rules' is empty", id="rules"),
    ],
)
def test_empty_section_is_located(text: str, line: str) -> None:
    assert lines_of(text) == [line]


@pytest.mark.parametrize("nothing", ["", "~", "null"])
@pytest.mark.parametrize(
    "before",
    [
        "settings: {lag_enabled: ",
        "settings: {lag_factor: ",
        "settings: {match: ",
        "settings: {seed: ",
        "settings: {max_body: ",
        "responses: {hello: {text: ",
        "defaults: {unknown_response: {text: ",
    ],
)
def test_empty_value_is_located(before: str, nothing: str) -> None:
    key = before.rstrip(": ").rpartition("{")[2]

    lines = lines_of(before + nothing + "}" * before.count("{"))

    assert lines == [f"1:{len(before) + 1} error MOCK007 '{key}' is empty"]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        pytest.param("responses:\n  hello:\n  bye: ~\n", ["2:9", "3:8"], id="responses"),
        pytest.param("responses: {hello, bye: null}", ["1:18", "1:25"], id="braces"),
        pytest.param("defaults:\n  unknown_response:\n", ["2:20"], id="default"),
        pytest.param("defaults:\n  unknown_response: ~\n", ["2:21"], id="null-default"),
        pytest.param("rules:\n- when: {always: true}\n  reply:\n", ["3:9"], id="reply"),
        pytest.param(
            "rules:\n- when: {always: true}\n  replies: [null, ~, a]\n",
            ["3:13", "3:19"],
            id="replies",
        ),
        pytest.param("responses: {a: {steps: [a, ~]}}", ["1:28"], id="steps"),
        pytest.param("rules: [{when: {always: true}, one_of: [~]}]", ["1:41"], id="one_of"),
        pytest.param("responses: {a: {parts: [~]}}", ["1:25"], id="part"),
    ],
)
def test_empty_answer_is_located(text: str, places: list[str]) -> None:
    assert lines_of(text) == [
        f'{each} error MOCK007 this answer is empty; write "" for an empty answer'
        for each in places
    ]


@pytest.mark.parametrize(
    "text",
    [
        'responses: {hello: ""}',
        'responses: {hello: {text: ""}}',
        'responses: {"": hello}',
        'defaults: {unknown_response: ""}',
        "responses: {hello: !!str }",
    ],
)
def test_empty_text_is_an_answer(text: str) -> None:
    assert lines_of(text) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "respones: {a: b}",
            "1:1 error MOCK003 unknown key 'respones' at the top level; did you mean 'responses'?",
            id="misspelt-at-the-top",
        ),
        pytest.param(
            "foo: 7",
            f"1:1 error MOCK003 unknown key 'foo' at the top level; known here: {TOP_KEYS}",
            id="foreign-at-the-top",
        ),
        pytest.param(
            "unknown_response: hi",
            "1:1 error MOCK003 unknown key 'unknown_response' at the top level;"
            " it belongs under 'defaults'",
            id="default-at-the-top",
        ),
        pytest.param(
            "lag_factor: 7",
            "1:1 error MOCK003 unknown key 'lag_factor' at the top level;"
            " it belongs under 'settings'",
            id="setting-at-the-top",
        ),
        pytest.param(
            "defaults: {unknown_respnse: hi}",
            "1:12 error MOCK003 unknown key 'unknown_respnse' under 'defaults';"
            " did you mean 'unknown_response'?",
            id="misspelt-default",
        ),
        pytest.param(
            "defaults: {lag_factor: 7}",
            "1:12 error MOCK003 unknown key 'lag_factor' under 'defaults';"
            " it belongs under 'settings'",
            id="setting-among-defaults",
        ),
        pytest.param(
            "settings: {lag-factor: 7}",
            "1:12 error MOCK003 unknown key 'lag-factor' under 'settings';"
            " did you mean 'lag_factor'?",
            id="misspelt-setting",
        ),
        pytest.param(
            "settings: {foo: 7}",
            f"1:12 error MOCK003 unknown key 'foo' under 'settings'; known here: {SETTINGS_KEYS}",
            id="foreign-setting",
        ),
        pytest.param(
            "settings: {x-foo: 7}",
            f"1:12 error MOCK003 unknown key 'x-foo' under 'settings'; known here: {SETTINGS_KEYS}",
            id="x-key-below-the-top",
        ),
        pytest.param(
            "settings: {responses: {a: b}}",
            "1:12 error MOCK003 unknown key 'responses' under 'settings';"
            " it belongs at the top level of a file",
            id="indented-too-far",
        ),
        pytest.param(
            "responses: {hello: {txt: hi}}",
            "1:21 error MOCK003 unknown key 'txt' in a reply; did you mean 'text'?",
            id="misspelt-in-an-answer",
        ),
        pytest.param(
            "responses: {hello: {text: hi, foo: 7}}",
            f"1:31 error MOCK003 unknown key 'foo' in a reply; known here: {REPLY_KEYS}",
            id="foreign-in-an-answer",
        ),
        pytest.param(
            "defaults: {unknown_response: {txt: hi}}",
            "1:31 error MOCK003 unknown key 'txt' in a reply; did you mean 'text'?",
            id="in-the-default-answer",
        ),
        pytest.param(
            "? |\n  foo\n: 7\n",
            r"1:3 error MOCK003 unknown key 'foo\n' at the top level;"
            f" known here: {TOP_KEYS}",
            id="several-lines",
        ),
        pytest.param(
            f"{'é' * 70}: 7",
            f"1:1 error MOCK003 unknown key '{'é' * 59}…' at the top level; known here: {TOP_KEYS}",
            id="long",
        ),
    ],
)
def test_unknown_key_is_located_and_helped(text: str, line: str) -> None:
    assert lines_of(text) == [line]


def test_every_unknown_key_is_reported() -> None:
    assert places_of("foo: 1\nsettings: {bar: 2, baz: 3}\nresponses: {a: {qux: 4}}\n") == [
        "1:1 error MOCK003",
        "2:12 error MOCK003",
        "2:20 error MOCK003",
        "3:17 error MOCK003",
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("responses: {hello: {}}", "1:20", id="answer"),
        pytest.param("responses: {hello: {finish: stop}}", "1:20", id="only-extras"),
        pytest.param("responses: {hello: {reasoning: hm}}", "1:20", id="only-reasoning"),
        pytest.param("defaults:\n  unknown_response: {}\n", "2:21", id="default"),
        pytest.param("rules: [{when: {contains: a}, reply: {}}]", "1:38", id="reply"),
        pytest.param("rules: [{when: {contains: a}, replies: [{}]}]", "1:41", id="replies"),
        pytest.param("rules: [{when: {contains: a}, one_of: [{}]}]", "1:40", id="one_of"),
        pytest.param("responses: {hello: {steps: [a, {}]}}", "1:32", id="step"),
    ],
)
def test_reply_that_says_nothing_is_located(text: str, place: str) -> None:
    assert lines_of(text) == [
        f"{place} error MOCK019 a reply says nothing; give it exactly one of {ANSWER_KEYS}"
    ]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("hi", id="plain"),
        pytest.param("'hi'", id="quoted"),
        pytest.param("|\n    hi\n    there\n", id="block"),
        pytest.param("{text: hi}", id="mapping"),
        pytest.param("{text: '7'}", id="quoted-number"),
        pytest.param("!!str 7", id="tagged"),
    ],
)
@pytest.mark.parametrize("before", ["responses:\n  hello: ", "defaults:\n  unknown_response: "])
def test_answer_is_text_or_a_mapping_with_text(before: str, answer: str) -> None:
    assert lines_of(before + answer) == []


@pytest.mark.parametrize("written", ["7", "1.10", "yes", "2024-05-01", ".nan", "0x1F"])
@pytest.mark.parametrize("before", ["responses: {a: ", "responses: {a: {text: "])
def test_text_of_another_type_is_no_error(before: str, written: str) -> None:
    levels = {problem.level for problem in problems_of(before + written + "}" * before.count("{"))}

    assert levels == {"warning"}


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        pytest.param(
            "lag_factor: 0", "1:24 error MOCK006 'lag_factor' takes at least 0.01, not 0", id="zero"
        ),
        pytest.param(
            "lag_factor: -1",
            "1:24 error MOCK006 'lag_factor' takes at least 0.01, not -1",
            id="negative",
        ),
        pytest.param(
            "lag_factor: 0.009",
            "1:24 error MOCK006 'lag_factor' takes at least 0.01, not 0.009",
            id="too-small",
        ),
        pytest.param(
            "lag_factor: 1000000.1",
            "1:24 error MOCK006 'lag_factor' takes at most 1000000, not 1000000.1",
            id="too-large",
        ),
        pytest.param(
            "match: fuzzy",
            "1:19 error MOCK006 'match' takes exact or normalized, not fuzzy",
            id="match",
        ),
        pytest.param(
            "match: ''",
            "1:19 error MOCK006 'match' takes exact or normalized, not the text ''",
            id="empty-match",
        ),
        pytest.param(
            "match: Exact",
            "1:19 error MOCK006 'match' takes exact or normalized, not Exact; did you mean exact?",
            id="match-in-capitals",
        ),
        pytest.param(
            "match: 7", "1:19 error MOCK006 'match' takes exact or normalized, not 7", id="number"
        ),
        pytest.param(
            "match: yes",
            "1:19 error MOCK006 'match' takes exact or normalized, not yes",
            id="boolean",
        ),
        pytest.param("seed: -1", "1:18 error MOCK006 'seed' takes at least 0, not -1", id="seed"),
        pytest.param(
            "seed: 9223372036854775808",
            "1:18 error MOCK006 'seed' takes at most 9223372036854775807, not 9223372036854775808",
            id="large-seed",
        ),
        pytest.param(
            "max_body: 2GB",
            "1:22 error MOCK006 'max_body': 2GB is not a size from 1B to 1GB",
            id="large-size",
        ),
        pytest.param(
            "max_body: 0MB",
            "1:22 error MOCK006 'max_body': 0MB is not a size from 1B to 1GB",
            id="no-size",
        ),
        pytest.param(
            "max_body: 32",
            "1:22 error MOCK006 'max_body': 32 is not a size;"
            " write a number and a unit, such as 32MB",
            id="size-without-unit",
        ),
        pytest.param(
            "max_body: '512'",
            "1:22 error MOCK006 'max_body': the text '512' is not a size;"
            " write a number and a unit, such as 512MB",
            id="quoted-size-without-unit",
        ),
    ],
)
def test_value_out_of_range_is_located(setting: str, line: str) -> None:
    assert lines_of(f"settings: {{{setting}}}") == [line]


@pytest.mark.parametrize(
    "written",
    ["lots", "32mb", "''", "-5", "1.5MB", "yes", "2024-05-01", ".inf", "32 M", '"a\\nb"'],
)
def test_example_of_a_size_is_a_size(written: str) -> None:
    (line,) = lines_of(f"settings: {{max_body: {written}}}")

    assert line.endswith(" is not a size; write a number and a unit, such as 32MB")


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        pytest.param(
            f"lag_factor: {'9' * 400}",
            f"1:24 error MOCK006 'lag_factor' takes at most 1000000, not {'9' * 59}…",
            id="number",
        ),
        pytest.param(
            f"seed: {'9' * 400}",
            f"1:18 error MOCK006 'seed' takes at most 9223372036854775807, not {'9' * 59}…",
            id="whole-number",
        ),
        pytest.param(
            f"max_body: {'9' * 400}",
            f"1:22 error MOCK006 'max_body': {'9' * 59}… is not a size;"
            " write a number and a unit, such as 32MB",
            id="size",
        ),
        pytest.param(
            f"lag_factor: 1{':00' * 200}",
            f"1:24 error MOCK006 'lag_factor' takes at most 1000000, not 1{':00' * 19}:…",
            id="sexagesimal",
        ),
        pytest.param(
            f"lag_factor: 1{':00' * 200}.5",
            f"1:24 error MOCK005 'lag_factor' takes a number, not 1{':00' * 19}:…",
            id="sexagesimal-fraction",
        ),
        pytest.param(
            f"lag_factor: {'9' * 5_000}",
            f"1:24 error MOCK005 'lag_factor' takes a number, not {'9' * 59}…",
            id="more-digits-than-python-reads",
        ),
        pytest.param(
            "lag_factor: 1.0e+400",
            "1:24 error MOCK005 'lag_factor' takes a number, not 1.0e+400",
            id="float",
        ),
        pytest.param(
            "lag_factor: 1.0e+300",
            "1:24 error MOCK006 'lag_factor' takes at most 1000000, not 1.0e+300",
            id="large-float",
        ),
    ],
)
def test_huge_number_is_a_problem(setting: str, line: str) -> None:
    assert lines_of(f"settings: {{{setting}}}") == [line]


@pytest.mark.parametrize(
    "setting",
    [
        "lag_enabled: true",
        "lag_enabled: no",
        "lag_enabled: ON",
        "lag_factor: 10",
        "lag_factor: 0.01",
        "lag_factor: 1000000",
        "lag_factor: 1_000",
        "match: exact",
        "match: 'normalized'",
        "seed: 0",
        "seed: 9223372036854775807",
        "max_body: 32MB",
        "max_body: 512 KB",
        "max_body: '1B'",
        "max_body: 1GB",
        "max_body: 1024MB",
        "cors: off",
        "prefixes: []",
        "openai_extras: [openrouter, groq, deepseek, mistral, vllm]",
        "prefixes: [/llm, /gateway/openai/v1, /v1/account-1/gw_2/, /~me/a.b]",
        f"prefixes: [{', '.join(f'/p{number}' for number in range(20))}]",
        f"prefixes: [/{'x' * 199}]",
    ],
)
def test_setting_is_taken(setting: str) -> None:
    assert lines_of(f"settings: {{{setting}}}") == []


_SYNTAX = (
    "is not a prefix; write a path of letters, digits and - . _ ~ with single slashes, such as"
    " /gateway/openai"
)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("llm", "llm is not a prefix; begin it with a slash: /llm"),
        ("7", "7 is not a prefix; begin it with a slash: /7"),
        ("/", f"/ {_SYNTAX}"),
        ("/a//b", f"/a//b {_SYNTAX}"),
        ("//a", f"//a {_SYNTAX}"),
        ("'/a b'", f"the text '/a b' {_SYNTAX}"),
        ("'/a?b'", f"the text '/a?b' {_SYNTAX}"),
        ("/größe", f"/größe {_SYNTAX}"),
        ("/a%20b", f"/a%20b {_SYNTAX}"),
        ("/a/../b", f"/a/../b {_SYNTAX}"),
        ("/./a", f"/./a {_SYNTAX}"),
        (
            "http://localhost/llm",
            "http://localhost/llm is not a prefix; write the path alone, without scheme and host,"
            " such as /llm",
        ),
        ("/s", "/s is not free; /s is mockllm's own, so begin with another word"),
        ("/s/one", "/s/one is not free; /s is mockllm's own, so begin with another word"),
        (
            "/_mockllm/x",
            "/_mockllm/x is not free; /_mockllm is mockllm's own, so begin with another word",
        ),
        (f"/{'x' * 200}", f"/{'x' * 58}… is longer than 200 characters"),
    ],
)
def test_wrong_prefix_is_located_with_what_mends_it(written: str, said: str) -> None:
    lines = lines_of(f"settings:\n  prefixes:\n    - /fine\n    - {written}\n")

    assert lines == [f"4:7 error MOCK006 'prefixes': {said}"]


@pytest.mark.parametrize(
    ("written", "code"),
    [("''", "MOCK007"), ("~", "MOCK007"), ("[a]", "MOCK005"), ("{a: b}", "MOCK005")],
)
def test_prefix_that_is_no_text_is_located(written: str, code: str) -> None:
    assert places_of(f"settings: {{prefixes: [/a, {written}]}}") == [f"1:27 error {code}"]


def test_extras_are_closed_words() -> None:
    lines = lines_of("settings:\n  openai_extras: [groq, grok]\n")

    assert lines == [
        "2:25 error MOCK006 'openai_extras' takes openrouter or groq or deepseek or mistral or"
        " vllm, not grok; did you mean groq?"
    ]


def test_prefixes_are_a_list() -> None:
    assert lines_of("settings: {prefixes: /llm}") == [
        "1:22 error MOCK005 'prefixes' takes a list, not /llm"
    ]


def test_prefixes_are_bounded() -> None:
    written = ", ".join(f"/p{number}" for number in range(21))

    assert lines_of(f"settings: {{prefixes: [{written}]}}") == [
        "1:22 error MOCK006 'prefixes': a list is longer than 20 items"
    ]


def test_wrong_values_in_one_mapping_are_all_reported() -> None:
    text = "settings:\n  lag_enabled: 1\n  lag_factor: 0\n  match: no\n  seed: -1\n  max_body: 1\n"

    assert places_of(text) == [
        "2:16 error MOCK005",
        "3:15 error MOCK006",
        "4:10 error MOCK006",
        "5:9 error MOCK006",
        "6:13 error MOCK006",
    ]


def test_wrong_merged_value_is_at_its_anchor() -> None:
    text = "x-slow: &slow\n  lag_factor: 0\nsettings:\n  <<: *slow\n"

    assert lines_of(text) == ["2:15 error MOCK006 'lag_factor' takes at least 0.01, not 0"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x-foo: {a: [1, {b: c}]}", id="mapping"),
        pytest.param("x-foo:", id="nothing"),
        pytest.param("x-: 7", id="bare"),
        pytest.param("x-a: &a {text: hi}\nresponses: {a: *a, b: {<<: *a}}", id="anchors"),
        pytest.param("x-a: &a\n  responses: {a: b}\n<<: *a\n", id="merged-at-the-top"),
    ],
)
def test_x_keys_at_the_top_are_free(text: str) -> None:
    assert lines_of(text) == []


@pytest.mark.parametrize("text", ["{}", "responses: {}", "defaults: {}", "settings: {}"])
def test_empty_mapping_is_fine(text: str) -> None:
    assert lines_of(text) == []


def calls_during(action: Callable[[], object]) -> int:
    """Return how many functions `action` calls: its cost, whatever the machine."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event.endswith("call")

    previous = sys.getprofile()
    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(previous)
    return calls


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        pytest.param("", "k{}: v\n", "", id="top"),
        pytest.param("settings: {", "k{}: v, ", "}", id="settings"),
        pytest.param("defaults: {", "k{}: v, ", "}", id="defaults"),
        pytest.param("responses: {a: {", "k{}: v, ", "}}", id="answer"),
        pytest.param("rules: [{", "k{}: v, ", "}]", id="rule"),
        pytest.param("rules: [{reply: a, when: {", "k{}: v, ", "}}]", id="when"),
        pytest.param("rules: [", "{{k{}: v}}, ", "]", id="rules"),
        pytest.param("responses: {a: {parts: [", "{{k{}: v}}, ", "]}}", id="parts"),
        pytest.param("responses: {a: {tool_calls: [", "{{k{}: v}}, ", "]}}", id="tool-calls"),
        pytest.param("rules: [{reply: a, when: {turn: [", "x{}, ", "]}}]", id="ranges"),
        pytest.param("rules: [{reply: a, when: {provider: [", "x{}, ", "]}}]", id="words"),
        pytest.param("responses: {a: {moderation: {flagged: [", "x{}, ", "]}}}", id="categories"),
        pytest.param("settings: {prefixes: [", "x{}, ", "]}", id="prefixes"),
    ],
)
def test_cost_grows_with_the_number_of_mistakes_only(before: str, line: str, after: str) -> None:
    few, many = (
        root_of(before + "".join(line.format(number) for number in range(keys)) + after)
        for keys in (50, 400)
    )

    cost_few = calls_during(lambda: list(check(few, places(few), FILE)))
    cost_many = calls_during(lambda: list(check(many, places(many), FILE)))

    assert cost_many < 16 * cost_few


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (ListNode([], 1, 1), "a list"),
        (MapNode({}, 1, 1), "a mapping"),
        (Scalar("~", 1, 1, "null", True), "nothing"),
        (Scalar("hi", 1, 1, "str", True), "hi"),
        (Scalar("hi", 1, 1), "the text 'hi'"),
        (Scalar("it's", 1, 1), 'the text "it\'s"'),
        (Scalar("x" * 100, 1, 1, "str", True), "x" * 59 + "…"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_node_is_described_as_people_say_it(node: Node, words: str) -> None:
    assert describe(node) == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a"),
        ("'7'", "7"),
        ("7", 7),
        ("0x1F", 31),
        ("1.5", 1.5),
        (".nan", ".nan"),
        ("yes", True),
        ("Off", False),
        ("~", None),
        ("2024-05-01", "2024-05-01"),
        ("[a, 7]", ["a", 7]),
        ("{7: {b: [c]}}", {"7": {"b": ["c"]}}),
    ],
)
def test_value_is_what_cerberus_takes(text: str, expected: object) -> None:
    node = root_of(f"a: {text}").value("a")
    assert node is not None

    found = value(node)

    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "rules: [{contains: a, reply: b}]",
            "1:10 error MOCK003 unknown key 'contains' in a rule; it belongs under 'when'",
            id="condition-in-a-rule",
        ),
        pytest.param(
            "rules: [{when: {always: true}, reply: a, text: b}]",
            "1:42 error MOCK003 unknown key 'text' in a rule; it belongs in a reply",
            id="reply-in-a-rule",
        ),
        pytest.param(
            "rules: [{when: {contains: a, reply: b}, reply: c}]",
            "1:30 error MOCK003 unknown key 'reply' in 'when'; it belongs in a rule",
            id="rule-in-when",
        ),
        pytest.param(
            "responses: {a: {text: b, when: {contains: c}}}",
            "1:26 error MOCK003 unknown key 'when' in a reply; it belongs in a rule",
            id="rule-in-a-reply",
        ),
        pytest.param(
            "responses: {a: {text: b, strict: true}}",
            "1:26 error MOCK003 unknown key 'strict' in a reply; it belongs under 'settings'",
            id="setting-in-a-reply",
        ),
        pytest.param(
            "contains: a",
            "1:1 error MOCK003 unknown key 'contains' at the top level; it belongs under 'when'",
            id="condition-at-the-top",
        ),
        pytest.param(
            "rules: [{when: {contains: a, not: {not: {contains: b}}}, reply: c}]",
            "1:36 error MOCK003 unknown key 'not' in 'not'; it belongs under 'when'",
            id="not-in-not",
        ),
        pytest.param(
            "responses: {a: {steps: [b], txt: c}}",
            "1:29 error MOCK003 unknown key 'txt' in an answer; known here: steps",
            id="beside-steps",
        ),
        pytest.param(
            "rules: [{when: {always: true}, replies: [{text: a, timse: 2}]}]",
            "1:52 error MOCK003 unknown key 'timse' in an item of 'replies'; did you mean 'times'?",
            id="misspelt-times",
        ),
    ],
)
def test_unknown_key_of_a_rule_is_told_where_it_belongs(text: str, line: str) -> None:
    assert lines_of(text) == [line]


@pytest.mark.parametrize(
    ("written", "example"),
    [
        ("2", "2s"),
        ("1.5", "1.5s"),
        ("'2'", "2s"),
        ("lots", "2s"),
        ("yes", "2s"),
        ("''", "2s"),
        ("2 seconds", "2s"),
        ("-2", "2s"),
    ],
)
def test_example_of_a_duration_is_a_duration(written: str, example: str) -> None:
    (line,) = lines_of(f"responses: {{a: {{error: {{status: 429, retry_after: {written}}}}}}}")

    assert line.startswith("1:51 error MOCK006 'retry_after': ")
    assert line.endswith(f" is not a duration; write a number and a unit, such as {example}")


@pytest.mark.parametrize("written", ["400ms", "2s", "1.5 m", "'1h'", "1d"])
def test_duration_is_taken(written: str) -> None:
    assert lines_of(f"responses: {{a: {{error: {{kind: auth, retry_after: {written}}}}}}}") == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "rules: [{when: {always: true}, reply: a, name: ''}]",
            "1:48 error MOCK007 'name' is empty",
            id="name",
        ),
        pytest.param(
            "rules: [{when: {always: true}, reply: a, goto: ''}]",
            "1:48 error MOCK007 'goto' is empty",
            id="goto",
        ),
        pytest.param(
            "responses: {a: {tool_calls: [{name: ''}]}}",
            "1:37 error MOCK007 'name' is empty",
            id="tool",
        ),
    ],
)
def test_empty_name_is_located(text: str, line: str) -> None:
    assert lines_of(text) == [line]


@pytest.mark.parametrize(
    ("when", "line"),
    [
        pytest.param(
            "turn: 5-3",
            "1:33 error MOCK006 'turn': 5-3 is not a number or range; write 3, 3+ or 3-5",
            id="downwards",
        ),
        pytest.param(
            "step: [1, x]",
            "1:37 error MOCK006 'step': x is not a number or range; write 3, 3+ or 3-5",
            id="item",
        ),
        pytest.param(
            "input_tokens: '> 7'",
            "1:41 error MOCK006 'input_tokens': the text '> 7' is not a number or range;"
            " write 3, 3+ or 3-5",
            id="quoted",
        ),
        pytest.param(
            "provider: [openai, antropic]",
            "1:46 error MOCK006 'provider' takes openai or anthropic or azure or gemini or ollama,"
            " not antropic; did you mean anthropic?",
            id="word",
        ),
        pytest.param(
            "has: vidio",
            "1:32 error MOCK006 'has' takes image or audio or file, not vidio; did you mean audio?",
            id="has",
        ),
        pytest.param(
            "response_format: json",
            "1:44 error MOCK006 'response_format' takes text or json_object or json_schema,"
            " not json",
            id="response_format",
        ),
    ],
)
def test_wrong_condition_is_located_and_described(when: str, line: str) -> None:
    assert lines_of(f"rules: [{{reply: a, when: {{{when}}}}}]") == [line]


def test_every_problem_of_a_file_with_rules_is_reported() -> None:
    text = """\
rules:
  - name: a
    when: {contain: x, turn: 0x}
    replies:
      - {text: b, times: 0}
      - [c]
  - when: {}
    reply: {txt: d}
responses:
  "e": {tool_calls: [{nam: f}, g]}
defaults: {unknown_response: {error: {status: 200}}}
"""

    assert places_of(text) == [
        "3:12 error MOCK003",
        "3:30 error MOCK006",
        "5:26 error MOCK006",
        "6:9 error MOCK005",
        "7:11 error MOCK021",
        "8:13 error MOCK003",
        "10:23 error MOCK003",
        "10:32 error MOCK005",
        "11:47 error MOCK006",
    ]


def test_what_aliases_repeat_is_looked_at_once() -> None:
    text = "x-a: &a {when: {always: true}, reply: a, foo: b}\nrules: [*a, *a, *a]\n"

    root = root_of(text)

    assert [place_of(each) for each in check(root, places(root), FILE)] == ["1:42 error MOCK003"]
