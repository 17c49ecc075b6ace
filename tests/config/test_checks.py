"""What is wrong beyond shape: text that YAML changes, and files that disagree."""

from __future__ import annotations

import inspect
import os
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mockllm.config import (
    check_delivery,
    check_expect,
    check_folders,
    check_replies,
    check_rules,
    check_settings,
    check_texts,
    checks,
)
from mockllm.config.check_folders import (
    rule_names_given_once,
    same_key_in_two_files,
    tool_names_that_agree,
)
from mockllm.config.load import load
from mockllm.core.problems import Problem
from tests.config.documents import document, line_of, lines_of, place_of, places_of, write

ALL_CHECKS: tuple[Callable[..., Iterator[Problem]], ...] = (
    *checks.DOCUMENT_CHECKS,
    *checks.FOLDER_CHECKS,
    *checks.RULESET_CHECKS,
)
ANSWERS = (
    "text, template, json, tool_calls, parts, refusal, error, embedding, moderation, file, lorem,"
    " echo, auto"
)


def manual_page(check: Callable[..., Any]) -> tuple[str, str, str]:
    """Return the code of a check, and the bad and the good file that its manual page shows."""
    page = inspect.getdoc(check) or ""
    code, (_, bad, good) = page.partition(":")[0], re.split(r"^(?:Bad|Good)::$", page, flags=re.M)
    return code, textwrap.dedent(bad).strip() + "\n", textwrap.dedent(good).strip() + "\n"


def codes_of(folder: Path, text: str) -> set[str]:
    """Return the codes of what is wrong with files, each headed by `# its name`, or with one."""
    parts = re.split(r"^# (\w+\.yml)$", text, flags=re.M)
    named = zip(parts[1::2], parts[2::2], strict=True) if parts[1:] else [("a.yml", text)]
    for name, content in named:
        write(folder / name, content)
    return {problem.code for problem in load(folder).problems}


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.__name__)
def test_bad_file_of_the_manual_has_that_problem_alone(
    check: Callable[..., Any], tmp_path: Path
) -> None:
    code, bad, _ = manual_page(check)

    assert codes_of(tmp_path, bad) == {code}


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.__name__)
def test_good_file_of_the_manual_has_no_problem(check: Callable[..., Any], tmp_path: Path) -> None:
    _, _, good = manual_page(check)

    assert codes_of(tmp_path, good) == set()


def test_every_check_is_run() -> None:
    defined = {
        each
        for module in (
            check_delivery,
            check_expect,
            check_folders,
            check_replies,
            check_rules,
            check_settings,
            check_texts,
        )
        for each in vars(module).values()
        if inspect.isfunction(each) and re.match("MOCK", each.__doc__ or "")
    }

    assert set(ALL_CHECKS) == defined


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        ("7", '"7"'),
        ("-7", '"-7"'),
        ("1.10", '"1.10"'),
        ("1_000", '"1_000"'),
        ("0x1F", '"0x1F"'),
        ("12:30", '"12:30"'),
        ("yes", '"yes"'),
        ("No", '"No"'),
        ("ON", '"ON"'),
        ("true", '"true"'),
        ("2024-05-01", '"2024-05-01"'),
        (".inf", '".inf"'),
        (".NaN", '".NaN"'),
    ],
)
@pytest.mark.parametrize(
    ("before", "after", "column"),
    [
        pytest.param("responses: {", ": hi}", 13, id="prompt"),
        pytest.param("responses: {hello: ", "}", 20, id="answer"),
        pytest.param("responses: {hello: {text: ", "}}", 27, id="text"),
        pytest.param("defaults: {unknown_response: ", "}", 30, id="default"),
        pytest.param("defaults: {unknown_response: {text: ", "}}", 37, id="default-text"),
        pytest.param("responses: {a: {refusal: ", "}}", 26, id="refusal"),
        pytest.param("responses: {a: {template: ", "}}", 27, id="template"),
        pytest.param("responses: {a: {text: b, reasoning: ", "}}", 37, id="reasoning"),
        pytest.param("responses: {a: {parts: [", "]}}", 25, id="part"),
        pytest.param("responses: {a: {parts: [{refusal: ", "}]}}", 35, id="part-refusal"),
        pytest.param("responses: {a: {steps: [", "]}}", 25, id="step"),
        pytest.param("rules: [{when: {contains: a}, reply: ", "}]", 38, id="reply"),
        pytest.param("rules: [{when: {contains: a}, replies: [", "]}]", 41, id="replies"),
        pytest.param("rules: [{when: {contains: a}, one_of: [", "]}]", 40, id="one_of"),
        pytest.param("rules: [{reply: a, when: {equals: ", "}}]", 35, id="equals"),
        pytest.param("rules: [{reply: a, when: {contains: [", "]}}]", 38, id="needles"),
        pytest.param("rules: [{reply: a, when: {contains_all: [", "]}}]", 42, id="all-needles"),
        pytest.param("rules: [{reply: a, when: {regex: ", "}}]", 34, id="regex"),
        pytest.param(
            "rules: [{reply: a, when: {not: {starts_with: ", "}}}]", 46, id="not-starts_with"
        ),
        pytest.param(
            "rules: [{reply: a, when: {tool_result_contains: ", "}}]", 49, id="other-text"
        ),
    ],
)
def test_text_of_another_type_is_taken_with_a_warning(
    before: str, after: str, column: int, written: str, fix: str
) -> None:
    assert lines_of(before + written + after) == [
        f"1:{column} warning MOCK013 '{written}' is taken as text; write {fix}"
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('responses: {"7": "yes"}', id="quoted"),
        pytest.param("responses: {'7': !!str yes}", id="tagged"),
        pytest.param("responses: {hello: hi there}", id="words"),
        pytest.param("responses: {y: n}", id="letters"),
        pytest.param("responses: {v1.10.2: 7 dwarfs}", id="begins-with-a-number"),
        pytest.param("responses: {a: <<, b: =}", id="yaml-oddities"),
        pytest.param("responses:\n  a: |-\n    7\n", id="block"),
        pytest.param("settings: {lag_factor: 7, lag_enabled: yes}", id="settings"),
        pytest.param("x-7: {7: 7}", id="x-keys"),
        pytest.param("responses: {a: {json: {7: 7}}}", id="json"),
        pytest.param(
            "responses: {a: {tool_calls: [{name: b, arguments: {c: 7}}]}}", id="arguments"
        ),
        pytest.param("rules: [{reply: a, when: {params: {b: 7}, turn: 7}}]", id="conditions"),
    ],
)
def test_text_that_yaml_takes_as_text_has_no_warning(text: str) -> None:
    assert lines_of(text) == []


def test_both_prompt_and_answer_are_warned_of() -> None:
    assert lines_of("responses:\n  7: yes\n") == [
        "2:3 warning MOCK013 '7' is taken as text; write \"7\"",
        "2:6 warning MOCK013 'yes' is taken as text; write \"yes\"",
    ]


def test_anchored_text_is_reported_once(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yml", "x-a: &a yes\nresponses: {a: *a, b: *a}\n")

    assert [place_of(problem) for problem in load(file).problems] == ["1:6 warning MOCK013"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "responses:\n  hello: Hi # there\n",
            "2:10 warning MOCK014 the text ends at 'Hi': what follows ' #' is a comment;"
            " quote the text if the '#' belongs to it",
            id="answer",
        ),
        pytest.param(
            "responses:\n  ? what is C # and C#?\n  : a language\n",
            "2:5 warning MOCK014 the text ends at 'what is C': what follows ' #' is a comment;"
            " quote the text if the '#' belongs to it",
            id="prompt",
        ),
        pytest.param(
            "responses:\n  hello:\n    text: Hi\t# there\n",
            "3:11 warning MOCK014 the text ends at 'Hi': what follows ' #' is a comment;"
            " quote the text if the '#' belongs to it",
            id="text",
        ),
        pytest.param(
            "defaults:\n  unknown_response: Call #1 or # 2\n",
            "2:21 warning MOCK014 the text ends at 'Call': what follows ' #' is a comment;"
            " quote the text if the '#' belongs to it",
            id="default",
        ),
        pytest.param(
            "responses:\r\n  '😀': Hi # there\r\n",
            "2:8 warning MOCK014 the text ends at 'Hi': what follows ' #' is a comment;"
            " quote the text if the '#' belongs to it",
            id="crlf-and-emoji",
        ),
    ],
)
def test_text_cut_by_a_comment_has_a_warning(text: str, line: str) -> None:
    assert lines_of(text) == [line]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('responses: {hello: "Hi # there"}', id="quoted"),
        pytest.param("responses:\n  hello: 'Hi' # a greeting\n", id="behind-quotes"),
        pytest.param("responses:\n  hello: C#\n", id="no-space"),
        pytest.param("responses:\n  # greetings\n  hello: Hi\n", id="own-line"),
        pytest.param("settings:\n  lag_factor: 10 # fast\n", id="setting"),
        pytest.param("responses: # all of them\n  hello: Hi\n", id="section"),
        pytest.param("responses:\n  hello: # greeting\n    text: Hi\n", id="mapping"),
    ],
)
def test_comment_that_cuts_no_text_has_no_warning(text: str) -> None:
    assert lines_of(text) == []


def test_answer_that_is_all_comment_is_empty_and_says_why() -> None:
    assert places_of("responses:\n  hello: #hashtag\n") == [
        "2:9 error MOCK007",
        "2:9 warning MOCK014",
    ]


@pytest.mark.parametrize(
    ("prompt", "line"),
    [
        pytest.param(
            r'"\bword\b"',
            r"2:3 warning MOCK015 this text holds the control character U+0008;"
            r" in double quotes write \\ for a backslash",
            id="backspace",
        ),
        pytest.param(
            r'"a\x00"',
            r"2:3 warning MOCK015 this text holds the control character U+0000;"
            r" in double quotes write \\ for a backslash",
            id="null",
        ),
        pytest.param(
            r'"\e[0m"',
            r"2:3 warning MOCK015 this text holds the control character U+001B;"
            r" in double quotes write \\ for a backslash",
            id="escape",
        ),
        pytest.param(
            r'"\x7f\n"',
            r"2:3 warning MOCK015 this text holds the control character U+007F;"
            r" in double quotes write \\ for a backslash",
            id="delete-and-line-break",
        ),
        pytest.param(
            r'"\x9f"',
            r"2:3 warning MOCK015 this text holds the control character U+009F;"
            r" in double quotes write \\ for a backslash",
            id="c1",
        ),
        pytest.param(
            r'"hello\n"',
            "2:3 warning MOCK015 this text ends in a line break; write '|-' instead of '|'",
            id="line-break",
        ),
        pytest.param(
            "? |\n    hello\n  ",
            "2:5 warning MOCK015 this text ends in a line break; write '|-' instead of '|'",
            id="block",
        ),
    ],
)
def test_prompt_that_nobody_sends_has_a_warning(prompt: str, line: str) -> None:
    assert lines_of(f"responses:\n  {prompt}: hi\n") == [line]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(r'responses: {"a\tb\nc\rd": hi}', id="white-space"),
        pytest.param(r'responses: {"a\Nb": hi}', id="next-line"),
        pytest.param("responses:\n  ? |-\n    hello\n  : hi\n", id="stripped"),
        pytest.param("responses:\n  hello: |\n    hi\n", id="answer-ends-in-line-break"),
        pytest.param(r'responses: {hello: "\b"}', id="answer-holds-control"),
        pytest.param(r'x-a: {"\b": hi}', id="x-keys"),
    ],
)
def test_what_somebody_may_send_has_no_warning(text: str) -> None:
    assert lines_of(text) == []


@pytest.mark.parametrize(
    ("one", "two", "line"),
    [
        pytest.param(
            "responses: {hello: Hi}",
            "responses:\n  hello: Hello\n",
            "2:3 error MOCK016 'hello' is already in one.yml:1:13;"
            " keep it in one of the two 'responses'",
            id="prompt",
        ),
        pytest.param(
            "responses: {'7': Hi}",
            "responses:\n  7: Hello\n",
            "2:3 error MOCK016 '7' is already in one.yml:1:13;"
            " keep it in one of the two 'responses'",
            id="number-and-text",
        ),
        pytest.param(
            "defaults: {unknown_response: a}",
            "defaults: {unknown_response: a}",
            "1:12 error MOCK016 'unknown_response' is already in one.yml:1:12;"
            " keep it in one of the two 'defaults'",
            id="default",
        ),
        pytest.param(
            "settings: {seed: 1, match: exact}",
            "settings:\n  match: exact\n",
            "2:3 error MOCK016 'match' is already in one.yml:1:21;"
            " keep it in one of the two 'settings'",
            id="setting",
        ),
    ],
)
def test_same_key_in_two_files_names_both(one: str, two: str, line: str) -> None:
    documents = [document(one, "one.yml"), document(two, "two.yml")]

    assert list(map(line_of, same_key_in_two_files(documents))) == [line]


def test_every_further_file_is_compared_with_the_first() -> None:
    documents = [document("responses: {a: b}", f"{name}.yml") for name in ("one", "two", "three")]

    problems = list(same_key_in_two_files(documents))

    assert [problem.location.file for problem in problems] == ["two.yml", "three.yml"]
    assert {problem.message for problem in problems} == {"'a' is already in one.yml:1:13"}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param("responses: {a: b}", "responses: {c: d}", id="different-prompts"),
        pytest.param("responses: {seed: b}", "settings: {seed: 1}", id="different-sections"),
        pytest.param("x-a: {b: c}", "x-a: {b: c}", id="x-keys"),
        pytest.param("responses: [a]", "responses: [a]", id="no-mappings"),
        pytest.param("responses: {Hello: a}", "responses: {hello: a}", id="different-case"),
    ],
)
def test_files_that_agree_have_no_problem(one: str, two: str) -> None:
    documents = [document(one, "one.yml"), document(two, "two.yml")]

    assert list(same_key_in_two_files(documents)) == []


def rule(when: str) -> str:
    """Return a file with a rule that has these conditions, which begin at 1:27."""
    return f"rules: [{{reply: a, when: {{{when}}}}}]"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "rules:\n- when:\n    contains: |\n      hi\n  reply: a\n",
            "3:15 warning MOCK015 this text ends in a line break; write '|-' instead of '|'",
            id="block",
        ),
        pytest.param(
            rule(r'contains: ["a", "\bb"]'),
            "1:43 warning MOCK015 this text holds the control character U+0008;"
            r" in double quotes write \\ for a backslash",
            id="item",
        ),
        pytest.param(
            rule(r'regex: "\bword"'),
            "1:34 warning MOCK015 this text holds the control character U+0008;"
            r" in double quotes write \\ for a backslash",
            id="regex",
        ),
        pytest.param(
            rule(r'contains: a, not: {system_contains: "b\n"}'),
            "1:63 warning MOCK015 this text ends in a line break; write '|-' instead of '|'",
            id="not",
        ),
    ],
)
def test_needle_that_nobody_sends_has_a_warning(text: str, line: str) -> None:
    assert lines_of(text) == [line]


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        pytest.param(
            "{text: a, refusal: b}",
            f"1:16 error MOCK019 a reply says text and refusal; give it exactly one of {ANSWERS}",
            id="two",
        ),
        pytest.param(
            "{text: a, template: b, tool_calls: [{name: t}]}",
            "1:16 error MOCK019 a reply says text and template and tool_calls;"
            f" give it exactly one of {ANSWERS}",
            id="three",
        ),
        pytest.param(
            "{json: {}, tool_calls: [{name: t}]}",
            "1:16 error MOCK019 a reply says json and tool_calls;"
            f" give it exactly one of {ANSWERS}",
            id="json-and-calls",
        ),
        pytest.param(
            "{parts: [a], echo: true}",
            f"1:16 error MOCK019 a reply says parts and echo; give it exactly one of {ANSWERS}",
            id="parts-and-echo",
        ),
        pytest.param(
            "{parts: [{text: a, reasoning: b}]}",
            "1:25 error MOCK019 a part says text and reasoning;"
            " give it exactly one of text, template, reasoning, refusal, tool_call",
            id="part",
        ),
        pytest.param(
            "{parts: [a, {}]}",
            "1:28 error MOCK019 a part says nothing;"
            " give it exactly one of text, template, reasoning, refusal, tool_call",
            id="empty-part",
        ),
        pytest.param(
            "{refusal: no!, reasoning: hm}",
            "1:31 error MOCK019 'reasoning' does not go with 'refusal';"
            " it goes with text, template, json and tool_calls; in parts it is a part",
            id="reasoning-and-refusal",
        ),
        pytest.param(
            "{reasoning: hm, parts: [a]}",
            "1:17 error MOCK019 'reasoning' does not go with 'parts';"
            " it goes with text, template, json and tool_calls; in parts it is a part",
            id="reasoning-and-parts",
        ),
        pytest.param(
            "{reasoning: hm, error: server}",
            "1:17 error MOCK019 'reasoning' does not go with 'error';"
            " it goes with text, template, json and tool_calls; in parts it is a part",
            id="reasoning-and-error",
        ),
    ],
)
def test_reply_that_says_several_things_is_located(reply: str, line: str) -> None:
    assert lines_of(f"responses: {{a: {reply}}}") == [line]


@pytest.mark.parametrize(
    "reply",
    [
        "{text: a, tool_calls: [{name: t}]}",
        "{template: a, tool_calls: [{name: t}]}",
        "{reasoning: hm, text: a}",
        "{reasoning: hm, template: a}",
        "{reasoning: hm, json: [1]}",
        "{reasoning: hm, tool_calls: [{name: t}]}",
        "{reasoning: hm, text: a, tool_calls: [{name: t}]}",
        "{parts: [a, {text: b}, {template: c}, {reasoning: d}, {refusal: e}]}",
        "{parts: [{tool_call: {name: t}}]}",
        "{text: a, finish: length, usage: {output_tokens: 7}, headers: {x-a: b}, render: true}",
        "{json: null}",
        '{json: ""}',
    ],
)
def test_reply_that_says_one_thing_is_taken(reply: str) -> None:
    assert lines_of(f"responses: {{a: {reply}}}") == []


@pytest.mark.parametrize(
    ("reply", "column"),
    [("{tool_calls: []}", 29), ("{text: a, tool_calls: []}", 38), ("{parts: []}", 24)],
)
def test_reply_without_parts_is_located(reply: str, column: int) -> None:
    assert places_of(f"responses: {{a: {reply}}}") == [f"1:{column} error MOCK007"]


@pytest.mark.parametrize(
    ("choice", "line"),
    [
        pytest.param(
            "name: b",
            "1:9 error MOCK020 this rule has no answer;"
            " give it exactly one of reply, replies, steps, one_of",
            id="none",
        ),
        pytest.param(
            "reply: b, steps: [c]",
            "1:9 error MOCK020 this rule has reply and steps;"
            " give it exactly one of reply, replies, steps, one_of",
            id="two",
        ),
        pytest.param(
            "one_of: [b], replies: [c], reply: d",
            "1:9 error MOCK020 this rule has reply and replies and one_of;"
            " give it exactly one of reply, replies, steps, one_of",
            id="three",
        ),
        pytest.param(
            "reply: b, when_exhausted: loop",
            "1:41 error MOCK020 'when_exhausted' goes with 'replies'; leave it out",
            id="exhausted-reply",
        ),
        pytest.param(
            "steps: [b], when_exhausted: loop",
            "1:43 error MOCK020 'when_exhausted' goes with 'replies'; leave it out",
            id="exhausted-steps",
        ),
        pytest.param(
            "replies: []", "1:40 error MOCK007 'replies' is empty; add an answer", id="replies"
        ),
        pytest.param("steps: []", "1:38 error MOCK007 'steps' is empty; add an answer", id="steps"),
        pytest.param(
            "one_of: []", "1:39 error MOCK007 'one_of' is empty; add an answer", id="one_of"
        ),
    ],
)
def test_rule_without_one_choice_is_located(choice: str, line: str) -> None:
    assert lines_of(f"rules: [{{when: {{contains: a}}, {choice}}}]") == [line]


def test_prompt_without_steps_is_located() -> None:
    assert lines_of("responses: {a: {steps: []}}") == [
        "1:24 error MOCK007 'steps' is empty; add an answer"
    ]


@pytest.mark.parametrize(
    ("when", "line"),
    [
        pytest.param(
            "{}",
            "1:16 error MOCK021 this 'when' is empty; write always: true to match all",
            id="empty",
        ),
        pytest.param(
            "{contains: a, always: true}",
            "1:16 error MOCK021 'always' stands alone; leave out 'always' or the others",
            id="always-and-more",
        ),
        pytest.param(
            "{always: true, not: {contains: a}}",
            "1:16 error MOCK021 'always' stands alone; leave out 'always' or the others",
            id="always-and-not",
        ),
    ],
)
def test_when_that_asks_for_nothing_is_located(when: str, line: str) -> None:
    assert lines_of(f"rules: [{{when: {when}, reply: a}}]") == [line]


def test_empty_not_is_not_told_to_match_all() -> None:
    (line,) = lines_of(rule("contains: a, not: {}"))

    assert line.startswith("1:45 error MOCK021 this 'not' is empty; ")
    assert "always" not in line


@pytest.mark.parametrize(
    ("when", "column"),
    [
        pytest.param("headers: {}", 36, id="no-headers"),
        pytest.param("params: {}", 35, id="no-params"),
        pytest.param("params: {user: []}", 42, id="none-of-no-values"),
        pytest.param("not: {always: true}", 33, id="not-always"),
        pytest.param("turn: 0", 33, id="no-turn"),
        pytest.param("step: 0-0", 33, id="no-step"),
    ],
)
def test_condition_on_nothing_is_located(when: str, column: int) -> None:
    (place,) = places_of(rule(when))

    assert place.startswith(f"1:{column} error ")


@pytest.mark.parametrize(
    ("when", "places"),
    [
        pytest.param("regex: '('", ["1:34 error MOCK022"], id="regex"),
        pytest.param(
            "regex: [a, '(', ')']", ["1:38 error MOCK022", "1:43 error MOCK022"], id="items"
        ),
        pytest.param("contains: a, not: {regex: '(?=a)'}", ["1:53 error MOCK022"], id="not"),
        pytest.param(r"regex: '\w+'", ["1:34 warning MOCK023"], id="ascii"),
        pytest.param(
            r"regex: [a, '\d', '\bb\b']",
            ["1:38 warning MOCK023", "1:44 warning MOCK023"],
            id="ascii-items",
        ),
        pytest.param(r"regex: '(\w+'", ["1:34 error MOCK022", "1:34 warning MOCK023"], id="both"),
        pytest.param(r"regex: '[\pL\pN_]+'", [], id="unicode"),
        pytest.param("contains: '('", [], id="no-regex"),
    ],
)
def test_regex_is_checked(when: str, places: list[str]) -> None:
    assert places_of(rule(when)) == places


def test_refused_regex_is_told_why_and_what_to_write() -> None:
    assert lines_of(rule("regex: '(?=a)b'")) == [
        "1:34 error MOCK022 the regular expression is not one: invalid perl operator: (?=;"
        " RE2 has no look-ahead: match what follows too, and group what is wanted"
    ]


def test_ascii_class_is_named() -> None:
    assert lines_of(rule(r"regex: 'a\d'")) == [
        r"1:34 warning MOCK023 '\d' knows ASCII only;"
        r" write [\pL\pN_] for letters and digits of any script"
    ]


@pytest.mark.parametrize(
    ("reply", "column"),
    [
        pytest.param("{template: '{{ nope }}'}", 27, id="template"),
        pytest.param("{template: '{% if %}'}", 27, id="syntax"),
        pytest.param("{text: '{{ nope }}', render: true}", 23, id="rendered-text"),
        pytest.param("{refusal: '{{ nope }}', render: true}", 26, id="rendered-refusal"),
        pytest.param("{text: a, reasoning: '{{ nope }}', render: true}", 37, id="reasoning"),
        pytest.param("{json: {b: [c, '{{ nope }}']}, render: true}", 31, id="json"),
        pytest.param("{json: {b: '{{ nope }}'}, render: True}", 27, id="capital"),
        pytest.param("{parts: [a, '{{ nope }}'], render: true}", 28, id="text-part"),
        pytest.param("{parts: [{text: '{{ nope }}'}], render: true}", 32, id="part"),
        pytest.param("{parts: [{template: '{{ nope }}'}]}", 36, id="template-part"),
        pytest.param(
            "{tool_calls: [{name: t, arguments: {b: '{{ nope }}'}}], render: true}",
            55,
            id="arguments",
        ),
        pytest.param(
            "{parts: [{tool_call: {name: t, arguments: {b: '{{ nope }}'}}}], render: true}",
            62,
            id="arguments-of-a-part",
        ),
        pytest.param("{text: '{{ nope }}', render: yes}", 23, id="yes"),
        pytest.param("{json: ['{{ nope }}'], render: on}", 24, id="on"),
    ],
)
def test_template_that_cannot_be_used_is_located(reply: str, column: int) -> None:
    (line,) = lines_of(f"responses: {{a: {reply}}}")

    assert line.startswith(f"1:{column} error MOCK024 the template cannot be used: ")


def test_line_within_a_template_is_named() -> None:
    (line,) = lines_of("responses:\n  a:\n    template: |\n      one\n      {{ nope }}\n")

    assert line.startswith("3:15 error MOCK024 the template cannot be used: ")
    assert line.endswith(" (line 2 of it)")


@pytest.mark.parametrize(
    ("reply", "column"),
    [
        pytest.param("'{{ request.model }}'", 16, id="text"),
        pytest.param("{text: '{% if a %}'}", 23, id="tag"),
        pytest.param("{refusal: '{{ a }}'}", 26, id="refusal"),
        pytest.param("{text: a, reasoning: '{{ a }}'}", 37, id="reasoning"),
        pytest.param("{parts: ['{{ a }}']}", 25, id="part"),
        pytest.param("{steps: ['{{ a }}']}", 25, id="step"),
        pytest.param("{text: '{{ a }}', render: false}", 23, id="not-rendered"),
    ],
)
def test_text_that_looks_like_a_template_has_a_warning(reply: str, column: int) -> None:
    assert lines_of(f"responses: {{a: {reply}}}") == [
        f"1:{column} warning MOCK025 '{{{{' in a text is sent as it is;"
        " write 'template' for a template"
    ]


@pytest.mark.parametrize(
    "reply",
    [
        "{template: '{{ request.model }}'}",
        "{text: '{{ request.model }}', render: true}",
        "{parts: ['{{ request.model }}'], render: true}",
        "{json: {b: '{{ c }}'}}",
        "{text: 'a { b } {c}'}",
        "{text: '{{ request.model }}', render: yes}",
    ],
)
def test_template_in_its_place_has_no_warning(reply: str) -> None:
    assert lines_of(f"responses: {{a: {reply}}}") == []


@pytest.mark.parametrize(
    "reply",
    [
        "{template: b, tool_calls: [{name: t, arguments: {c: '{{ nope }}'}}]}",
        "{template: b, reasoning: '{{ nope }}'}",
        "{parts: [{template: b}, '{{ nope }}']}",
        "{parts: [{template: b}, {tool_call: {name: t, arguments: {c: '{{ nope }}'}}}]}",
    ],
)
def test_what_stands_beside_a_template_is_none(reply: str, tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "a.yml", f"responses: {{a: {reply}}}"))

    assert loaded.ruleset is not None


def files_in(folder: Path, name: str) -> list[str]:
    """Return the problems of a file in `folder` whose only answer stands in the file `name`."""
    file = write(folder / "a.yml", f"responses: {{a: {{file: {name}}}}}")
    return list(map(line_of, load(file).problems))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("missing.md", "No such file or directory", id="missing"),
        pytest.param("below", "Is a directory", id="folder"),
        pytest.param("../a.md", "it is not below the YAML's folder", id="above"),
        pytest.param("below/../../a.md", "it is not below the YAML's folder", id="round-about"),
        pytest.param("/etc/passwd", "it is not below the YAML's folder", id="absolute"),
        pytest.param("link.md", "it is not below the YAML's folder", id="link"),
        pytest.param("latin.md", "it is not UTF-8", id="not-utf-8"),
    ],
)
def test_file_that_cannot_be_used_is_located(name: str, reason: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "link.md").symlink_to(write(tmp_path / "secret.md", "secret"))
    (folder / "latin.md").write_bytes("é".encode("latin-1"))

    assert files_in(folder, name) == [
        f"1:23 error MOCK026 the file '{name}' cannot be used: {reason}"
    ]


def test_name_that_no_file_can_have_is_located(tmp_path: Path) -> None:
    assert files_in(tmp_path, r'"a\0b"') == [
        r"1:23 error MOCK026 the file 'a\x00b' cannot be used: it is no file's name"
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_that_may_not_be_read_is_located(tmp_path: Path) -> None:
    write(tmp_path / "b.md", "b").chmod(0)

    assert files_in(tmp_path, "b.md") == [
        "1:23 error MOCK026 the file 'b.md' cannot be used: Permission denied"
    ]


@pytest.mark.parametrize("name", ["b.md", "below/b.md", "./b.md", "below/../b.md"])
def test_file_below_the_folder_is_taken(name: str, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    write(tmp_path / "b.md", "b")
    write(tmp_path / "below" / "b.md", "b")

    assert files_in(tmp_path, name) == []


@pytest.mark.parametrize("names", [("a", "a"), ("7", "'7'")], ids=["same", "number-and-text"])
def test_rule_name_in_two_files_names_both(names: tuple[str, str]) -> None:
    documents = [
        document(f"rules: [{{name: {name}, when: {{contains: a}}, reply: b}}]", file)
        for name, file in zip(names, ("one.yml", "two.yml"), strict=True)
    ]

    assert list(map(line_of, rule_names_given_once(documents))) == [
        f"1:16 error MOCK027 the rule's name '{names[0]}' is already in one.yml:1:16;"
        " give it a name of its own"
    ]


def test_rule_name_in_one_file_names_both(tmp_path: Path) -> None:
    text = "".join(f"- {{name: a, when: {{contains: {each}}}, reply: b}}\n" for each in "xyz")
    file = write(tmp_path / "a.yml", f"rules:\n{text}")

    assert list(map(line_of, load(file).problems)) == [
        f"{line}:10 error MOCK027 the rule's name 'a' is already in {file}:2:10;"
        " give it a name of its own"
        for line in (3, 4)
    ]


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param("[{when: {contains: a}}, {when: {contains: b}}]", id="none"),
        pytest.param("[{name: a}, {name: A}]", id="case"),
        pytest.param("[{name: [a]}, {name: [a]}]", id="no-text"),
        pytest.param("[a, a]", id="no-rules"),
    ],
)
def test_rules_of_different_names_have_no_problem(rules: str) -> None:
    assert list(rule_names_given_once([document(f"rules: {rules}")])) == []


CALLS = "{when: {contains: c}, reply: {tool_calls: [{name: get_weather}, {name: pay}]}}"


@pytest.mark.parametrize(
    ("when", "places"),
    [
        pytest.param("tool_result: get_wether", ["1:40"], id="result"),
        pytest.param("tool_offered: get_wether", ["1:41"], id="offered"),
        pytest.param("tool_result: [pay, get_wether]", ["1:46"], id="item"),
        pytest.param("contains: a, not: {tool_result: get_wether}", ["1:59"], id="not"),
    ],
)
def test_tool_nearly_called_so_has_a_warning(when: str, places: list[str]) -> None:
    documents = [document(rule(when)), document(f"rules: [{CALLS}]")]

    assert list(map(line_of, tool_names_that_agree(documents))) == [
        f"{place} warning MOCK028 no answer here calls the tool 'get_wether';"
        " did you mean 'get_weather'?"
        for place in places
    ]


@pytest.mark.parametrize(
    "when",
    [
        pytest.param("tool_result: get_weather", id="called"),
        pytest.param("tool_result: [get_weather, pay]", id="all-called"),
        pytest.param("tool_result: search", id="far-from-all"),
        pytest.param("tool_choice: get_wether", id="choice"),
        pytest.param("contains: get_wether", id="text"),
        pytest.param('tool_result: "get_weathe?"', id="glob"),
        pytest.param('tool_offered: "get_weather*"', id="open-glob"),
    ],
)
def test_tool_of_another_name_has_no_warning(when: str) -> None:
    documents = [document(rule(when)), document(f"rules: [{CALLS}]")]

    assert list(map(line_of, tool_names_that_agree(documents))) == []


def test_tools_of_parts_and_steps_are_called_too() -> None:
    parts = "responses: {a: {steps: [{parts: [{tool_call: {name: get_weather}}]}]}}"

    (problem,) = tool_names_that_agree([document(rule("tool_result: gt_weather")), document(parts)])

    assert problem.hint == "did you mean 'get_weather'?"


@pytest.mark.parametrize("sections", ["rules: [{when: a}]", "responses: [a]", "rules: a", "x-a: b"])
def test_tools_of_wrong_sections_are_none(sections: str) -> None:
    assert list(tool_names_that_agree([document(sections)])) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "responses: {a: {text: b, headers: {x-a: [1]}}}",
            "1:41 error MOCK005 the header 'x-a' takes text, not a list",
            id="list",
        ),
        pytest.param(
            "responses: {a: {text: b, headers: {x-a: {b: c}}}}",
            "1:41 error MOCK005 the header 'x-a' takes text, not a mapping",
            id="mapping",
        ),
        pytest.param(
            rule("headers: {x-a: {b: c}}"),
            "1:42 error MOCK005 the header 'x-a' takes text or a list of texts, not a mapping",
            id="condition",
        ),
        pytest.param(
            rule("headers: {x-a: [b, [c]]}"),
            "1:46 error MOCK005 the header 'x-a' takes text or a list of texts, not a list",
            id="item",
        ),
        pytest.param(
            "responses: {a: {text: b, headers: {x-a: ~}}}",
            "1:41 error MOCK007 the header 'x-a' is empty",
            id="empty",
        ),
        pytest.param(
            rule("headers: {x-a: ~}"), "1:42 error MOCK007 the header 'x-a' is empty", id="no-glob"
        ),
        pytest.param(
            rule("headers: {x-a: []}"),
            "1:42 error MOCK007 the header 'x-a' is empty",
            id="no-globs",
        ),
    ],
)
def test_wrong_header_is_located(text: str, line: str) -> None:
    assert lines_of(text) == [line]


@pytest.mark.parametrize("name", [r'"x\n"', '"x a"', '"x:"', '""', '"é"'])
def test_name_that_no_header_can_have_is_located(name: str) -> None:
    places = places_of(f"responses: {{a: {{text: b, headers: {{{name}: c}}}}}}")

    assert [place for place in places if " error " in place] == ["1:36 error MOCK005"]


@pytest.mark.parametrize("written", [r'"a\nb"', r'"a\rb"', r'"\0"'])
def test_header_takes_no_control_characters(written: str) -> None:
    (place,) = places_of(f"responses: {{a: {{text: b, headers: {{x-a: {written}}}}}}}")

    assert place.endswith(" error MOCK005")


@pytest.mark.parametrize(
    "text",
    [
        "responses: {a: {text: b, headers: {}}}",
        "responses: {a: {text: b, headers: {x-a: 7, x-b: yes, x-c: ''}}}",
        rule("headers: {x-a: b, x-c: [d, 'e*']}"),
        rule("not: {headers: {x-a: b}}"),
    ],
)
def test_right_headers_are_taken(text: str) -> None:
    assert lines_of(text) == []


@pytest.mark.parametrize(
    ("vector", "column"),
    [
        pytest.param("[]", 28, id="empty"),
        pytest.param("[1, a]", 32, id="word"),
        pytest.param("['1']", 29, id="text"),
        pytest.param("[0.5, yes]", 34, id="boolean"),
        pytest.param("[~]", 29, id="null"),
        pytest.param("[[1]]", 29, id="list"),
        pytest.param("[.nan]", 29, id="nan"),
        pytest.param("[1, -.inf]", 32, id="infinity"),
        pytest.param("[0b_]", 29, id="no-digits"),
        pytest.param(f"[{'9' * 400}]", 29, id="too-large"),
    ],
)
def test_vector_of_other_than_numbers_is_located(vector: str, column: int) -> None:
    assert lines_of(f"responses: {{a: {{embedding: {vector}}}}}") == [
        f"1:{column} error MOCK005 'embedding' takes numbers"
    ]


@pytest.mark.parametrize("vector", ["[0.6, -0.8, 1, 0, .5]", "[1e-3, 2E+2]"])
def test_vector_of_numbers_is_taken(vector: str) -> None:
    assert lines_of(f"responses: {{a: {{embedding: {vector}}}}}") == []


@pytest.mark.parametrize(
    ("error", "line"),
    [
        pytest.param(
            "{}",
            "1:24 error MOCK004 an error needs a kind or a status;"
            " write kind: rate_limit, or status: 429",
            id="empty",
        ),
        pytest.param(
            "{retry_after: 2s}",
            "1:24 error MOCK004 an error needs a kind or a status;"
            " write kind: rate_limit, or status: 429",
            id="only-extras",
        ),
        pytest.param(
            "rate_limt",
            "1:24 error MOCK006 'rate_limt' is no kind of error; did you mean 'rate_limit'?",
            id="misspelt",
        ),
        pytest.param(
            "429",
            "1:24 error MOCK006 '429' is no kind of error; the kinds are rate_limit, overloaded,"
            " auth, permission, not_found, invalid, context_length, content_filter, server",
            id="status",
        ),
        pytest.param(
            "''",
            "1:24 error MOCK006 '' is no kind of error; the kinds are rate_limit, overloaded,"
            " auth, permission, not_found, invalid, context_length, content_filter, server",
            id="empty-text",
        ),
    ],
)
def test_error_that_says_nothing_is_located(error: str, line: str) -> None:
    assert lines_of(f"responses: {{a: {{error: {error}}}}}") == [line]


@pytest.mark.parametrize(
    "error",
    ["rate_limit", "'server'", "{kind: auth}", "{status: 418}", "{kind: invalid, status: 422}"],
)
def test_error_that_says_what_is_taken(error: str) -> None:
    assert lines_of(f"responses: {{a: {{error: {error}}}}}") == []


def test_only_so_many_tool_names_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_folders, "MAX_WORK", 5)
    text = (
        "rules:\n- {when: {tool_result: [get_weather, get_wether]}, reply:"
        " {tool_calls: [{name: get_weather}]}}\n"
    )

    assert list(tool_names_that_agree([document(text)])) == []
