"""Rules that are sent while the server runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import structs

from mockllm.config.build import build
from mockllm.config.sent_rules import SentText, read_sent_rules
from mockllm.core.conditions import TextIs
from mockllm.core.rules import Ruleset, Settings
from mockllm.core.timing import Timing
from tests.config.documents import document, line_of

SERVED = build([document("responses: {}")])
RULE = {"when": {"contains": "x"}, "reply": "y"}


def taken(content: Any, served: Ruleset = SERVED) -> SentText:
    """Return what a body asks for, in which nothing is wrong."""
    found, problems = read_sent_rules(json.dumps(content).encode(), "run-time/7", served)
    assert problems == ()
    assert found is not None
    return found


def lines(content: str | bytes, served: Ruleset = SERVED) -> list[str]:
    """Return what is wrong with a body, of which nothing is taken."""
    sent = content.encode() if isinstance(content, str) else content
    found, problems = read_sent_rules(sent, "run-time/7", served)
    assert found is None
    return list(map(line_of, problems))


def normalizing() -> Ruleset:
    return structs.replace(SERVED, settings=Settings(match="normalized"))


def test_rules_come_before_responses() -> None:
    found = taken({"responses": {"a": "b"}, "rules": [{"name": "n", **RULE, "times": 1}, RULE]})

    assert [rule.name for rule in found.rules] == ["n", "rule at line 1", "a"]


def test_identities_are_made_of_the_name_that_is_given() -> None:
    content = {"rules": [RULE, {"name": "n", **RULE, "times": 1}], "responses": {"a": "b"}}
    found, _ = read_sent_rules(json.dumps(content).encode(), "run-time/7", SERVED)
    again, _ = read_sent_rules(json.dumps(content).encode(), "run-time/7", SERVED)

    assert found is not None
    assert again == found
    assert [rule.identity for rule in found.rules] == [
        "run-time/7.1", "run-time/7.2", "run-time/7.3",
    ]  # fmt: skip
    assert {rule.location.file for rule in found.rules if rule.location} == {"run-time/7"}


def test_response_wants_its_prompt() -> None:
    (exact,) = taken({"responses": {"Hello": "Hi."}}).rules
    (normalized,) = taken({"responses": {"Hello": "Hi."}}, normalizing()).rules

    assert exact.when == (TextIs("equals", "equals", ("Hello",)),)
    assert normalized.when == (TextIs("equals", "equals", ("hello",), ignores_case=True),)


def test_responses_may_be_steps() -> None:
    (rule,) = taken({"responses": {"go": {"steps": ["one", "two"]}}}).rules

    assert (rule.pick, len(rule.recipes)) == ("by_step", 2)


def test_session_and_time_are_taken() -> None:
    found = taken({"rules": [RULE], "session": "a", "ttl": "90s"})
    plain = taken({"rules": [RULE]})

    assert (found.session, found.ttl_s) == ("a", 90.0)
    assert (plain.session, plain.ttl_s) == ("", None)


def test_nothing_at_all_may_be_sent() -> None:
    assert taken({"rules": []}) == SentText(())


def test_regexes_are_weighed() -> None:
    assert taken({"rules": [RULE]}).regex_bytes == 0
    assert taken({"rules": [{"when": {"regex": "a+"}, "reply": "b"}]}).regex_bytes > 1_000


def test_profiles_of_the_files_are_known() -> None:
    served = structs.replace(SERVED, profiles={"crawl": Timing(per_prompt_token_s=3.0)})

    (rule,) = taken({"responses": {"a": {"text": "b", "timing": "crawl"}}}, served).rules

    assert rule.recipes[0].timing == Timing(per_prompt_token_s=3.0)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            '{"responses": {"a": {"file": "setup.cfg"}}}',
            [
                "1:30 error MOCK026 the file 'setup.cfg' cannot be used: what is sent while the"
                " server runs cannot name files; send what it holds, as its text"
            ],
            id="file",
        ),
        pytest.param(
            '{"rules": [{"when": {"contains": "x"}, "reply": {"file": "/none"}}]}',
            [
                "1:58 error MOCK026 the file '/none' cannot be used: what is sent while the"
                " server runs cannot name files; send what it holds, as its text"
            ],
            id="file-that-is-not-there",
        ),
        pytest.param(
            '{"session": "a"}',
            [
                "1:1 error MOCK004 there are neither rules nor responses here; write rules: [...]",
            ],
            id="nothing",
        ),
        pytest.param(
            '{"rules": [], "settings": {"seed": 1}}',
            [
                "1:15 error MOCK003 unknown key 'settings' here;"
                " it belongs at the top level of a file"
            ],
            id="settings",
        ),
        pytest.param(
            '{"rules": [{"name": "n", "when": {"contains": "x"}, "reply": "1"},\n'
            '{"name": "n", "when": {"contains": "y"}, "reply": "2"}]}',
            [
                "2:10 error MOCK027 the rule's name 'n' is already in body:1:21;"
                " give it a name of its own"
            ],
            id="name-twice",
        ),
        pytest.param(
            '{"responses": {"a": "b", "a": "c"}}',
            ["1:26 error MOCK002 duplicate key 'a'; it is already at line 1, column 16"],
            id="prompt-twice",
        ),
        pytest.param(
            '{"responses": {"a": {"text": "b", "timing": "quick"}}}',
            [
                "1:45 error MOCK034 there is no profile 'quick'; there are "
                + ", ".join(SERVED.profiles)
            ],
            id="profile",
        ),
        pytest.param(
            "[]",
            [
                '1:1 error MOCK010 a mapping is needed; for example: {"rules": [{"when":'
                ' {"contains": "weather"}, "reply": "Sunny."}], "session": "a"}'
            ],
            id="list",
        ),
    ],
)
def test_what_is_wrong_is_located_in_the_body(content: str, expected: list[str]) -> None:
    assert lines(content) == expected


def test_so_many_problems_are_listed() -> None:
    found = lines(json.dumps({"rules": [{}] * 2_000}))

    assert len(found) == 1_001
    assert "more problems in this file" in found[-1]


@pytest.mark.parametrize(
    "content",
    [
        b"{rules: [{when: {always: true}, reply: a}, {when: {contains: x}, reply: b}]}",
        b"{rules: [{when: {contains: x}, reply: a}], responses: {x y: b}}",
    ],
)
def test_rules_that_never_answer_are_warned_of(content: bytes) -> None:
    found, (problem,) = read_sent_rules(content, "run-time/7", SERVED)

    assert found is not None
    assert (problem.level, problem.code, problem.location.file) == ("warning", "MOCK029", "body")
    assert "body:1:10" in problem.message


def test_what_the_files_hide_is_no_matter() -> None:
    served = build([document("rules: [{when: {always: true}, reply: a}]")])

    assert len(taken({"rules": [RULE]}, served).rules) == 1
