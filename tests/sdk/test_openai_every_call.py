"""What the official OpenAI SDK sees alike in every call that rules answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import openai
import pytest
from flask import Flask
from pydantic import BaseModel

from mockllm.core.protocol import Operation
from mockllm.providers.openai import chat, completions
from tests.conftest import MakeApp
from tests.sdk.conftest import MakeOpenAI, MakeUrl

Call = Callable[..., Any]


def chat_of(client: Any, prompt: str, **members: Any) -> Any:
    messages = [{"role": "user", "content": prompt}]
    return client.chat.completions.create(model="m", messages=messages, **members)


def response_of(client: Any, prompt: str, **members: Any) -> Any:
    return client.responses.create(model="m", input=prompt, **members)


def completion_of(client: Any, prompt: str, **members: Any) -> Any:
    return client.completions.create(model="m", prompt=prompt, **members)


def embedding_of(client: Any, prompt: str) -> Any:
    return client.embeddings.create(model="m", input=prompt, encoding_format="float")


def moderation_of(client: Any, prompt: str) -> Any:
    return client.moderations.create(model="m", input=prompt)


STREAMED: Mapping[str, Call] = {
    "chat": chat_of,
    "responses": response_of,
    "completions": completion_of,
}
CALLS: Mapping[str, Call] = {
    **STREAMED,
    "embeddings": embedding_of,
    "moderations": moderation_of,
}
EVERY = pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
EVERY_STREAMED = pytest.mark.parametrize("call", STREAMED.values(), ids=list(STREAMED))
ERRORS: Mapping[str, type[openai.APIStatusError]] = {
    "rate_limit": openai.RateLimitError,
    "overloaded": openai.InternalServerError,
    "auth": openai.AuthenticationError,
    "permission": openai.PermissionDeniedError,
    "not_found": openai.NotFoundError,
    "invalid": openai.BadRequestError,
    "context_length": openai.BadRequestError,
    "content_filter": openai.BadRequestError,
    "server": openai.InternalServerError,
}
EVERY_ERROR = pytest.mark.parametrize(("kind", "error"), ERRORS.items(), ids=list(ERRORS))
FAILING = "responses:\n" + "".join(f"  {kind}: {{error: {kind}}}\n" for kind in ERRORS)
FLAKY = """\
rules:
  - when: {contains: flaky, operation: [chat, completion]}
    replies: [{error: {kind: rate_limit, retry_after: 1ms}, times: 2}, "Here it is."]
  - when: {contains: flaky, operation: embedding}
    replies: [{error: {kind: rate_limit, retry_after: 1ms}, times: 2}, {embedding: [0.6, 0.8]}]
  - when: {contains: flaky, operation: moderation}
    replies:
      - {error: {kind: rate_limit, retry_after: 1ms}, times: 2}
      - {moderation: {flagged: [hate]}}
"""


class City(BaseModel):
    name: str


@EVERY
@EVERY_ERROR
def test_each_kind_of_error_raises_its_class(
    call: Call,
    kind: str,
    error: type[openai.APIStatusError],
    make_app: MakeApp,
    openai_of: MakeOpenAI,
) -> None:
    client = openai_of(make_app(FAILING))

    with pytest.raises(error) as caught:
        call(client, kind)

    assert type(caught.value) is error
    assert caught.value.request_id is not None


@EVERY_STREAMED
@EVERY_ERROR
def test_each_kind_of_error_raises_its_class_before_a_stream_begins(
    call: Call,
    kind: str,
    error: type[openai.APIStatusError],
    make_app: MakeApp,
    openai_of: MakeOpenAI,
) -> None:
    client = openai_of(make_app(FAILING))

    with pytest.raises(error):
        call(client, kind, stream=True)


@EVERY
def test_async_client_raises_the_same_classes(
    call: Call, make_app: MakeApp, url_of: MakeUrl
) -> None:
    base_url = f"{url_of(make_app(FAILING))}/v1"

    async def ask() -> list[type[BaseException]]:
        async with openai.AsyncOpenAI(api_key="k", base_url=base_url, max_retries=0) as client:
            asked = [call(client, kind) for kind in ERRORS]
            found = await asyncio.gather(*asked, return_exceptions=True)
            return [type(each) for each in found]

    assert asyncio.run(ask()) == list(ERRORS.values())


@EVERY
def test_retrying_client_sees_a_success_after_two_errors(
    call: Call, make_app: MakeApp, openai_of: MakeOpenAI
) -> None:
    client = openai_of(make_app(FLAKY))

    answer = call(client.with_options(max_retries=2), "flaky")

    assert answer.model == "m"


@EVERY
def test_answer_carries_the_id_of_its_request(call: Call, openai_client: openai.OpenAI) -> None:
    ids = {call(openai_client, "count")._request_id for _ in range(2)}

    assert len(ids) == 2
    assert all(each.startswith("req_") for each in ids)


@EVERY
def test_raw_response_has_the_headers_and_parses(call: Call, openai_client: openai.OpenAI) -> None:
    whole = call(openai_client, "count")

    raw = call(RawOf(openai_client), "count")

    assert type(raw.parse()) is type(whole)
    assert raw.headers["openai-version"] == "2020-10-01"
    assert raw.headers["x-request-id"] == raw.request_id


@EVERY
def test_body_may_be_read_as_it_comes(call: Call, openai_client: openai.OpenAI) -> None:
    whole = call(openai_client, "count")

    with call(RawOf(openai_client, "with_streaming_response"), "count") as response:
        found = response.parse()

    assert type(found) is type(whole)


class RawOf:
    """A client whose `create` returns the response in another way."""

    def __init__(self, resource: Any, way: str = "with_raw_response") -> None:
        self._resource = resource
        self._way = way

    def __getattr__(self, name: str) -> Any:
        if name == "create":
            return getattr(self._resource, self._way).create
        return RawOf(getattr(self._resource, name), self._way)


@pytest.mark.parametrize(
    ("call", "operation"), [(chat_of, chat), (completion_of, completions)], ids=["chat", "legacy"]
)
def test_stream_that_fails_on_the_way_raises(
    call: Call,
    operation: Operation,
    app: Flask,
    lenient_of: MakeOpenAI,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = operation.stream
    assert stream is not None

    def breaking(exchange: Any) -> Any:
        yield next(iter(stream(exchange)))
        raise ZeroDivisionError

    monkeypatch.setattr(operation, "stream", breaking)

    with pytest.raises(openai.APIError) as caught:
        list(call(lenient_of(app), "count", stream=True))

    assert caught.value.type == "server_error"


@EVERY_STREAMED
def test_stream_may_be_left(call: Call, app: Flask, lenient_of: MakeOpenAI) -> None:
    stream = call(lenient_of(app), "count", stream=True)

    with stream:
        first = next(iter(stream))

    assert first is not None
    assert stream.response.is_closed


def test_async_client_parses_chats_whole_and_streamed(make_app: MakeApp, url_of: MakeUrl) -> None:
    base_url = f"{url_of(make_app('responses: {}'))}/v1"
    messages: Any = [{"role": "user", "content": "a city"}]
    tool = openai.pydantic_function_tool(City, name="visit")

    async def ask() -> list[Any]:
        async with openai.AsyncOpenAI(
            api_key="k", base_url=base_url, _strict_response_validation=True
        ) as client:
            chats = client.chat.completions
            whole = await chats.parse(model="m", messages=messages, response_format=City)
            async with chats.stream(model="m", messages=messages, response_format=City) as stream:
                streamed = await stream.get_final_completion()
            called = await chats.parse(
                model="m", messages=messages, tools=[tool], tool_choice="required"
            )
            calls = called.choices[0].message.tool_calls or []
            return [
                whole.choices[0].message.parsed,
                streamed.choices[0].message.parsed,
                calls[0].function.parsed_arguments,
            ]

    found = asyncio.run(ask())

    assert [type(each) for each in found] == [City] * 3


def test_async_client_lists_models(app: Flask, url_of: MakeUrl) -> None:
    async def ask() -> list[str]:
        async with openai.AsyncOpenAI(
            api_key="k", base_url=f"{url_of(app)}/v1", _strict_response_validation=True
        ) as client:
            return [model.id async for model in client.models.list()]

    assert "mock-llm" in asyncio.run(ask())


@pytest.mark.parametrize("call", [chat_of, completion_of], ids=["chat", "legacy"])
def test_last_chunk_has_the_usage_when_it_is_asked_for(
    call: Call, app: Flask, lenient_of: MakeOpenAI
) -> None:
    options = {"include_usage": True}

    chunks = list(call(lenient_of(app), "count", stream=True, stream_options=options))

    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == 5
    assert {each.usage for each in chunks[:-1]} == {None}
