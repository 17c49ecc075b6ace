"""The official OpenAI SDK cannot tell us from the real API."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2
import openai
import pytest
from flask import Flask
from openai.types.chat import ChatCompletionMessageParam

from tests.conftest import MakeApp
from tests.sdk.conftest import MakeUrl


def user(content: Any) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": content}]


def test_plain_answer(openai_client: openai.OpenAI) -> None:
    answer = openai_client.chat.completions.create(
        model="gpt-4o", messages=user("what is 2+2?"), max_completion_tokens=100
    )

    assert answer.choices[0].message.content == "2+2 equals 9."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model == "gpt-4o"
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 6
    assert answer._request_id is not None


def test_streamed_answer(openai_client: openai.OpenAI) -> None:
    chunks = list(
        openai_client.chat.completions.create(
            model="gpt-4o", messages=user("say it all"), stream=True
        )
    )

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

    assert text == 'Grüße, 👩‍🚀 "quoted"\nand a new line.'
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert len({chunk.id for chunk in chunks}) == 1


def test_usage_comes_in_a_last_chunk_without_choices_when_asked(
    openai_client: openai.OpenAI,
) -> None:
    chunks = list(
        openai_client.chat.completions.create(
            model="gpt-4o",
            messages=user("count"),
            stream=True,
            stream_options={"include_usage": True},
        )
    )

    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 5
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_stream_helper_accumulates_the_whole(openai_client: openai.OpenAI) -> None:
    with openai_client.chat.completions.stream(model="gpt-4o", messages=user("count")) as stream:
        final = stream.get_final_completion()

    assert final.choices[0].message.content == "one two three four five"
    assert final.choices[0].finish_reason == "stop"


def test_list_content(openai_client: openai.OpenAI) -> None:
    content = [
        {"type": "text", "text": "<context>"},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "text", "text": "count"},
    ]

    answer = openai_client.chat.completions.create(model="gpt-4o", messages=user(content))

    assert answer.choices[0].message.content == "one two three four five"


def test_tool_history(openai_client: openai.OpenAI) -> None:
    messages: list[ChatCompletionMessageParam] = [
        {"role": "developer", "content": "Be brief."},
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "count"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
                },
                {"id": "call_2", "type": "custom", "custom": {"name": "sh", "input": "ls"}},
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
        {"role": "assistant", "content": None, "refusal": "No."},
    ]

    answer = openai_client.chat.completions.create(model="gpt-4o", messages=messages)

    assert answer.choices[0].message.content == "one two three four five"


@pytest.mark.parametrize(
    ("options", "text", "finish"),
    [
        ({"max_tokens": 2}, "one two", "length"),
        ({"max_completion_tokens": 2, "max_tokens": 4}, "one two", "length"),
        ({"stop": "three"}, "one two ", "stop"),
        ({"stop": ["x", "two"]}, "one ", "stop"),
    ],
)
def test_limits(
    openai_client: openai.OpenAI, options: dict[str, Any], text: str, finish: str
) -> None:
    answer = openai_client.chat.completions.create(
        model="gpt-4o", messages=user("count"), **options
    )

    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (text, finish)


def test_models(openai_client: openai.OpenAI) -> None:
    names = [model.id for model in openai_client.models.list()]

    assert "mock-llm" in names


def test_client_mistake_raises_bad_request(openai_client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        openai_client.chat.completions.create(model="gpt-4o", messages=user(5))

    assert caught.value.param == "messages[0].content"
    assert caught.value.code == "invalid_type"
    assert caught.value.type == "invalid_request_error"
    assert caught.value.request_id is not None


def test_empty_messages_raise_bad_request(openai_client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="empty array") as caught:
        openai_client.chat.completions.create(model="gpt-4o", messages=[])

    assert caught.value.code == "empty_array"


def test_unknown_path_raises_not_found(openai_client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match=r"Invalid URL \(POST /v1/no/such\)"):
        openai_client.post("/no/such", cast_to=object)


def test_too_large_body_raises_the_status_error(make_app: MakeApp, url_of: MakeUrl) -> None:
    app = make_app("settings: {max_body: 1KB}")
    transport = httpx2.WSGITransport(app=app)
    client = openai.OpenAI(
        api_key="k",
        base_url="http://mockllm/v1",
        max_retries=0,
        http_client=httpx2.Client(transport=transport),
    )

    with client, pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model="gpt-4o", messages=user("x" * 2000))

    assert caught.value.status_code == 413


def test_async_client_over_a_socket(app: Flask, url_of: MakeUrl) -> None:
    async def ask() -> tuple[str | None, str, str | None]:
        async with openai.AsyncOpenAI(
            api_key="k", base_url=f"{url_of(app)}/v1", _strict_response_validation=True
        ) as client:
            plain = await client.chat.completions.create(model="m", messages=user("count"))
            chunks = await client.chat.completions.create(
                model="m", messages=user("count"), stream=True
            )
            text = "".join([chunk.choices[0].delta.content or "" async for chunk in chunks])
            async with client.chat.completions.stream(model="m", messages=user("count")) as stream:
                final = await stream.get_final_completion()
            return plain.choices[0].message.content, text, final.choices[0].message.content

    assert asyncio.run(ask()) == ("one two three four five",) * 3


def test_processing_time_is_a_number_of_milliseconds(openai_client: openai.OpenAI) -> None:
    raw = openai_client.chat.completions.with_raw_response.create(
        model="gpt-4o", messages=user("count")
    )

    assert int(raw.headers["openai-processing-ms"]) > 0
    assert json.loads(raw.text)["object"] == "chat.completion"
