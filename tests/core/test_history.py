"""Whether calls of tools and their results belong together."""

from __future__ import annotations

from mockllm.core.history import (
    Loose,
    calls_without_results,
    repeated_calls,
    results_without_calls,
    unanswered_calls,
    unasked_results,
)
from mockllm.core.model import Message, Text, ToolCall, ToolResult
from tests.core.builders import assistant, call, result, user


def calls(*ids: str) -> Message:
    return assistant(*(ToolCall(each, "look", "{}") for each in ids))


def results(*ids: str) -> Message:
    return Message("tool", tuple(ToolResult(each, ()) for each in ids))


def test_call_answered_by_the_next_message_is_not_loose() -> None:
    messages = (user("?"), call("look"), result("4"), assistant("4"))

    assert list(unanswered_calls(messages)) == []
    assert list(unasked_results(messages)) == []


def test_results_of_parallel_calls_may_come_in_any_order_and_number_of_messages() -> None:
    messages = (calls("a", "b", "c"), results("c"), results("b", "a"), user("?"))

    assert list(unanswered_calls(messages)) == []
    assert list(unasked_results(messages)) == []


def test_call_before_a_users_message_is_unanswered() -> None:
    messages = (user("?"), call("look"), user("well?"), result("4"))

    assert list(unanswered_calls(messages)) == [Loose(1, ("c1",), 0, 2)]


def test_call_at_the_end_is_followed_by_nothing() -> None:
    assert list(unanswered_calls((user("?"), call("look")))) == [Loose(1, ("c1",), 0, None)]


def test_one_of_two_calls_unanswered_is_told_by_its_place() -> None:
    message = assistant("Let me look.", ToolCall("a", "look", ""), ToolCall("b", "look", ""))

    assert list(unanswered_calls((message, results("a")))) == [Loose(0, ("b",), 2, None)]


def test_result_of_an_earlier_turn_is_unasked() -> None:
    messages = (calls("a"), results("a"), calls("b"), results("b", "a"))

    assert list(unasked_results(messages)) == [Loose(3, ("a",), 1, beside_calls=True)]


def test_result_without_any_call_is_unasked() -> None:
    assert list(unasked_results((user("?"), result("4")))) == [Loose(1, ("c1",))]


def test_repeated_id_is_told_at_its_second_place() -> None:
    messages = (calls("a"), results("a"), calls("b", "a"), results("b", "a"))

    assert list(repeated_calls(messages)) == [Loose(2, ("a",), 1)]


def test_calls_of_their_own_ids_are_not_repeated() -> None:
    assert (
        list(repeated_calls((assistant(Text("hm"), ToolCall("a", "look", "")), calls("b")))) == []
    )


def test_result_anywhere_answers_a_call_anywhere() -> None:
    messages = (results("b"), calls("a", "b"), user("?"), results("a"))

    assert calls_without_results(messages) == ()
    assert results_without_calls(messages) == ()


def test_partners_that_lack_are_told_once() -> None:
    messages = (calls("a", "a"), results("b"), results("b"))

    assert calls_without_results(messages) == ("a",)
    assert results_without_calls(messages) == ("b",)
