"""Reading OpenAI's chat requests."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange
from mockllm.core.model import (
    Message,
    Reasoning,
    Refusal,
    Request,
    ResponseFormat,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
)
from mockllm.errors import InvalidRequest
from mockllm.providers.openai import chat
from tests.core.builders import raw

SCHEMA = {"type": "object"}
CUSTOM_INPUT = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
    "additionalProperties": False,
}


def parsed(**members: Any) -> Request:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], **members}
    return chat.parse(raw(body=body))


def test_tools_that_have_a_name_are_read() -> None:
    tools = [
        {"type": "function", "function": {"name": "f", "description": "F.", "parameters": SCHEMA}},
        {"type": "function", "function": {"name": "g"}},
        {"type": "custom", "custom": {"name": "c", "description": "C."}},
        {"type": "new"},
    ]

    assert parsed(tools=tools).tools == (
        Tool("f", "F.", SCHEMA),
        Tool("g"),
        Tool("c", "C.", CUSTOM_INPUT),
    )


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        (None, ToolChoice()),
        ("auto", ToolChoice()),
        ("none", ToolChoice("none")),
        ("required", ToolChoice("required")),
        ("new", ToolChoice()),
        ({"type": "function", "function": {"name": "f"}}, ToolChoice("named", "f")),
        ({"type": "custom", "custom": {"name": "c"}}, ToolChoice("named", "c")),
        ({"type": "allowed_tools"}, ToolChoice()),
    ],
)
def test_tool_choice(choice: Any, found: ToolChoice) -> None:
    assert parsed(tool_choice=choice).tool_choice == found


@pytest.mark.parametrize(("sent", "found"), [(True, True), (False, False), (None, True)])
def test_parallel_calls_may_be_forbidden(sent: bool | None, found: bool) -> None:
    for choice in ("auto", "required", None):
        asked = parsed(tool_choice=choice, parallel_tool_calls=sent)

        assert asked.tool_choice.parallel is found


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (None, ResponseFormat()),
        ({"type": "text"}, ResponseFormat()),
        ({"type": "json_object"}, ResponseFormat("json_object")),
        (
            {"type": "json_schema", "json_schema": {"name": "s", "schema": SCHEMA}},
            ResponseFormat("json_schema", "s", SCHEMA),
        ),
        ({"type": "json_schema"}, ResponseFormat()),
        ({"type": "new"}, ResponseFormat()),
    ],
)
def test_response_format(sent: Any, found: ResponseFormat) -> None:
    assert parsed(response_format=sent).response_format == found


def test_history_of_an_assistant_is_read_whole() -> None:
    message = {
        "role": "assistant",
        "content": "text",
        "reasoning_content": "hm",
        "refusal": "no",
        "tool_calls": [
            {"id": "c1", "function": {"name": "f", "arguments": "{broken"}},
            {"id": "c2", "custom": {"name": "g", "input": "ls"}},
            {"id": "c3"},
        ],
    }

    assert parsed(messages=[message]).messages == (
        Message(
            "assistant",
            (
                Reasoning("hm"),
                Text("text"),
                Refusal("no"),
                ToolCall("c1", "f", "{broken"),
                ToolCall("c2", "g", "ls"),
                ToolCall("c3", "", ""),
            ),
        ),
    )


def test_number_out_of_bounds_is_named() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parsed(max_tokens=-1)

    exchange = Exchange("x", 0.0, 0.0, 1, raw(), Draws(b"k"))
    body = chat.render_error(caught.value, exchange).body

    assert msgspec.json.decode(body)["error"]["message"] == (
        "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got -1"
        " instead."
    )
