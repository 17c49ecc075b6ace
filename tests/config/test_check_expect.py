"""Checks of what rules expect, and what is built of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockllm.config.load import load
from mockllm.core.conditions import OtherTextContains
from mockllm.core.expect import Expectation
from mockllm.core.rules import Rule
from tests.config.documents import lines_of


def rule_with(expect: str, name: str = "a") -> str:
    return f"{{name: {name}, when: {{contains: {name}}}, reply: r, expect: {expect}}}"


def ruled(expect: str) -> str:
    return f"rules: [{rule_with(expect)}]"


def loaded(tmp_path: Path, text: str) -> tuple[tuple[Rule, ...], list[str]]:
    file = tmp_path / "r.yml"
    file.write_text(text, encoding="utf-8")
    found = load(file)
    lines = [str(each).removeprefix(f"{file}:") for each in found.problems]
    return found.ruleset.rules if found.ruleset else (), lines


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("{exactly: 2}", []),
        ("{exactly: 0}", []),
        ("{at_most: 0}", []),
        ("{at_least: 2, at_most: 2}", []),
        ("{exactly: 1, at_least: 1}", ["'exactly' and 'at_least' contradict each other"]),
        ("{at_most: 2, exactly: 1}", ["'exactly' and 'at_most' contradict each other"]),
        ("{at_least: 3, at_most: 2}", ["'at_least' is 3 and 'at_most' 2: no number is both"]),
        (
            "{exactly: 0, each: {contains: x}}",
            ["'each' is about requests, and none is expected"],
        ),
        (
            "{at_most: 0, after_rule: b}",
            ["'after_rule' is about requests, and none is expected"],
        ),
    ],
)
def test_numbers_that_contradict_each_other_are_errors(expect: str, said: list[str]) -> None:
    lines = lines_of(ruled(expect))

    assert [line.partition("MOCK035 ")[2].partition(";")[0] for line in lines] == said


def test_contradiction_is_located_at_the_key_to_leave_out() -> None:
    (line,) = lines_of(
        "rules:\n- {when: {contains: x}, reply: r, expect: {exactly: 1, at_most: 3}}"
    )

    assert line.startswith("2:56 error MOCK035 ")
    assert line.endswith("keep one of the two")


def test_wrong_number_is_reported_once() -> None:
    (line,) = lines_of(ruled("{exactly: yes, each: {contains: x}}"))

    assert "MOCK005 'exactly' takes a whole number, not yes" in line


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("{each: {contian: x}}", "MOCK003 unknown key 'contian' in 'when'; did you mean 'contai"),
        ("{each: {}}", "MOCK021 this 'each' is empty; leave it out"),
        ("{each: {regex: '('}}", "MOCK022"),
        ("{}", "MOCK007 'expect' is empty"),
        ("{exactly: -1}", "MOCK006 'exactly' takes at least 0, not -1"),
        ("[]", "MOCK005 'expect' takes a mapping, not a list"),
    ],
)
def test_what_is_wrong_in_it_is_told(expect: str, said: str) -> None:
    (line,) = lines_of(ruled(expect))

    assert said in line


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (["{after_rule: b}", ""], []),
        (["{after_rule: bb}", ""], ["there is no rule 'bb'; did you mean 'b'?"]),
        (["{after_rule: zzz}", ""], ["there is no rule 'zzz'; rules with a name: a, b"]),
        (["{after_rule: a}", ""], ["'after_rule' names the rule itself; name another rule"]),
        (["{after_rule: ~}", ""], ["'after_rule' is empty"]),
    ],
)
def test_rule_that_comes_before_exists(rules: list[str], said: list[str], tmp_path: Path) -> None:
    written = [
        rule_with(expect or "{exactly: 1}", name) for name, expect in zip("ab", rules, strict=True)
    ]

    _, lines = loaded(tmp_path, f"rules: [{', '.join(written)}]")

    assert len(lines) == len(said)
    assert all(words in line for words, line in zip(said, lines, strict=True))


def test_rules_without_names_are_told_to_have_one(tmp_path: Path) -> None:
    text = "rules: [{when: {contains: a}, reply: r, expect: {after_rule: b}}]"

    _, (line,) = loaded(tmp_path, text)

    assert line.endswith("there is no rule 'b'; no rule has a name; give it one")


def test_rule_of_another_file_comes_before_too(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text(ruled("{after_rule: b}"), encoding="utf-8")
    (tmp_path / "two.yml").write_text(
        "rules: [{name: b, when: {contains: b}, reply: r}]", encoding="utf-8"
    )

    assert load(tmp_path).problems == ()


def test_only_the_first_hints_are_looked_for(tmp_path: Path) -> None:
    rules = ", ".join(rule_with("{after_rule: zzz}", f"a{number}") for number in range(102))

    _, lines = loaded(tmp_path, f"rules: [{rules}]")

    assert [line.count(";") for line in lines] == [1] * 100 + [0] * 2


def test_expectation_is_built(tmp_path: Path) -> None:
    text = f"""
rules:
  - {rule_with("{exactly: 2, after_rule: b, each: {system_contains: x}}")}
  - {rule_with("{at_least: 1, at_most: 3}", "b")}
  - {{name: c, when: {{contains: c}}, reply: r}}
"""

    (first, second, third), lines = loaded(tmp_path, text)

    each = (OtherTextContains("system_contains", ("x",)),)
    assert lines == []
    assert first.expect == Expectation(2, None, None, "b", each)
    assert second.expect == Expectation(None, 1, 3)
    assert third.expect is None


def test_what_a_rule_expects_is_no_part_of_what_its_state_is_kept_under(tmp_path: Path) -> None:
    rule = "rules: [{when: {contains: a}, reply: r}]"

    (bare,), _ = loaded(tmp_path, rule)
    (expecting,), _ = loaded(tmp_path, rule.replace("}]", ", expect: {exactly: 1}}]"))

    assert bare.identity == expecting.identity


def test_state_that_only_an_expectation_looks_at_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "r.yml"
    file.write_text(ruled("{each: {state: paid}}"), encoding="utf-8")

    assert load(file).usable.uses_state
