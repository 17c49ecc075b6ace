"""The official `ollama` package over a loopback socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import ollama
import pytest
from flask import Flask
from pydantic import BaseModel

from mockllm.providers.ollama import chat
from tests.conftest import MakeApp
from tests.sdk.conftest import MakeUrl

YAML = """\
responses:
  "hi": Hello.
  "think": {reasoning: Hm., text: Hello.}
  "fail": {error: rate_limit}
  "gone": {error: not_found}
rules:
  - when: {tool_result_contains: rain}
    reply: It rains.
  - when: {contains: weather}
    steps:
      - {tool_calls: [{name: get_weather, arguments: {city: Paris}}]}
      - It is sunny.
settings: {seed: 7}
"""


class Person(BaseModel):
    name: str
    age: int


def get_weather(city: str) -> str:
    """Tell the weather.

    Args:
        city: where
    """
    return f"sunny in {city}"


def said(prompt: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": prompt}]


@pytest.fixture
def url(make_app: MakeApp, url_of: MakeUrl) -> str:
    return url_of(make_app(YAML))


@pytest.fixture
def client(url: str) -> Iterator[ollama.Client]:
    with ExitStack() as stack:
        yield stack.enter_context(ollama.Client(url))


def test_chat(client: ollama.Client) -> None:
    answer = client.chat("llama3.2", said("hi"))

    assert (answer.model, answer.message.content) == ("llama3.2", "Hello.")
    assert (answer.done, answer.done_reason) == (True, "stop")
    assert (answer.prompt_eval_count, answer.eval_count) == (1, 2)


def test_streamed_chat(client: ollama.Client) -> None:
    chunks = list(client.chat("llama3.2", said("hi"), stream=True))

    assert [chunk.message.content for chunk in chunks] == [*"Hello.", ""]
    assert [chunk.done for chunk in chunks] == [False] * 6 + [True]


def test_thinking_streams_before_the_answer(client: ollama.Client) -> None:
    chunks = list(client.chat("qwen3", said("think"), think=True, stream=True))

    assert [chunk.message.thinking for chunk in chunks][:4] == ["H", "m", ".", None]
    assert "".join(chunk.message.content or "" for chunk in chunks) == "Hello."


@pytest.mark.parametrize("stream", [False, True])
def test_agent_calls_a_tool_and_answers(stream: bool, client: ollama.Client) -> None:
    messages: list[ollama.Message] = [ollama.Message(role="user", content="How is the weather?")]

    for _ in range(2):
        calls: list[ollama.Message.ToolCall] = []
        text = ""
        for chunk in chat_chunks(client, messages, stream):
            calls += chunk.message.tool_calls or []
            text += chunk.message.content or ""
        messages.append(ollama.Message(role="assistant", content=text, tool_calls=calls or None))
        for call in calls:
            result = get_weather(**call.function.arguments)
            message = ollama.Message(role="tool", content=result, tool_name=call.function.name)
            messages.append(message)

    assert messages[-1].content == "It is sunny."


def chat_chunks(
    client: ollama.Client, messages: Sequence[ollama.Message | dict[str, str]], stream: bool
) -> Iterator[ollama.ChatResponse]:
    if stream:
        yield from client.chat("llama3.2", messages, tools=[get_weather], stream=True)
    else:
        yield client.chat("llama3.2", messages, tools=[get_weather])


def test_answer_fits_the_schema(client: ollama.Client) -> None:
    schema = Person.model_json_schema()

    answer = client.chat("llama3.2", said("Bob is 42."), format=schema)

    assert Person.model_validate_json(answer.message.content or "").age >= 0


def test_generate(client: ollama.Client) -> None:
    answer = client.generate("llama3.2", "hi", system="Be kind.", options={"num_predict": 1})

    assert (answer.response, answer.done_reason) == ("Hello", "length")


def test_streamed_generate(client: ollama.Client) -> None:
    chunks = list(client.generate("llama3.2", "think", stream=True))

    assert "".join(chunk.thinking or "" for chunk in chunks) == "Hm."
    assert "".join(chunk.response or "" for chunk in chunks) == "Hello."
    assert chunks[-1].context == []


def test_model_is_loaded(client: ollama.Client) -> None:
    assert client.generate("llama3.2", "").done_reason == "load"
    assert client.chat("llama3.2", [], keep_alive=0).done_reason == "unload"


def test_log_probabilities(client: ollama.Client) -> None:
    answer = client.chat("llama3.2", said("hi"), logprobs=True, top_logprobs=2)

    assert answer.logprobs is not None
    assert [each.token for each in answer.logprobs] == ["Hello", "."]
    assert [len(each.top_logprobs or ()) for each in answer.logprobs] == [2, 2]


def test_embeddings(client: ollama.Client) -> None:
    one = client.embed("nomic-embed-text", "hi")
    two = client.embed("nomic-embed-text", ["hi", "you"], dimensions=3)

    assert [len(vector) for vector in one.embeddings] == [768]
    assert [len(vector) for vector in two.embeddings] == [3, 3]
    assert one.prompt_eval_count == 1


def test_old_embeddings(client: ollama.Client) -> None:
    assert len(client.embeddings("nomic-embed-text", "hi").embedding) == 768


def test_models_are_listed_shown_and_loaded(client: ollama.Client) -> None:
    listed, loaded = client.list().models, client.ps().models
    shown = client.show("qwen3")

    assert [model.model for model in loaded] == [model.model for model in listed]
    assert all(model.modified_at and model.size and model.details for model in listed)
    assert all(model.expires_at and model.context_length for model in loaded)
    assert "tools" in (shown.capabilities or ())
    assert shown.modelinfo is not None
    assert shown.modelinfo["general.architecture"] == "qwen3"


def test_pull(client: ollama.Client) -> None:
    assert client.pull("llama3.2").status == "success"
    assert [step.status for step in client.pull("llama3.2", stream=True)][-1] == "success"


@pytest.mark.parametrize(
    ("prompt", "status", "message"),
    [("fail", 429, "too many requests"), ("gone", 404, "model 'llama3.2' not found")],
)
@pytest.mark.parametrize("stream", [False, True])
def test_errors_have_their_status(
    prompt: str, status: int, message: str, stream: bool, client: ollama.Client
) -> None:
    with pytest.raises(ollama.ResponseError) as caught:
        list(chat_chunks(client, said(prompt), stream))

    assert (caught.value.status_code, caught.value.error) == (status, message)


def test_failure_in_a_stream_is_raised(
    app: Flask, url_of: MakeUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = chat.stream

    def breaking(exchange: object) -> Iterator[object]:
        yield next(stream(exchange))  # type: ignore[arg-type]  # an exchange it is
        raise ZeroDivisionError

    monkeypatch.setattr(chat, "stream", breaking)
    with ollama.Client(url_of(app)) as client, pytest.raises(ollama.ResponseError) as caught:
        list(client.chat("m", said("count"), stream=True))

    assert "mockllm failed" in caught.value.error


def test_async_client(url: str) -> None:
    async def ask() -> tuple[str | None, str]:
        async with ollama.AsyncClient(url) as client:
            whole = await client.chat("llama3.2", said("hi"))
            chunks = await client.generate("llama3.2", "hi", stream=True)
            return whole.message.content, "".join([each.response async for each in chunks])

    assert asyncio.run(ask()) == ("Hello.", "Hello.")
