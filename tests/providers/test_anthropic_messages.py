"""Reading Anthropic's messages, and its words for what is wrong with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange
from mockllm.core.model import Request, ResponseFormat, Tool, ToolChoice
from mockllm.errors import InvalidRequest, RequestError
from mockllm.providers.anthropic import messages
from tests.conftest import MakeApp
from tests.core.builders import raw

SCHEMA = {"type": "object"}


def parsed(**members: Any) -> Request:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], **members}
    return messages.parse(raw(body=body))


def test_client_tools_are_read_and_server_tools_are_let_through() -> None:
    tools = [
        {"name": "f", "description": "F.", "input_schema": SCHEMA},
        {"name": "g", "input_schema": {}},
        {"type": "web_search_20250305", "name": "web_search"},
    ]

    assert parsed(tools=tools).tools == (Tool("f", "F.", SCHEMA), Tool("g"))


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        (None, ToolChoice()),
        ({"type": "auto"}, ToolChoice()),
        ({"type": "any"}, ToolChoice("required")),
        ({"type": "tool", "name": "f"}, ToolChoice("named", "f")),
        ({"type": "none"}, ToolChoice("none")),
        ({"type": "new"}, ToolChoice()),
        (
            {"type": "any", "disable_parallel_tool_use": True},
            ToolChoice("required", None, parallel=False),
        ),
    ],
)
def test_tool_choice(choice: Any, found: ToolChoice) -> None:
    assert parsed(tool_choice=choice).tool_choice == found


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (None, ResponseFormat()),
        ({}, ResponseFormat()),
        ({"format": {"type": "new"}}, ResponseFormat()),
        (
            {"format": {"type": "json_schema", "schema": SCHEMA}},
            ResponseFormat("json_schema", None, SCHEMA),
        ),
    ],
)
def test_output_format(sent: Any, found: ResponseFormat) -> None:
    assert parsed(output_config=sent).response_format == found


def message_of(error: RequestError) -> str:
    exchange = Exchange("x", 0.0, 0.0, 1, raw(), Draws(b"k"))
    return str(json.loads(messages.render_error(error, exchange).body)["error"]["message"])


def test_number_out_of_bounds_is_named() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parsed(max_tokens=-1)

    assert message_of(caught.value) == "max_tokens: Input should be greater than or equal to 0"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("messages",), "messages: at least one message is required"),
        (("tools",), "tools: List should have at least 1 item after validation, not 0"),
    ],
)
def test_empty_list_is_named(path: tuple[str, ...], words: str) -> None:
    assert message_of(InvalidRequest("empty", path, "array")) == words


def test_mistake_inside_a_tool_result_is_named_with_its_whole_path() -> None:
    result = {"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text"}]}
    with pytest.raises(InvalidRequest) as caught:
        parsed(messages=[{"role": "user", "content": [result]}])

    assert caught.value.path == ("messages", 0, "content", 0, "content", 0, "text")


@pytest.mark.parametrize(
    ("reply", "output_tokens"),
    [
        ("{refusal: I cannot help.}", 0),
        ("{refusal: I cannot help., usage: {output_tokens: 7}}", 7),
        ('""', 1),
    ],
)
def test_explanation_of_a_refusal_is_no_output(
    reply: str, output_tokens: int, make_app: MakeApp
) -> None:
    app = make_app(f"responses: {{a: {reply}}}")
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "a"}]}

    message = app.test_client().post("/v1/messages", json=body).json

    assert message is not None
    assert message["usage"]["output_tokens"] == output_tokens
