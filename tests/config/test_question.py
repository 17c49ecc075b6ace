"""What is asked of the journal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockllm.config.question import Asked, read_question
from mockllm.core.conditions import TextIs
from mockllm.core.expect import Expectation
from mockllm.core.verify import Question


def asked(body: Any, normalized: bool = False) -> tuple[Asked | None, list[str]]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    found, problems = read_question(content, {"log-in", "pay"}, normalized)
    return found, [str(problem) for problem in problems]


@pytest.mark.parametrize("body", [b"", b" \n", {}])
def test_nothing_asks_for_everything(body: Any) -> None:
    assert asked(body) == (Asked(), [])


def test_conditions_and_numbers_are_read() -> None:
    found, problems = asked({"when": {"contains": "Pay"}, "exactly": 2, "after_rule": "log-in"})

    when = (TextIs("contains", "contains", ("Pay",)),)
    assert problems == []
    assert found == Asked(Question(when, Expectation(2, after_rule="log-in")))


def test_conditions_compare_as_the_settings_say() -> None:
    found, _ = asked({"when": {"contains": "Pay"}}, normalized=True)

    assert found is not None
    assert found.question is not None
    assert found.question.when == (TextIs("contains", "contains", ("pay",), ignores_case=True),)


def test_verdicts_are_ignored() -> None:
    assert asked({"ignore": ["gave_up", "storm"]}) == (Asked(None, ("gave_up", "storm")), [])


def test_yaml_will_do() -> None:
    found, _ = asked(b"when: {contains: pay}\nat_most: 3\n")

    assert found is not None
    assert found.question is not None
    assert found.question.expectation == Expectation(at_most=3)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"when": ', "body:1:10: error MOCK001"),
        (b"\xff", "body:1:1: error MOCK008 byte 0xff is not UTF-8"),
        (b"[1]", "body:1:1: error MOCK010 a mapping is needed; for example: {"),
        ({"wen": {}}, "body:1:2: error MOCK003 unknown key 'wen' here; did you mean 'when'?"),
        ({"when": {"contain": "x"}}, "body:1:11: error MOCK003 unknown key 'contain' in 'when'"),
        ({"when": {"contains": ""}}, "MOCK007 'contains' is empty"),
        ({"when": {}}, "MOCK021 this 'when' is empty"),
        ({"when": []}, "MOCK005 'when' takes a mapping, not a list"),
        ({"when": None}, "MOCK007 'when' is empty"),
        ({"when": {"regex": "("}}, "MOCK022"),
        ({"when": {"contains": "x"}, "exactly": 1, "at_most": 2}, "MOCK035 'exactly' and 'at_m"),
        ({"when": {"contains": "x"}, "exactly": "two"}, "MOCK005 'exactly' takes a whole number"),
        ({"when": {"contains": "x"}, "after_rule": "login"}, "MOCK036 'after_rule': there is no"),
        ({"when": {"contains": "x"}, "each": {"contian": "x"}}, "MOCK003 unknown key 'contian'"),
        ({"exactly": 2}, "body:1:2: error MOCK004 'exactly' is about requests, and 'when' says"),
        ({"ignore": ["gave-up"]}, "MOCK006 'ignore' takes retried_in_vain or"),
        ({"when": {"contains": "x"}, "ignore": ["storm"]}, "MOCK006 'ignore' is about verdicts"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(body: Any, said: str) -> None:
    found, (problem,) = asked(body)

    assert found is None
    assert said in problem


def test_warning_stops_nothing() -> None:
    found, (problem,) = asked(b"when: {contains: 7}")

    assert found is not None
    assert "MOCK013" in problem


def test_wrong_name_of_a_rule_is_told_once() -> None:
    _, (problem,) = asked({"when": {"contains": "x"}, "after_rule": None})

    assert "MOCK007 'after_rule' is empty" in problem
