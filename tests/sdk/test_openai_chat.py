"""Choices, probabilities, functions, custom tools and audio through the official OpenAI SDK."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import wave
from typing import Any

import openai
import pytest
from flask import Flask
from pydantic import BaseModel

from tests.conftest import MakeApp
from tests.sdk.conftest import MakeOpenAI, MakeUrl

YAML = """\
responses:
  "hi": "Hello, you!"
  "no?": {refusal: "I cannot help."}
  "weather?": {tool_calls: [{name: get_weather, arguments: {city: Paris}}]}
  "both?":
    tool_calls:
      - {name: get_weather, arguments: {city: Paris}}
      - {name: get_weather, arguments: {city: Rome}}
  "list": {tool_calls: [{name: shell, arguments: {input: "ls -l"}}]}
  "long": {text: "cut he", finish: length}
  "bad": {text: "", finish: content_filter}
  "who are you?": "The developer's mock."
rules:
  - when: {tool_result: get_weather}
    reply: "Sunny."
  - when: {equals: "any of you?"}
    one_of: [Red., Green., Blue.]
settings: {seed: 7}
"""
FUNCTIONS: Any = [{"name": "get_weather", "parameters": {"type": "object"}}]
CUSTOM: Any = [{"type": "custom", "custom": {"name": "shell"}}]
STRICT_TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "strict": True,
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
                "additionalProperties": False,
            },
        },
    }
]


class City(BaseModel):
    city: str
    population: int


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(YAML)


@pytest.fixture
def client(app: Flask, openai_of: MakeOpenAI) -> openai.OpenAI:
    return openai_of(app)


def user(prompt: str) -> list[Any]:
    return [{"role": "user", "content": prompt}]


def test_each_choice_is_drawn_by_itself(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="m", messages=user("any of you?"), n=12)

    assert [choice.index for choice in answer.choices] == list(range(12))
    said = {choice.message.content for choice in answer.choices}
    assert said == {"Red.", "Green.", "Blue."}
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 24
    assert answer.usage.prompt_tokens == 4


def test_calls_of_each_choice_have_their_own_ids(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="m", messages=user("both?"), n=3)

    ids = {call.id for choice in answer.choices for call in choice.message.tool_calls or ()}
    assert len(ids) == 6


def test_stream_helper_accumulates_each_choice(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model="m", messages=user("hi"), n=3) as stream:
        final = stream.get_final_completion()

    assert [choice.message.content for choice in final.choices] == ["Hello, you!"] * 3


@pytest.mark.parametrize("n", [0, 129])
def test_too_few_or_many_choices_are_refused(n: int, client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match=f"but got {n} instead") as caught:
        client.chat.completions.create(model="m", messages=user("hi"), n=n)

    assert caught.value.param == "n"


def test_logprobs_cover_the_text(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="m", messages=user("hi"), logprobs=True, top_logprobs=4
    )
    logprobs = answer.choices[0].logprobs

    assert logprobs is not None
    assert logprobs.content is not None
    assert "".join(token.token for token in logprobs.content) == "Hello, you!"
    assert all(bytes(token.bytes or ()).decode() == token.token for token in logprobs.content)
    assert all(len(token.top_logprobs) == 4 for token in logprobs.content)
    assert all(token.logprob < 0 for token in logprobs.content)
    assert logprobs.refusal is None


@pytest.mark.parametrize(
    ("prompt", "kinds"),
    [
        ("hi", {"logprobs.content.delta", "logprobs.content.done"}),
        ("no?", {"logprobs.refusal.delta", "logprobs.refusal.done"}),
    ],
)
def test_stream_helper_accumulates_logprobs(
    prompt: str, kinds: set[str], client: openai.OpenAI
) -> None:
    whole = client.chat.completions.create(model="m", messages=user(prompt), logprobs=True)
    with client.chat.completions.stream(model="m", messages=user(prompt), logprobs=True) as stream:
        seen = {event.type for event in stream}
        final = stream.get_final_completion()

    assert kinds <= seen
    assert final.choices[0].logprobs is not None
    assert whole.choices[0].logprobs is not None
    assert final.choices[0].logprobs.to_dict() == whole.choices[0].logprobs.to_dict()


def test_top_logprobs_without_logprobs_are_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="only allowed when 'logprobs' is enabled"):
        client.chat.completions.create(model="m", messages=user("hi"), top_logprobs=2)


def test_function_call_and_its_result(client: openai.OpenAI) -> None:
    messages = user("weather?")
    answer = client.chat.completions.create(model="m", messages=messages, functions=FUNCTIONS)
    message = answer.choices[0].message
    assert message.function_call is not None
    messages.append(message.model_dump(exclude_none=True))
    messages.append({"role": "function", "name": "get_weather", "content": "20 degrees"})

    last = client.chat.completions.create(model="m", messages=messages, functions=FUNCTIONS)

    assert answer.choices[0].finish_reason == "function_call"
    assert message.function_call.name == "get_weather"
    assert json.loads(message.function_call.arguments) == {"city": "Paris"}
    assert last.choices[0].message.content == "Sunny."


def test_streamed_function_call(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="m", messages=user("both?"), functions=FUNCTIONS, stream=True
        )
    )
    pieces = [
        chunk.choices[0].delta.function_call
        for chunk in chunks
        if chunk.choices[0].delta.function_call
    ]

    assert [piece.name for piece in pieces if piece.name] == ["get_weather"]
    assert json.loads("".join(piece.arguments or "" for piece in pieces)) == {"city": "Paris"}
    assert chunks[-1].choices[0].finish_reason == "function_call"


def test_forced_function_is_called(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="m",
        messages=user("anything"),
        functions=FUNCTIONS,
        function_call={"name": "get_weather"},
    )

    assert answer.choices[0].message.function_call is not None


def test_call_of_a_custom_tool(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="m", messages=user("list"), tools=CUSTOM)
    calls = answer.choices[0].message.tool_calls

    assert calls is not None
    assert calls[0].type == "custom"
    assert (calls[0].custom.name, calls[0].custom.input) == ("shell", "ls -l")


def test_forced_custom_tool_is_called_with_a_text(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="m",
        messages=user("anything"),
        tools=CUSTOM,
        tool_choice={"type": "custom", "custom": {"name": "shell"}},
    )
    calls = answer.choices[0].message.tool_calls

    assert calls is not None
    assert calls[0].type == "custom"
    assert not calls[0].custom.input.startswith("{")


def test_allowed_tools_restrict_what_is_called(client: openai.OpenAI) -> None:
    tools: Any = [
        {"type": "function", "function": {"name": name}} for name in ("first", "second", "third")
    ]
    answer = client.chat.completions.create(
        model="m",
        messages=user("call the first"),
        tools=tools,
        tool_choice={
            "type": "allowed_tools",
            "allowed_tools": {"mode": "required", "tools": tools[1:2]},
        },
    )
    calls = answer.choices[0].message.tool_calls

    assert calls is not None
    assert calls[0].type == "function"
    assert calls[0].function.name == "second"


def test_one_call_where_parallel_ones_are_forbidden(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="m", messages=user("both?"), tools=STRICT_TOOLS, parallel_tool_calls=False
    )

    assert len(answer.choices[0].message.tool_calls or ()) == 1


def test_spoken_answer_is_a_wave_file(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="gpt-audio",
        messages=user("hi"),
        modalities=["text", "audio"],
        audio={"voice": "alloy", "format": "wav"},
    )
    message = answer.choices[0].message
    assert message.audio is not None
    with wave.open(io.BytesIO(base64.b64decode(message.audio.data))) as file:
        rate, frames = file.getframerate(), file.getnframes()

    assert message.content is None
    assert message.audio.transcript == "Hello, you!"
    assert message.audio.expires_at == answer.created + 3600
    assert rate == 24_000
    assert frames / rate == pytest.approx(11 * 0.06)
    assert answer.usage is not None
    assert answer.usage.completion_tokens_details is not None
    assert answer.usage.completion_tokens_details.audio_tokens == 4


def test_streamed_audio(client: openai.OpenAI) -> None:
    chunks = client.chat.completions.create(
        model="gpt-audio",
        messages=user("hi"),
        modalities=["text", "audio"],
        audio={"voice": "alloy", "format": "pcm16"},
        stream=True,
    )
    pieces = [chunk.choices[0].delta.audio for chunk in chunks if chunk.choices[0].delta.audio]

    assert "".join(piece.transcript or "" for piece in pieces) == "Hello, you!"
    data = b"".join(base64.b64decode(piece.data) for piece in pieces if piece.data)
    assert data == bytes(round(11 * 0.06 * 24_000) * 2)
    assert [piece.id is not None for piece in pieces].count(True) == 1
    assert pieces[-1].expires_at is not None


def test_only_raw_samples_are_streamed(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="does not support 'wav' when stream=true"):
        client.chat.completions.create(
            model="gpt-audio",
            messages=user("hi"),
            modalities=["text", "audio"],
            audio={"voice": "alloy", "format": "wav"},
            stream=True,
        )


def test_earlier_spoken_answer_may_be_named(client: openai.OpenAI) -> None:
    messages = [*user("hi"), {"role": "assistant", "audio": {"id": "audio_1"}}, *user("hi")]

    answer = client.chat.completions.create(model="gpt-audio", messages=messages)

    assert answer.choices[0].message.content == "Hello, you!"


@pytest.mark.parametrize(
    ("predicted", "accepted", "rejected"),
    [("Hello, you!", 4, 0), ("Hello, all of you!", 4, 2), ("Bye!", 1, 1), ("", 0, 0)],
)
def test_prediction_is_compared_with_the_answer(
    predicted: str, accepted: int, rejected: int, client: openai.OpenAI
) -> None:
    answer = client.chat.completions.create(
        model="m", messages=user("hi"), prediction={"type": "content", "content": predicted}
    )

    assert answer.usage is not None
    details = answer.usage.completion_tokens_details
    assert details is not None
    assert details.accepted_prediction_tokens == accepted
    assert details.rejected_prediction_tokens == rejected


@pytest.mark.parametrize(
    ("asked", "served"),
    [("auto", "default"), ("default", "default"), ("flex", "flex"), ("fast", "priority")],
)
def test_service_tier_is_granted(asked: Any, served: str, client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="m", messages=user("hi"), service_tier=asked)

    assert answer.service_tier == served


def test_every_other_parameter_is_accepted(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="m",
        messages=user("hi"),
        metadata={"team": "a"},
        store=False,
        reasoning_effort="low",
        verbosity="low",
        modalities=["text"],
        seed=3,
        temperature=0.2,
        top_p=0.5,
        frequency_penalty=1,
        presence_penalty=-1,
        logit_bias={"50256": -100},
        user="u",
        safety_identifier="s",
        prompt_cache_key="k",
        prompt_cache_retention="24h",
        web_search_options={"search_context_size": "low"},
        stream_options=None,
    )

    assert answer.choices[0].message.content == "Hello, you!"
    assert answer.choices[0].message.annotations == []


@pytest.mark.parametrize("role", ["developer", "system"])
def test_developer_message_alone_is_answered(role: str, client: openai.OpenAI) -> None:
    messages: Any = [{"role": role, "content": "who are you?"}]

    answer = client.chat.completions.create(model="m", messages=messages)

    assert answer.choices[0].message.content == "The developer's mock."


def test_unknown_role_is_refused(client: openai.OpenAI) -> None:
    messages: Any = [{"role": "robot", "content": "hi"}]

    with pytest.raises(openai.BadRequestError, match="Invalid value: 'robot'") as caught:
        client.chat.completions.create(model="m", messages=messages)

    assert caught.value.param == "messages[0].role"


def test_parse_gives_a_value_of_the_schema(client: openai.OpenAI) -> None:
    answer = client.chat.completions.parse(
        model="m", messages=user("a city"), response_format=City, n=2
    )

    assert all(isinstance(choice.message.parsed, City) for choice in answer.choices)


@pytest.mark.parametrize(
    ("prompt", "error"),
    [("long", openai.LengthFinishReasonError), ("bad", openai.ContentFilterFinishReasonError)],
)
def test_parse_raises_for_what_is_cut(
    prompt: str, error: type[Exception], client: openai.OpenAI
) -> None:
    with pytest.raises(error):
        client.chat.completions.parse(model="m", messages=user(prompt), response_format=City)


def test_stream_helper_parses_tools_beside_logprobs(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(
        model="m", messages=user("weather?"), tools=STRICT_TOOLS, logprobs=True
    ) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    calls = final.choices[0].message.tool_calls

    assert "tool_calls.function.arguments.done" in kinds
    assert calls is not None
    assert calls[0].function.parsed_arguments == {"city": "Paris"}
    assert final.choices[0].logprobs is not None
    assert final.choices[0].logprobs.content is None


def test_beta_helper_is_the_same(client: openai.OpenAI) -> None:
    with client.beta.chat.completions.stream(
        model="m", messages=user("a city"), response_format=City
    ) as stream:
        final = stream.get_final_completion()

    assert isinstance(final.choices[0].message.parsed, City)


def test_async_client_streams_choices_with_logprobs(app: Flask, url_of: MakeUrl) -> None:
    async def ask() -> list[str | None]:
        async with (
            openai.AsyncOpenAI(
                api_key="k", base_url=f"{url_of(app)}/v1", _strict_response_validation=True
            ) as client,
            client.chat.completions.stream(
                model="m", messages=user("hi"), n=2, logprobs=True
            ) as stream,
        ):
            final = await stream.get_final_completion()
            return [choice.message.content for choice in final.choices]

    assert asyncio.run(ask()) == ["Hello, you!"] * 2
