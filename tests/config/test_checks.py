"""What is wrong beyond shape: text that YAML changes, and files that disagree."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockllm.config.checks import same_key_in_two_files
from mockllm.config.load import load
from tests.config.documents import document, line_of, lines_of, place_of, places_of, write


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
    ],
)
def test_text_that_yaml_takes_as_text_has_no_warning(text: str) -> None:
    assert lines_of(text) == []


def test_both_prompt_and_answer_are_warned_of() -> None:
    assert lines_of("responses:\n  7: yes\n") == [
        "2:3 warning MOCK013 '7' is taken as text; write \"7\"",
        "2:6 warning MOCK013 'yes' is taken as text; write \"yes\"",
    ]


# BUG: an anchored text is reported once for each alias, in the same words (load.py).
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
            r"2:3 warning MOCK015 this prompt holds the control character U+0008;"
            r" in double quotes write \\ for a backslash",
            id="backspace",
        ),
        pytest.param(
            r'"a\x00"',
            r"2:3 warning MOCK015 this prompt holds the control character U+0000;"
            r" in double quotes write \\ for a backslash",
            id="null",
        ),
        pytest.param(
            r'"\e[0m"',
            r"2:3 warning MOCK015 this prompt holds the control character U+001B;"
            r" in double quotes write \\ for a backslash",
            id="escape",
        ),
        pytest.param(
            r'"\x7f\n"',
            r"2:3 warning MOCK015 this prompt holds the control character U+007F;"
            r" in double quotes write \\ for a backslash",
            id="delete-and-line-break",
        ),
        pytest.param(
            r'"\x9f"',
            r"2:3 warning MOCK015 this prompt holds the control character U+009F;"
            r" in double quotes write \\ for a backslash",
            id="c1",
        ),
        pytest.param(
            r'"hello\n"',
            "2:3 warning MOCK015 this prompt ends in a line break; write '|-' instead of '|'",
            id="line-break",
        ),
        pytest.param(
            "? |\n    hello\n  ",
            "2:5 warning MOCK015 this prompt ends in a line break; write '|-' instead of '|'",
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
