"""The official Anthropic SDK cannot tell us from the real API."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import pytest
from anthropic.types import MessageParam, TextBlock
from flask import Flask

from tests.sdk.conftest import MakeUrl


def user(content: Any) -> list[MessageParam]:
    return [{"role": "user", "content": content}]


def ask(client: anthropic.Anthropic, content: Any, **options: Any) -> anthropic.types.Message:
    message: anthropic.types.Message = client.messages.create(
        model="mock-llm", messages=user(content), **{"max_tokens": 100, **options}
    )
    return message


def text_of(message: anthropic.types.Message) -> str:
    return "".join(block.text for block in message.content if isinstance(block, TextBlock))


def test_plain_answer(anthropic_client: anthropic.Anthropic) -> None:
    message = ask(anthropic_client, "what is 2+2?", system="Be brief.")

    assert text_of(message) == "2+2 equals 9."
    assert message.stop_reason == "end_turn"
    assert message.stop_sequence is None
    assert message.usage.input_tokens == 9
    assert message.usage.output_tokens == 6
    assert message._request_id is not None


def test_streamed_events_come_in_the_order_of_the_api(
    anthropic_client: anthropic.Anthropic,
) -> None:
    kinds = [
        event.type
        for event in anthropic_client.messages.create(
            model="m", max_tokens=5, messages=user("what is 2+2?"), stream=True
        )
    ]

    assert kinds[:2] == ["message_start", "content_block_start"]
    assert set(kinds[2:-3]) == {"content_block_delta"}
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]


def test_stream_helper_accumulates_the_whole(anthropic_client: anthropic.Anthropic) -> None:
    with anthropic_client.messages.stream(
        model="m", max_tokens=100, messages=user("say it all")
    ) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()

    assert "".join(pieces) == 'Grüße, 👩‍🚀 "quoted"\nand a new line.'
    assert text_of(final) == "".join(pieces)
    assert final.stop_reason == "end_turn"
    assert final.usage.output_tokens > 1


def test_list_content_and_system_blocks(anthropic_client: anthropic.Anthropic) -> None:
    image = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
    content = [
        {"type": "image", "source": image},
        {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}},
        {"type": "text", "text": "count"},
    ]

    message = ask(anthropic_client, content, system=[{"type": "text", "text": "Be brief."}])

    assert text_of(message) == "one two three four five"


def test_tool_history(anthropic_client: anthropic.Anthropic) -> None:
    messages: list[Any] = [
        {"role": "user", "content": "count"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "text", "text": "Let me look."},
                {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"a": 1}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": "sunny"},
                {"type": "tool_result", "tool_use_id": "toolu_2", "is_error": True},
                {"type": "text", "text": "a reminder, not a prompt"},
            ],
        },
    ]

    message = anthropic_client.messages.create(model="m", max_tokens=100, messages=messages)

    assert text_of(message) == "one two three four five"


def test_stop_sequence_is_named(anthropic_client: anthropic.Anthropic) -> None:
    message = ask(anthropic_client, "count", stop_sequences=["x", "three"])

    assert text_of(message) == "one two "
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", "three")


def test_token_limit(anthropic_client: anthropic.Anthropic) -> None:
    message = ask(anthropic_client, "count", max_tokens=2)

    assert (text_of(message), message.stop_reason) == ("one two", "max_tokens")


def test_models(anthropic_client: anthropic.Anthropic) -> None:
    models = list(anthropic_client.models.list())

    assert any(model.display_name == "Mock LLM" for model in models)


def test_client_mistake_raises_bad_request(anthropic_client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError) as caught:
        ask(anthropic_client, 5)

    body: Any = caught.value.body
    assert body["type"] == "error"
    assert body["error"]["type"] == "invalid_request_error"
    assert body["error"]["message"] == "messages.0.content: Input should be a valid string or list"
    assert body["request_id"] == caught.value.request_id


def test_unknown_path_raises_not_found(anthropic_client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError) as caught:
        anthropic_client.post("/v1/no/such", cast_to=object)

    body: Any = caught.value.body
    assert body["error"]["type"] == "not_found_error"


def test_async_client_over_a_socket(app: Flask, url_of: MakeUrl) -> None:
    async def run() -> tuple[str, str, str]:
        async with anthropic.AsyncAnthropic(
            api_key="k", base_url=url_of(app), _strict_response_validation=True
        ) as client:
            plain = await client.messages.create(model="m", max_tokens=100, messages=user("count"))
            text = ""
            async for event in await client.messages.create(
                model="m", max_tokens=100, messages=user("count"), stream=True
            ):
                if event.type == "content_block_delta" and event.delta.type == "text_delta":
                    text += event.delta.text
            async with client.messages.stream(
                model="m", max_tokens=100, messages=user("count")
            ) as stream:
                final = await stream.get_final_message()
            return text_of(plain), text, text_of(final)

    assert asyncio.run(run()) == ("one two three four five",) * 3
