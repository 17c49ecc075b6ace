"""Tool calls, refusals, reasoning and errors through the official OpenAI SDK."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionMessage, ChatCompletionMessageFunctionToolCall
from openai.types.chat.parsed_chat_completion import ParsedChatCompletion

from tests.conftest import MakeApp
from tests.sdk.conftest import MakeOpenAI

YAML = """\
responses:
  "weather?":
    tool_calls: [{name: get_weather, arguments: {city: Paris, days: 2}}]
  "both?":
    tool_calls:
      - {name: get_weather, arguments: {city: Paris}}
      - {name: get_weather, arguments: {city: Rome}}
  "look": {text: "Let me look.", tool_calls: [{name: get_weather, arguments: {city: Paris}}]}
  "no?": {refusal: "I cannot help with that."}
  "think": {reasoning: "Let me think.", text: "Hello."}
rules:
  - when: {tool_result: get_weather}
    reply: "Sunny."
"""
TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]
CASES = pytest.mark.parametrize(
    ("prompt", "cities"),
    [("weather?", ["Paris"]), ("both?", ["Paris", "Rome"]), ("look", ["Paris"])],
)


@pytest.fixture
def client(make_app: MakeApp, openai_of: MakeOpenAI) -> openai.OpenAI:
    return openai_of(make_app(YAML))


def user(prompt: str) -> list[Any]:
    return [{"role": "user", "content": prompt}]


def cities_of(message: ChatCompletionMessage) -> list[str]:
    calls = message.tool_calls or []
    assert all(isinstance(call, ChatCompletionMessageFunctionToolCall) for call in calls)
    assert len({call.id for call in calls}) == len(calls)
    return [json.loads(getattr(call, "function").arguments)["city"] for call in calls]  # noqa: B009


@CASES
def test_tool_call(client: openai.OpenAI, prompt: str, cities: list[str]) -> None:
    answer = client.chat.completions.create(model="m", messages=user(prompt), tools=TOOLS)

    assert answer.choices[0].finish_reason == "tool_calls"
    assert cities_of(answer.choices[0].message) == cities
    assert answer.choices[0].message.content == ("Let me look." if prompt == "look" else None)


@CASES
def test_streamed_tool_call(client: openai.OpenAI, prompt: str, cities: list[str]) -> None:
    chunks = list(
        client.chat.completions.create(model="m", messages=user(prompt), tools=TOOLS, stream=True)
    )
    calls = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]
    arguments = [""] * len(cities)
    for call in calls:
        assert call.function is not None
        arguments[call.index] += call.function.arguments or ""

    assert chunks[-1].choices[0].finish_reason == "tool_calls"
    assert [json.loads(each)["city"] for each in arguments] == cities
    assert [call.type for call in calls if call.id] == ["function"] * len(cities)


@CASES
def test_stream_helper_accumulates_tool_calls(
    client: openai.OpenAI, prompt: str, cities: list[str]
) -> None:
    with client.chat.completions.stream(model="m", messages=user(prompt), tools=TOOLS) as stream:
        kinds = {event.type for event in stream}
        final: ParsedChatCompletion[Any] = stream.get_final_completion()

    assert "tool_calls.function.arguments.done" in kinds
    assert final.choices[0].finish_reason == "tool_calls"
    assert cities_of(final.choices[0].message) == cities


def test_agent_loop_ends(client: openai.OpenAI) -> None:
    messages = user("weather?")
    answer = client.chat.completions.create(model="m", messages=messages, tools=TOOLS)
    message = answer.choices[0].message
    assert message.tool_calls is not None
    messages.append(message.model_dump(exclude_none=True))
    messages.append(
        {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "20 degrees"}
    )

    answer = client.chat.completions.create(model="m", messages=messages, tools=TOOLS)

    assert answer.choices[0].message.content == "Sunny."
    assert answer.choices[0].finish_reason == "stop"


def test_refusal(client: openai.OpenAI) -> None:
    message = client.chat.completions.create(model="m", messages=user("no?")).choices[0].message

    assert message.refusal == "I cannot help with that."
    assert message.content is None


def test_streamed_refusal(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model="m", messages=user("no?")) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()

    assert {"refusal.delta", "refusal.done"} <= kinds
    assert final.choices[0].message.refusal == "I cannot help with that."
    assert final.choices[0].message.content is None


def test_reasoning_is_where_clients_read_it(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="m", messages=user("think"))
    chunks = client.chat.completions.create(model="m", messages=user("think"), stream=True)
    message: Any = answer.choices[0].message
    deltas: list[Any] = [chunk.choices[0].delta for chunk in chunks]

    assert (message.reasoning_content, message.content) == ("Let me think.", "Hello.")
    assert "".join(getattr(delta, "reasoning_content", "") for delta in deltas) == "Let me think."
    assert "".join(delta.content or "" for delta in deltas) == "Hello."
    assert answer.usage is not None
    assert answer.usage.completion_tokens_details is not None
    assert answer.usage.completion_tokens_details.reasoning_tokens == 4


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("rate_limit", openai.RateLimitError),
        ("overloaded", openai.InternalServerError),
        ("auth", openai.AuthenticationError),
        ("permission", openai.PermissionDeniedError),
        ("not_found", openai.NotFoundError),
        ("invalid", openai.BadRequestError),
        ("context_length", openai.BadRequestError),
        ("content_filter", openai.BadRequestError),
        ("server", openai.InternalServerError),
    ],
)
def test_each_kind_of_error_raises_its_class(
    kind: str,
    error: type[openai.APIStatusError],
    stream: bool,
    make_app: MakeApp,
    openai_of: MakeOpenAI,
) -> None:
    client = openai_of(make_app(f"responses: {{fail: {{error: {kind}}}}}"))

    with pytest.raises(error) as caught:
        client.chat.completions.create(model="m", messages=user("fail"), stream=stream)

    assert type(caught.value) is error
    assert caught.value.request_id is not None
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["message"]


def test_rate_limit_says_when_to_try_again(make_app: MakeApp, openai_of: MakeOpenAI) -> None:
    yaml = "responses: {fail: {error: {kind: rate_limit, message: Slow., retry_after: 2s}}}"
    client = openai_of(make_app(yaml))

    with pytest.raises(openai.RateLimitError, match=r"Slow\.") as caught:
        client.chat.completions.create(model="m", messages=user("fail"))

    assert caught.value.response.headers["retry-after"] == "2"
    assert (caught.value.type, caught.value.code) == ("requests", "rate_limit_exceeded")


def test_two_errors_then_success_as_a_retrying_client_sees_them(
    make_app: MakeApp, openai_of: MakeOpenAI
) -> None:
    client = openai_of(
        make_app(
            "rules:\n"
            "- when: {contains: hi}\n"
            "  replies: [{error: {status: 429, retry_after: 1ms}, times: 2}, Hello.]\n"
        )
    ).with_options(max_retries=2)

    answer = client.chat.completions.create(model="m", messages=user("hi"))

    assert answer.choices[0].message.content == "Hello."
