"""Text that is not YAML: where it goes wrong, and the hint that mends it."""

from __future__ import annotations

import pytest
import yaml

from mockllm.config.syntax import character_problem, syntax_problem
from tests.config.documents import FILE, line_of, lines_of, place_of, places_of, problems_of

TABS = "indent with spaces, not tabs"
STAR = "quote a text that begins with '*' or '&'"
COLON = "quote a text with ': ' in it, or check the indentation"
ESCAPE = r"in double quotes write \\ for a backslash, or use single quotes"
UNCLOSED = "close the quotation mark; inside '...' write '' for '"
BRACKET = "close the bracket; quote a text with a comma, a brace or a bracket in it"
BEGINS_WITH_BRACKET = "quote a text that begins with a bracket or a brace"
WHOLE = "quote the whole text; inside '...' write '' for '"
INDENTATION = "check the indentation"


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        pytest.param("a:\n\tb: c\n", "2:1", TABS, id="tab"),
        pytest.param("\ta: b\n", "1:1", TABS, id="tab-first"),
        pytest.param("a:\n  b: c\n\td: e\n", "3:1", TABS, id="tab-after-spaces"),
        pytest.param("a:\r\n\tb: c\r\n", "2:1", TABS, id="tab-crlf"),
        pytest.param("a: |\n\tb\n", "2:1", TABS, id="tab-in-block-text"),
        pytest.param("model: *", "1:9", STAR, id="star"),
        pytest.param("a: *\nb: c\n", "1:5", STAR, id="star-and-line-break"),
        pytest.param("a: & b\n", "1:5", STAR, id="ampersand"),
        pytest.param("a: @b\n", "1:4", "quote a text that begins with '@'", id="at"),
        pytest.param("a: `b`\n", "1:4", "quote a text that begins with '`'", id="backtick"),
        pytest.param("a: %b\n", "1:4", "quote a text that begins with '%'", id="percent"),
        pytest.param("'😀': @b\n", "1:6", "quote a text that begins with '@'", id="emoji-before"),
        pytest.param("a: b: c\n", "1:5", COLON, id="colon-in-text"),
        pytest.param("a: b\n  c: d\n", "2:4", COLON, id="mapping-under-text"),
        pytest.param("a\nb: c\n", "2:2", COLON, id="key-without-colon"),
        pytest.param('a: "\\d"\n', "1:5", ESCAPE, id="unknown-escape"),
        pytest.param('a: "\\ud800"\n', "1:7", ESCAPE, id="surrogate-escape"),
        pytest.param('a: "C:\\users"\n', "1:9", ESCAPE, id="windows-path"),
        pytest.param("a: 'b\nc: d\n", "1:4", UNCLOSED, id="open-single-quote"),
        pytest.param('a: b\nc: "d\n', "2:4", UNCLOSED, id="open-double-quote"),
        pytest.param('a: "b\n---\nc"\n', "2:1", UNCLOSED, id="document-mark-inside-quotes"),
        pytest.param("a: 'it's'\n", "1:8", WHOLE, id="apostrophe"),
        pytest.param('a: "say "hi""\n', "1:10", WHOLE, id="inner-double-quotes"),
        pytest.param("a: 'b' c\n", "1:8", WHOLE, id="text-behind-quotes"),
        pytest.param("a: [b\nc: d\n", "2:2", BRACKET, id="open-bracket"),
        pytest.param("a: {b: c\nd: e\n", "2:2", BRACKET, id="open-brace"),
        pytest.param("a: {b: c,, d: e}\n", "1:10", BRACKET, id="two-commas"),
        pytest.param("a: {, b: c}\n", "1:5", BRACKET, id="comma-first"),
        pytest.param("regex: [a-z]+\n", "1:13", BEGINS_WITH_BRACKET, id="regex"),
        pytest.param("a: {name} hi\n", "1:11", BEGINS_WITH_BRACKET, id="text-behind-brace"),
        pytest.param("a: {b: c}}\n", "1:10", BEGINS_WITH_BRACKET, id="two-braces"),
        pytest.param("a:\n  b: c\n d: e\n", "3:2", INDENTATION, id="indented-too-little"),
        pytest.param("a: b\n- c\n", "2:1", INDENTATION, id="list-among-keys"),
        pytest.param("a: b\n  - c: d\n", "2:6", COLON, id="list-under-text"),
    ],
)
def test_hint_fits_the_mistake(text: str, place: str, hint: str) -> None:
    (problem,) = problems_of(text)

    assert (place_of(problem), problem.hint) == (f"{place} error MOCK001", hint)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "a: !<\n",
            "1:6 error MOCK001 while parsing a tag, did not find expected tag URI",
            id="tag",
        ),
        pytest.param(
            "a: !x!y z\n",
            "1:4 error MOCK001 while parsing a node, found undefined tag handle",
            id="tag-handle",
        ),
        pytest.param(
            "%YAML 3.0\n---\na: b\n",
            "1:1 error MOCK001 found incompatible YAML document",
            id="version",
        ),
        pytest.param(
            "%FOO\n---\na: b\n",
            "1:5 error MOCK001 while scanning a directive, found unknown directive name",
            id="directive",
        ),
        pytest.param(
            "a: - b\n",
            "1:4 error MOCK001 block sequence entries are not allowed in this context",
            id="dash-in-text",
        ),
        pytest.param(
            "{a: b}}\n", "1:7 error MOCK001 did not find expected <document start>", id="behind-all"
        ),
        pytest.param(
            "a: b\n...\nc: d\n",
            "3:1 error MOCK001 did not find expected <document start>",
            id="behind-the-end",
        ),
        pytest.param(
            "...\n",
            "1:1 error MOCK001 while parsing a block node, did not find expected node content",
            id="end-only",
        ),
    ],
)
def test_message_alone_says_enough(text: str, line: str) -> None:
    assert lines_of(text) == [line]


def test_context_says_where_it_began() -> None:
    assert lines_of("a: [b,\n  c\n\nd: e\n") == [
        "4:2 error MOCK001 while parsing a flow sequence that begins at line 1,"
        f" did not find expected ',' or ']'; {BRACKET}"
    ]


def test_context_on_the_same_line_is_not_located_twice() -> None:
    assert lines_of("regex: [a-z]+\n") == [
        "1:13 error MOCK001 while parsing a block mapping, did not find expected key;"
        f" {BEGINS_WITH_BRACKET}"
    ]


def test_open_quotation_mark_is_located_and_not_the_end() -> None:
    assert lines_of('responses:\n  "a": "b\n\n\n') == [
        "2:8 error MOCK001 while scanning a quoted scalar, found unexpected end of stream;"
        f" {UNCLOSED}"
    ]


@pytest.mark.parametrize("text", ["a: [b, c", "a: {b: c", "a: [b, c\n"])
def test_open_bracket_is_located_and_not_the_end(text: str) -> None:
    assert places_of(text) == ["1:4 error MOCK001"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "a: \x07",
            r'1:4 error MOCK001 the character U+0007 is not allowed in YAML; write it as "\u0007"'
            " in double quotes",
            id="bell",
        ),
        pytest.param(
            "a: b\n'😀': \x00",
            r'2:6 error MOCK001 the character U+0000 is not allowed in YAML; write it as "\u0000"'
            " in double quotes",
            id="null-behind-emoji",
        ),
        pytest.param(
            "a: b\r\nc: \x1b[0m",
            r'2:4 error MOCK001 the character U+001B is not allowed in YAML; write it as "\u001b"'
            " in double quotes",
            id="escape-crlf",
        ),
        pytest.param(
            "a: \x7f",
            r'1:4 error MOCK001 the character U+007F is not allowed in YAML; write it as "\u007f"'
            " in double quotes",
            id="delete",
        ),
        pytest.param(
            "a: 'b\x80'",
            r'1:6 error MOCK001 the character U+0080 is not allowed in YAML; write it as "\u0080"'
            " in double quotes",
            id="c1",
        ),
        pytest.param(
            "a: \uffff",
            r'1:4 error MOCK001 the character U+FFFF is not allowed in YAML; write it as "\uffff"'
            " in double quotes",
            id="non-character",
        ),
    ],
)
def test_character_that_yaml_forbids_is_located(text: str, line: str) -> None:
    assert lines_of(text) == [line]


def test_forbidden_character_is_on_the_line_the_parser_counts() -> None:
    assert places_of("a: b\rc: \x07") == ["2:4 error MOCK001"]


@pytest.mark.parametrize("allowed", ["\x85", "\xa0", "\ud7ff", "\ue000", "\ufffd", "\U0010ffff"])
def test_other_characters_are_allowed(allowed: str) -> None:
    assert lines_of(f'responses: {{a: "b{allowed}c"}}') == []


def test_text_without_a_forbidden_character_is_located_at_its_start() -> None:
    assert line_of(character_problem("ab", FILE)).startswith("1:1 error MOCK001")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        pytest.param(
            yaml.MarkedYAMLError(), "1:1 error MOCK001 this is not YAML", id="says-nothing"
        ),
        pytest.param(
            yaml.MarkedYAMLError(context="while reading", problem="found a mistake"),
            "1:1 error MOCK001 while reading, found a mistake",
            id="without-place",
        ),
        pytest.param(
            yaml.MarkedYAMLError(
                problem="found a mistake", problem_mark=yaml.Mark(FILE, 9, 7, 2, "", 0)
            ),
            "8:3 error MOCK001 found a mistake",
            id="beyond-the-text",
        ),
    ],
)
def test_error_with_little_in_it_is_still_a_problem(error: yaml.MarkedYAMLError, line: str) -> None:
    assert line_of(syntax_problem(error, "a: b", FILE)) == line
