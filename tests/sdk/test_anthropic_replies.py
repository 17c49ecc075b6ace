"""Tool calls, thinking, refusals and errors through the official Anthropic SDK."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from anthropic.types import Message, TextBlock, ThinkingBlock, ToolUseBlock

from tests.conftest import MakeApp
from tests.sdk.conftest import MakeAnthropic
from tests.sdk.test_openai_replies import CASES, YAML

TOOLS: Any = [{"name": "get_weather", "input_schema": {"type": "object"}}]


@pytest.fixture
def client(make_app: MakeApp, anthropic_of: MakeAnthropic) -> anthropic.Anthropic:
    return anthropic_of(make_app(YAML))


def user(prompt: str) -> list[Any]:
    return [{"role": "user", "content": prompt}]


def cities_of(message: Message) -> list[Any]:
    calls = [block for block in message.content if isinstance(block, ToolUseBlock)]
    assert len({call.id for call in calls}) == len(calls)
    return [call.input["city"] for call in calls]


@CASES
def test_tool_call(client: anthropic.Anthropic, prompt: str, cities: list[str]) -> None:
    message = client.messages.create(model="m", max_tokens=100, messages=user(prompt), tools=TOOLS)

    assert message.stop_reason == "tool_use"
    assert cities_of(message) == cities
    texts = [block.text for block in message.content if isinstance(block, TextBlock)]
    assert texts == (["Let me look."] if prompt == "look" else [])


@CASES
def test_streamed_tool_call(client: anthropic.Anthropic, prompt: str, cities: list[str]) -> None:
    events = list(
        client.messages.create(
            model="m", max_tokens=100, messages=user(prompt), tools=TOOLS, stream=True
        )
    )

    kinds = [event.type for event in events]
    blocks = len(cities) + (prompt == "look")
    assert kinds.count("content_block_start") == kinds.count("content_block_stop") == blocks
    assert kinds[-2:] == ["message_delta", "message_stop"]


@CASES
def test_stream_helper_accumulates_tool_calls(
    client: anthropic.Anthropic, prompt: str, cities: list[str]
) -> None:
    with client.messages.stream(
        model="m", max_tokens=100, messages=user(prompt), tools=TOOLS
    ) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_message()

    assert "input_json" in kinds
    assert final.stop_reason == "tool_use"
    assert cities_of(final) == cities


def test_agent_loop_ends(client: anthropic.Anthropic) -> None:
    messages = user("weather?")
    message = client.messages.create(model="m", max_tokens=100, messages=messages, tools=TOOLS)
    (call,) = message.content
    assert isinstance(call, ToolUseBlock)
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "20 degrees"}
    messages += [
        {"role": "assistant", "content": message.content},
        {"role": "user", "content": [result, {"type": "text", "text": "weather?"}]},
    ]

    message = client.messages.create(model="m", max_tokens=100, messages=messages, tools=TOOLS)

    (text,) = message.content
    assert isinstance(text, TextBlock)
    assert (text.text, message.stop_reason) == ("Sunny.", "end_turn")


def test_thinking_has_a_signature(client: anthropic.Anthropic) -> None:
    message = client.messages.create(model="m", max_tokens=100, messages=user("think"))
    with client.messages.stream(model="m", max_tokens=100, messages=user("think")) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_message()

    thinking, text = message.content
    assert isinstance(thinking, ThinkingBlock)
    assert isinstance(text, TextBlock)
    assert (thinking.thinking, text.text) == ("Let me think.", "Hello.")
    assert thinking.signature
    assert {"thinking", "signature"} <= kinds
    assert final.content[0].model_dump() == thinking.model_dump()


def test_thinking_may_be_sent_back(client: anthropic.Anthropic) -> None:
    message = client.messages.create(model="m", max_tokens=100, messages=user("think"))
    messages = [
        *user("think"),
        {"role": "assistant", "content": message.content},
        *user("think"),
    ]

    again = client.messages.create(model="m", max_tokens=100, messages=messages)

    assert [block.type for block in again.content] == ["thinking", "text"]


def test_refusal_is_explained(client: anthropic.Anthropic) -> None:
    message = client.messages.create(model="m", max_tokens=100, messages=user("no?"))
    with client.messages.stream(model="m", max_tokens=100, messages=user("no?")) as stream:
        final = stream.get_final_message()

    assert message.stop_reason == final.stop_reason == "refusal"
    assert message.stop_details is not None
    assert message.stop_details.explanation == "I cannot help with that."
    assert final.stop_details == message.stop_details


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("rate_limit", "RateLimitError"),
        ("overloaded", "OverloadedError"),
        ("auth", "AuthenticationError"),
        ("permission", "PermissionDeniedError"),
        ("not_found", "NotFoundError"),
        ("invalid", "BadRequestError"),
        ("context_length", "BadRequestError"),
        ("content_filter", "BadRequestError"),
        ("server", "InternalServerError"),
    ],
)
def test_each_kind_of_error_raises_its_class(
    kind: str, error: str, stream: bool, make_app: MakeApp, anthropic_of: MakeAnthropic
) -> None:
    client = anthropic_of(make_app(f"responses: {{fail: {{error: {kind}}}}}"))

    with pytest.raises(anthropic.APIStatusError) as caught:
        client.messages.create(model="m", max_tokens=9, messages=user("fail"), stream=stream)

    assert type(caught.value).__name__ == error
    body: Any = caught.value.body
    assert body["request_id"] == caught.value.request_id
    assert body["error"]["message"]


def test_rate_limit_says_when_to_try_again(make_app: MakeApp, anthropic_of: MakeAnthropic) -> None:
    yaml = "responses: {fail: {error: {kind: rate_limit, message: Slow., retry_after: 2s}}}"
    client = anthropic_of(make_app(yaml))

    with pytest.raises(anthropic.RateLimitError, match=r"Slow\.") as caught:
        client.messages.create(model="m", max_tokens=9, messages=user("fail"))

    assert caught.value.response.headers["retry-after"] == "2"


def test_two_errors_then_success_as_a_retrying_client_sees_them(
    make_app: MakeApp, anthropic_of: MakeAnthropic
) -> None:
    client = anthropic_of(
        make_app(
            "rules:\n"
            "- when: {contains: hi}\n"
            "  replies: [{error: {status: 529, retry_after: 1ms}, times: 2}, Hello.]\n"
        )
    ).with_options(max_retries=2)

    message = client.messages.create(model="m", max_tokens=9, messages=user("hi"))

    (text,) = message.content
    assert isinstance(text, TextBlock)
    assert text.text == "Hello."
