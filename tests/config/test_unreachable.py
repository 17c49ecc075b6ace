"""Rules that can never answer, and those that can though it does not look so."""

from __future__ import annotations

import inspect
import re
import textwrap

import pytest

from mockllm.config import unreachable
from mockllm.config.build import build
from mockllm.config.unreachable import rules_that_never_answer
from tests.config.documents import FILE, document, line_of


def lines_of_rules(text: str) -> list[str]:
    return list(map(line_of, rules_that_never_answer(build([document(text)]))))


def hidden(*whens: str, settings: str = "{}") -> list[int]:
    """Return the lines of the rules that never answer; the first stands at line 1."""
    rules = "".join(f"- {{when: {{{when}}}, reply: a}}\n" for when in whens)
    text = f"settings: {settings}\nrules:\n{rules}"
    found = rules_that_never_answer(build([document(text)]))
    return [problem.location.line - 2 for problem in found]


def test_hidden_rule_is_told_what_hides_it() -> None:
    text = (
        "rules:\n"
        "- {name: wide, when: {contains: weather}, reply: a}\n"
        "- {when: {contains: weather in Paris}, reply: b}\n"
    )

    assert lines_of_rules(text) == [
        f"3:3 warning MOCK029 this never answers: the rule 'wide' at {FILE}:2:3 always does"
        " first; move it before that one, or make that one narrower"
    ]


def test_hidden_answer_is_told_what_hides_it() -> None:
    text = "rules:\n- {name: all, when: {always: true}, reply: a}\nresponses: {b: c, d: e}\n"

    assert [line.partition(" this")[0] for line in lines_of_rules(text)] == [
        "3:13 warning MOCK029",
        "3:19 warning MOCK029",
    ]


def test_hidden_rule_is_reported_once_with_the_first_that_hides_it() -> None:
    text = (
        "rules:\n"
        "- {name: a, when: {contains: x}, reply: a}\n"
        "- {name: b, when: {contains: xy}, reply: a}\n"
        "- {name: c, when: {contains: xyz}, reply: a}\n"
    )

    assert [re.findall(r"rule '(\w)'", line) for line in lines_of_rules(text)] == [["a"], ["a"]]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("always: true", "contains: a"),
        ("always: true", "always: true"),
        ("always: true", "model: a"),
        ("always: true", "not: {contains: a}"),
        ("contains: a", "contains: a"),
        ("contains: a", "contains: bab"),
        ("contains: a", "contains: [ab, ba]"),
        ("contains: [a, b]", "contains: b"),
        ("contains: a", "contains_all: [a, b]"),
        ("contains: a", "contains: ab, model: b"),
        ("contains: a", "starts_with: ab"),
        ("contains: a", "ends_with: ba"),
        ("contains: a", "equals: bab"),
        ("contains_all: [a, b]", "contains: a and b"),
        ("contains_all: [a, b]", "equals: ab"),
        ("starts_with: a", "starts_with: ab"),
        ("starts_with: a", "equals: ab"),
        ("ends_with: a", "ends_with: ba"),
        ("equals: a", "equals: a"),
        ("equals: [a, b]", "equals: b"),
        ("regex: hello", "regex: hello"),
        ("regex: [hello, world]", "regex: world"),
        ("regex: '^hel+o$'", "equals: hello"),
        ("contains: a, starts_with: b", "starts_with: ba"),
    ],
)
def test_rule_that_an_earlier_one_implies_is_hidden(earlier: str, later: str) -> None:
    assert hidden(earlier, later) == [2]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("contains: ab", "contains: a"),
        ("contains: a", "contains: b"),
        ("contains: a", "contains: [ab, b]"),
        ("contains: a", "contains: A"),
        ("contains_all: [a, b]", "contains: a"),
        ("contains_all: [a, b]", "contains_all: [a, c]"),
        ("equals: ab", "contains: ab"),
        ("starts_with: a", "contains: ab"),
        ("starts_with: a", "ends_with: a"),
        ("ends_with: a", "starts_with: a"),
        ("regex: 'a.c'", "contains: abc"),
        ("regex: abc", "regex: abcd"),
        ("regex: abc", "regex: [abc, d]"),
        ("contains: abc", "regex: abc"),
        ("contains: a, model: b", "contains: a"),
        ("model: a", "model: a"),
        ("contains: a, not: {contains: b}", "contains: a"),
        ("contains: a", "model: b"),
        ("contains: a", "system_contains: a"),
        ("contains: a", "stream: true"),
        ("contains: a", "not: {contains: a}"),
    ],
)
def test_rule_that_may_answer_is_not_hidden(earlier: str, later: str) -> None:
    assert hidden(earlier, later) == []


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param("{when: {contains: a}, reply: b, times: 2}", id="times"),
        pytest.param(
            "{when: {contains: a}, replies: [b], when_exhausted: next_rule}", id="next_rule"
        ),
        pytest.param("{when: {contains: a}, reply: {tool_calls: [{name: t}]}}", id="calls"),
        pytest.param("{when: {contains: a}, reply: {embedding: [1]}}", id="embedding"),
        pytest.param("{when: {contains: a}, reply: {moderation: {flagged: []}}}", id="moderation"),
    ],
)
def test_rule_that_steps_aside_hides_nothing(rule: str) -> None:
    text = f"rules: [{rule}, {{when: {{contains: a}}, reply: c}}]\nresponses: {{a: d}}"

    lines = [line for line in lines_of_rules(text) if line.startswith(f"1:{9 + len(rule) + 2} ")]

    assert lines == []


@pytest.mark.parametrize(
    "rule",
    [
        "{when: {contains: a}, replies: [b]}",
        "{when: {contains: a}, replies: [b], when_exhausted: fail}",
        "{when: {contains: a}, steps: [{tool_calls: [{name: t}]}]}",
        "{when: {contains: a}, one_of: [b, c]}",
        "{when: {contains: a}, reply: {error: server}}",
        "{when: {contains: a}, reply: b, goto: c}",
    ],
)
def test_rule_that_always_answers_hides(rule: str) -> None:
    assert len(lines_of_rules(f"rules: [{rule}]\nresponses: {{a: d}}")) == 1


@pytest.mark.parametrize(
    ("rule", "prompts"),
    [
        ("contains: ell", ["hello"]),
        ("equals: [hello, Bye]", ["hello", "Bye"]),
        ("starts_with: B", ["Bye"]),
        ("regex: 'l+o$'", ["hello"]),
        ("regex: '(?i)bye'", ["Bye"]),
        ("contains: hello, model: a", []),
        ("contains: HELLO", []),
        ("contains_all: [h, o]", ["hello"]),
    ],
)
def test_answer_that_a_rule_gives_first_is_hidden(rule: str, prompts: list[str]) -> None:
    text = f"rules: [{{when: {{{rule}}}, reply: a}}]\nresponses:\n  hello: b\n  Bye: c\n"

    lines = {"hello": "3:3", "Bye": "4:3"}

    assert [line.partition(" ")[0] for line in lines_of_rules(text)] == [
        lines[prompt] for prompt in prompts
    ]


def test_normalized_needles_hide_as_they_match() -> None:
    assert hidden("contains: A", "contains: bab", settings="{match: normalized}") == [2]


@pytest.mark.parametrize("later", ["rules", "responses"])
def test_regex_hides_nothing_that_is_normalized(later: str) -> None:
    rest = {
        "rules": "- {when: {equals: hello}, reply: b}\n",
        "responses": "responses: {hello: b}\n",
    }

    text = f"rules:\n- {{when: {{regex: '^hello$'}}, reply: a}}\n{rest[later]}"

    assert lines_of_rules(f"settings: {{match: normalized}}\n{text}") == []


def test_prompt_that_normalizes_like_an_earlier_one_never_answers() -> None:
    text = 'settings: {match: normalized}\nresponses:\n  "Hello": a\n  "hello ": b\n  bye: c\n'

    assert lines_of_rules(text) == [
        f"4:3 warning MOCK029 this never answers: the prompt 'Hello' at {FILE}:3:3 always does"
        " first; they differ only in case or white space"
    ]


def test_prompt_that_normalizes_like_one_of_another_file_never_answers() -> None:
    one = document("settings: {match: normalized}\nresponses: {straße: a}", "one.yml")
    two = document("responses: {STRASSE: b}", "two.yml")

    (problem,) = rules_that_never_answer(build([one, two]))

    assert str(problem).startswith("two.yml:1:13: warning MOCK029")
    assert "the prompt 'straße' at one.yml:2:13 always" in problem.message


def test_each_of_three_prompts_alike_is_told_the_first() -> None:
    text = "settings: {match: normalized}\nresponses: {A: 1, a: 2, ' a': 3}\n"

    assert [line.split(" this")[0] for line in lines_of_rules(text)] == [
        "2:19 warning MOCK029",
        "2:25 warning MOCK029",
    ]


def test_prompts_alike_behind_a_rule_are_reported_once_each() -> None:
    text = "settings: {match: normalized}\nrules: [{when: {always: true}, reply: a}]\n"

    lines = lines_of_rules(f"{text}responses: {{A: 1, a: 2}}\n")

    assert [line.split(f" at {FILE}")[0] for line in lines] == [
        "3:13 warning MOCK029 this never answers: the rule 'rule at line 2'",
        "3:19 warning MOCK029 this never answers: the rule 'rule at line 2'",
    ]


def test_prompts_that_differ_in_case_both_answer_where_exact_is_exact() -> None:
    assert lines_of_rules("responses: {A: 1, a: 2, ' a': 3}\n") == []


@pytest.mark.parametrize("text", ["{}", "responses: {a: b}", "rules: []"])
def test_nothing_is_hidden_where_there_are_no_rules(text: str) -> None:
    assert lines_of_rules(text) == []


@pytest.mark.parametrize(("heading", "count"), [("Bad", 1), ("Good", 0)])
def test_files_of_the_manual(heading: str, count: int) -> None:
    page = inspect.getdoc(rules_that_never_answer) or ""
    files = dict(zip(("Bad", "Good"), re.split(r"^\w+::$", page, flags=re.M)[1:], strict=True))

    assert len(lines_of_rules(textwrap.dedent(files[heading]))) == count


@pytest.mark.parametrize("later", ["rules", "responses"])
def test_work_is_bounded(later: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unreachable, "MAX_WORK", 100 if later == "responses" else 60)
    text = "rules:\n- {when: {contains: a}, reply: a}\n"
    rest = {
        "rules": "- {when: {contains: ab}, reply: b}\n" * 2,
        "responses": "responses: {ab: b, ac: d}\n",
    }

    assert len(lines_of_rules(text + rest[later])) < 2
