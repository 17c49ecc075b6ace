"""OpenAI's SDK as Cohere's page of its OpenAI mode has it: another base URL, their models.

Source: https://docs.cohere.com/docs/compatibility-api, read 2025-11-08.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx2
import openai
import pytest
from flask import Flask
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from tests.conftest import MakeApp

MODEL = "command-a-03-2025"
RULES = """\
responses:
  "Write a haiku.": "Recursive loops."
  "How is Brazil?":
    steps:
      - tool_calls: [{name: get_flight_info, arguments: {city: Rio}}]
      - "There is a flight."
  "Stop.": {error: {status: 429}}
"""
TOOL: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "get_flight_info",
        "description": "Flights to a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
BOOK = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "year": {"type": "integer"}},
    "required": ["title", "year"],
}


@pytest.fixture
def cohere(make_app: MakeApp) -> Iterator[openai.OpenAI]:
    with cohere_at(make_app(RULES)) as client:
        yield client


def cohere_at(app: Flask) -> openai.OpenAI:
    return openai.OpenAI(
        api_key="COHERE_API_KEY",
        base_url="http://mockllm/compatibility/v1",
        max_retries=0,
        http_client=httpx2.Client(transport=httpx2.WSGITransport(app=app)),
        _strict_response_validation=True,
    )


def test_chat(cohere: openai.OpenAI) -> None:
    answer = cohere.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "developer", "content": "You are a poet."},
            {"role": "user", "content": "Write a haiku."},
        ],
        max_tokens=100,
        temperature=0.3,
        top_p=0.9,
        seed=42,
        stop=["END"],
        frequency_penalty=0.1,
        presence_penalty=0.1,
    )

    assert (answer.model, answer.choices[0].message.content) == (MODEL, "Recursive loops.")
    assert answer.usage is not None


def test_stream(cohere: openai.OpenAI) -> None:
    stream = cohere.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "Write a haiku."}], stream=True
    )

    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "Recursive loops."


def test_tools(cohere: openai.OpenAI) -> None:
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "How is Brazil?"}]

    said = cohere.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL])
    (call,) = said.choices[0].message.tool_calls or []
    messages += [
        said.choices[0].message.to_dict(),  # type: ignore[list-item]  # as their page appends it
        {"role": "tool", "tool_call_id": call.id, "content": "a flight at noon"},
    ]
    answer = cohere.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL])

    assert answer.choices[0].message.content == "There is a flight."


def test_schema_beside_json_object(cohere: openai.OpenAI) -> None:
    answer = cohere.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Generate a JSON describing a book."}],
        extra_body={"response_format": {"type": "json_object", "schema": BOOK}},
    )

    assert json.loads(answer.choices[0].message.content or "").keys() == {"title", "year"}


def test_reasoning_effort(cohere: openai.OpenAI) -> None:
    answer = cohere.chat.completions.create(
        model="command-a-reasoning-08-2025",
        reasoning_effort="none",
        messages=[{"role": "user", "content": "Write a haiku."}],
    )

    assert answer.choices[0].message.content == "Recursive loops."


def test_embeddings(cohere: openai.OpenAI) -> None:
    answer = cohere.embeddings.create(
        model="embed-v4.0", input=["Hello", "Hello", "world"], encoding_format="float"
    )
    one, same, other = (each.embedding for each in answer.data)

    assert one == same != other


def test_error(cohere: openai.OpenAI) -> None:
    with pytest.raises(openai.RateLimitError):
        cohere.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Stop."}])
