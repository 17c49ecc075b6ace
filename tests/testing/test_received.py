"""Requests as a test looks at them."""

from __future__ import annotations

from typing import Any

import httpx
import openai
import pytest

from mockllm.testing import MockServer, SentMessage, SentToolCall
from tests.testing.conftest import anthropic_of, ask, openai_of


def test_what_was_asked_and_answered(server: MockServer) -> None:
    server.on(contains="weather").reply("Sunny.", name="weather")
    tool: Any = {"name": "look", "description": "Looks.", "input_schema": {"type": "object"}}
    with anthropic_of(server) as client:
        client.messages.create(
            model="claude", max_tokens=9, system="Be brief.", tools=[tool],
            messages=[{"role": "user", "content": "the weather?"}],
        )  # fmt: skip

    found = server.last

    assert (found.prompt, found.system, found.model) == ("the weather?", "Be brief.", "claude")
    assert found.messages[-1] == SentMessage("user", "the weather?")
    assert [(each.name, each.description) for each in found.tools] == [("look", "Looks.")]
    assert (found.provider, found.operation) == ("anthropic", "chat")
    assert (found.method, found.path, found.stream) == ("POST", "/v1/messages", False)
    assert found.headers["content-type"] == "application/json"
    assert found.api_key == "sk-mine"
    assert found.body["max_tokens"] == 9
    assert (found.status, found.outcome, found.error) == (200, "completed", None)
    assert (found.rule, found.matched, found.near) == ("weather", True, ())
    assert found.rule_place is not None
    assert "test_received.py:" in found.rule_place
    assert found.reply == "Sunny."
    assert (found.usage.output_tokens > 0, found.warnings) == (True, ())
    assert found.took_s >= 0
    assert repr(found) == "<Received POST /v1/messages 200: 'the weather?'>"


def test_tools_that_are_called_and_their_results(server: MockServer) -> None:
    call = {"name": "look", "arguments": {"at": "Rome"}}
    server.on(tool_result="look").reply({"tool_calls": [call]})
    messages: Any = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{"}}]},
        {"role": "tool", "tool_call_id": "1", "content": "a wall"},
    ]  # fmt: skip
    with openai_of(server) as client:
        client.chat.completions.create(model="m", messages=messages)

    found = server.last

    assert found.messages[1].tool_calls == (SentToolCall("look", "{"),)
    assert found.messages[2] == SentMessage("tool", "a wall")
    assert found.tool_results == ("a wall",)
    assert found.reply_tool_calls == (SentToolCall("look", {"at": "Rome"}),)
    assert found.reply == ""
    assert "newest message: the result of a tool: 'a wall'" in str(found)
    assert "look({'at': 'Rome'})" in str(found)


def test_tools_are_the_tests_own_to_change(server: MockServer) -> None:
    schema = {"type": "object", "properties": {"at": {"type": "string"}}}
    tools: Any = [{"type": "function", "function": {"name": "look", "parameters": schema}}]
    messages: Any = [{"role": "user", "content": "?"}]
    server.on(contains="?").reply("yes")
    for _ in range(2):  # the same body is not read again
        with openai_of(server) as client:
            client.chat.completions.create(model="m", messages=messages, tools=tools)
        (tool,) = server.last.tools
        assert tool.parameters == schema
        tool.parameters["properties"].clear()


def test_a_body_that_is_no_json(server: MockServer) -> None:
    httpx.post(f"{server.url}/v1/chat/completions", content=b"{")

    found = server.last

    assert found.body == b"{"
    assert (found.prompt, found.system, found.model, found.provider) == (None, None, None, None)
    assert (found.messages, found.tools, found.tool_results) == ((), (), ())
    assert (found.operation, found.stream, found.rule, found.rule_place) == (None, False) + (
        None,
    ) * 2
    assert (found.reply, found.reply_tool_calls) == ("", ())
    assert found.error is not None
    assert "refused: " in str(found)


def test_near_misses(server: MockServer) -> None:
    server.on(contains="weather").reply("Sunny.", name="weather")
    with pytest.raises(openai.NotFoundError):
        ask(server, "the wether?")

    (near,) = server.last.near

    assert (near.name, near.condition, near.wanted) == ("weather", "contains", "'weather'")
    assert near.actual == "'the wether?'"
    assert near.place is not None
    assert str(near) == f"{near.place} 'weather': contains: wanted 'weather', got 'the wether?'"


def test_the_last_request_where_there_is_none(server: MockServer) -> None:
    with pytest.raises(AssertionError, match=r"no request has arrived at http://127\.0\.0\.1:"):
        _ = server.last


def test_the_report(server: MockServer) -> None:
    assert server.report() == f"No request has arrived at {server.url}."
    server.on(contains="apple", model="*").reply({"text": "A" * 400}, name="as")
    ask(server, "apple")
    with pytest.raises(openai.NotFoundError):
        ask(server, "zzz" * 200)

    report = server.report()

    assert report.startswith(
        f"2 requests to {server.url}:\n1. POST /v1/chat/completions 200 gpt-4o\n"
    )
    assert "answered by 'as' (" in report
    assert "(400 characters)" in report
    assert "2. POST /v1/chat/completions 404 gpt-4o" in report
    assert "near: " in report


def test_warnings_and_outcomes_are_reported(server: MockServer) -> None:
    server.reply({"text": "one two three", "fault": {"kind": "truncate", "after": "50%"}})
    with pytest.raises((openai.APIError, ValueError)):
        ask(server, "?", temperature=9)

    report = server.report()

    assert "outcome: faulted" in report
    assert "warning: the real API would refuse this" in report


def test_the_report_where_no_rule_comes_near(server: MockServer) -> None:
    with pytest.raises(openai.NotFoundError):
        ask(server, "?")

    assert "no rule matches, and none comes near" in server.report()
