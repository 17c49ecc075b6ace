"""Which rule answers, and why the nearest one does not."""

from __future__ import annotations

import pytest

from mockllm.core import match
from mockllm.core.model import Image, Message, Text, ToolCall, ToolResult
from tests.core.builders import request, ruleset, user

RULES = {"what is 2+2?": "4", "hello": "hi"}


def test_prompt_is_the_newest_user_message_with_text() -> None:
    found = match.prompts(
        request(user("old"), user("new"), Message("assistant", (Text("no"),)), user(Image("x")))
    )

    assert found == ("new",)


def test_text_beside_a_tool_result_is_no_prompt() -> None:
    result = Message("tool", (ToolResult("c", (Text("sunny"),)), Text("reminder")))
    call = Message("assistant", (ToolCall("c", "weather", "{}"),))

    assert match.prompts(request(user("weather?"), call, result)) == ("weather?",)


def test_user_message_that_holds_a_tool_result_is_no_prompt() -> None:
    result = user(ToolResult("c", (Text("sunny"),)), "reminder")

    assert match.prompts(request(user("weather?"), result)) == ("weather?",)


def test_several_parts_are_tried_joined_and_then_the_last_alone() -> None:
    assert match.prompts(request(user("context", "hello"))) == ("context\nhello", "hello")


def test_request_without_user_text_has_no_prompt() -> None:
    assert match.prompts(request(Message("system", (Text("be kind"),)))) == ()


@pytest.mark.parametrize("prompt", ["Hello", "hello ", " hello", "hell"])
def test_exact_means_exact(prompt: str) -> None:
    assert match.find(ruleset(RULES), request(user(prompt))) is None


@pytest.mark.parametrize("prompt", ["Hello", " hello\n", "HELLO"])
def test_normalized_ignores_case_and_white_space(prompt: str) -> None:
    found = match.find(ruleset(RULES, "normalized"), request(user(prompt)))

    assert found is not None
    assert found.name == "hello"


def test_last_part_alone_may_match() -> None:
    found = match.find(ruleset(RULES), request(user("<context>", "hello")))

    assert found is not None
    assert found.name == "hello"


@pytest.mark.parametrize(
    ("prompt", "nearest", "difference"),
    [
        ("Hello", "hello", "only the case differs: wanted 'hello', got 'Hello'"),
        ("hello ", "hello", "the request has white space at the end"),
        ("\nhello", "hello", "the request has white space at the start"),
        (
            "What  is 2+2?",
            "what is 2+2?",
            "only case, white space or Unicode form differ (settings.match: normalized)",
        ),
        ("what is 2+3?", "what is 2+2?", "character 11: wanted '2?', got '3?'"),
        ("hell", "hello", "character 5: wanted 'o', got the end"),
    ],
)
def test_nearest_rule_and_its_first_difference(prompt: str, nearest: str, difference: str) -> None:
    near = match.nearest(ruleset(RULES), request(user(prompt)))

    assert near is not None
    assert (near.rule.name, near.difference) == (nearest, difference)


def test_white_space_of_the_rule_is_named_as_the_rules() -> None:
    near = match.nearest(ruleset({"hello\n": "hi"}), request(user("hello")))

    assert near is not None
    assert near.difference == "the rule has white space at the end"


def test_nothing_near_is_none() -> None:
    assert match.nearest(ruleset(RULES), request(user("zzzz"))) is None


def test_nearest_of_a_request_without_a_prompt_is_none() -> None:
    assert match.nearest(ruleset(RULES), request()) is None


def test_a_very_long_prompt_is_compared_by_its_beginning() -> None:
    long = "tell me a story " * 1_000

    near = match.nearest(ruleset({long + "now": "ok"}), request(user(long + "then")))

    assert near is not None
    assert near.rule.name == long + "now"
