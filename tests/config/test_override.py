"""Several paths: what a later one overrides, and what it leaves as it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mockllm.config.files import fingerprint
from mockllm.config.load import load
from mockllm.core.model import ChatReply, joined_text
from mockllm.core.rules import Canned, Rule, Ruleset, Settings
from tests.config.documents import line_of, write

BASE = """\
responses: {hello: Hi., pay: Paid.}
settings: {seed: 7, strict: true, max_body: 1MB, match_limit: 1KB}
defaults: {unknown_response: What?}
rules:
- {name: first, when: {contains: one}, reply: base first}
- {when: {contains: two}, reply: base second}
- {name: third, when: {contains: three}, reply: base third}
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return write(tmp_path / "base.yml", BASE)


def over(base: Path, text: str) -> Ruleset:
    """Return the rules of `base` with those of `text` over them."""
    return load(base, write(base.with_name("staging.yml"), text)).usable


def text_of(rule: Rule) -> str:
    making = rule.recipes[0].making
    assert isinstance(making, Canned)
    assert isinstance(making.reply, ChatReply)
    return joined_text(making.reply.parts)


def texts_of(ruleset: Ruleset) -> list[str]:
    return [text_of(rule) for rule in ruleset.rules]


def test_later_answer_is_taken_and_the_others_stay(base: Path) -> None:
    ruleset = over(base, "responses: {pay: No., refund: Never.}")

    answers = {prompt: text_of(rule) for prompt, rule in ruleset.answers.items()}
    assert answers == {"hello": "Hi.", "pay": "No.", "refund": "Never."}


def test_later_answer_is_taken_for_a_prompt_that_is_the_same_when_normalized(base: Path) -> None:
    ruleset = over(base, "responses: {PAY: No.}\nsettings: {match: normalized}")

    assert text_of(ruleset.normalized["pay"]) == "No."


def test_later_setting_is_taken_and_the_others_stay(base: Path) -> None:
    ruleset = over(base, "settings: {strict: false, max_body: 2MB, lag_enabled: true}")

    assert ruleset.settings == Settings(
        lag_enabled=True, seed=7, strict=False, max_body_bytes=2 * 1024**2, match_limit=1024
    )


@pytest.mark.parametrize(
    ("text", "unknown"),
    [("defaults: {unknown_response: Who?}", "Who?"), ("settings: {seed: 8}", "What?")],
)
def test_later_default_is_taken(base: Path, text: str, unknown: str) -> None:
    assert text_of(over(base, text).unknown) == unknown


def test_later_rules_come_first_in_their_order(base: Path) -> None:
    ruleset = over(
        base,
        "rules: [{when: {contains: x}, reply: new x}, {when: {contains: y}, reply: new y}]",
    )

    assert texts_of(ruleset) == ["new x", "new y", "base first", "base second", "base third"]


def test_last_of_three_paths_comes_first(base: Path) -> None:
    staging = write(base.with_name("staging.yml"), "rules: [{when: {contains: x}, reply: x}]")
    local = write(
        base.with_name("local.yml"),
        "rules: [{when: {contains: y}, reply: y}]\nsettings: {seed: 9}",
    )

    ruleset = load(base, staging, local).usable

    assert texts_of(ruleset)[:3] == ["y", "x", "base first"]
    assert ruleset.settings.seed == 9


def test_rule_of_the_same_name_is_replaced(base: Path) -> None:
    ruleset = over(base, "rules: [{name: third, when: {contains: 3}, reply: new third}]")

    assert texts_of(ruleset) == ["new third", "base first", "base second"]


def test_rules_have_identities_of_their_own(base: Path) -> None:
    ruleset = over(base, "rules: [{when: {contains: two}, reply: base second}]")

    assert len({rule.identity for rule in ruleset.rules}) == 4


def test_folder_may_override_a_file(base: Path) -> None:
    folder = base.with_name("staging")
    folder.mkdir()
    write(folder / "b.yml", "rules: [{when: {contains: b}, reply: b}]")
    write(folder / "a.yml", "rules: [{when: {contains: a}, reply: a}]\nresponses: {pay: No.}")

    ruleset = load(base, folder).usable

    assert texts_of(ruleset)[:3] == ["a", "b", "base first"]
    assert text_of(ruleset.answers["pay"]) == "No."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("responses: {hello: Hello.}", "MOCK016"),
        ("settings: {seed: 8}", "MOCK016"),
        ("rules: [{name: first, when: {contains: x}, reply: x}]", "MOCK027"),
    ],
)
def test_duplicates_within_one_path_are_errors(base: Path, text: str, code: str) -> None:
    folder = base.with_name("folder")
    folder.mkdir()
    write(folder / "a.yml", BASE)
    write(folder / "b.yml", text)

    loaded = load(base, folder)

    assert [(problem.code, Path(problem.location.file).name) for problem in loaded.problems] == [
        (code, "b.yml")
    ]
    assert loaded.ruleset is None


def test_problems_of_every_path_are_listed(base: Path) -> None:
    first = write(base, "foo: 1")

    loaded = load(first, base.with_name("none.yml"))

    assert [line_of(problem).partition(" ")[2][:13] for problem in loaded.problems] == [
        "error MOCK003",
        "error MOCK008",
    ]


def test_overridden_text_must_be_right_too(base: Path) -> None:
    broken = write(base.with_name("broken.yml"), "responses: {pay: []}")

    assert load(broken, base).ruleset is None


def test_tool_of_another_path_is_known(base: Path) -> None:
    tools = write(
        base.with_name("tools.yml"), "responses: {sun?: {tool_calls: [{name: get_weather}]}}"
    )
    rule = write(
        base.with_name("rule.yml"), "rules: [{when: {tool_result: get_wether}, reply: Sunny.}]"
    )

    (problem,) = load(tools, rule).problems

    assert (problem.code, problem.hint) == ("MOCK028", "did you mean 'get_weather'?")


def test_rule_that_a_later_path_hides_is_a_warning(base: Path) -> None:
    staging = write(base.with_name("staging.yml"), "rules: [{when: {contains: tw}, reply: a}]")

    (problem,) = load(base, staging).problems

    assert (problem.code, problem.location.file) == ("MOCK029", str(base))


def test_reply_is_read_from_beside_its_own_file(base: Path) -> None:
    folder = base.with_name("staging")
    folder.mkdir()
    write(folder / "long.md", "Long.")

    ruleset = load(base, write(folder / "a.yml", "responses: {pay: {file: long.md}}")).usable

    assert text_of(ruleset.answers["pay"]) == "Long."


def test_fingerprint_is_that_of_all_paths(base: Path) -> None:
    staging = write(base.with_name("staging.yml"), "settings: {seed: 8}")
    before = load(base, staging).fingerprint

    os.utime(staging, ns=(1, 1))

    assert before != fingerprint(base, staging)
    assert before[0] == fingerprint(base)[0]
