"""Stored chat completions through the official OpenAI SDK."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import openai
import pytest
from flask import Flask

from tests.clock import FakeClock
from tests.conftest import MakeApp
from tests.sdk.conftest import MakeOpenAI, MakeUrl


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app("responses: {hi: 'Hello, you!'}")


@pytest.fixture
def client(app: Flask, openai_of: MakeOpenAI) -> openai.OpenAI:
    return openai_of(app)


@pytest.fixture
def lenient(app: Flask) -> openai.OpenAI:
    """Return a client that takes messages of any role: the SDK types those of assistants only."""
    http_client = httpx2.Client(transport=httpx2.WSGITransport(app=app))
    return openai.OpenAI(api_key="k", base_url="http://mockllm/v1", http_client=http_client)


def stored(client: openai.OpenAI, model: str = "m", **members: Any) -> str:
    messages: Any = [{"role": "user", "content": "hi"}]
    answer = client.chat.completions.create(model=model, messages=messages, store=True, **members)
    return str(answer.id)


def test_stored_completion_is_the_one_that_was_answered(client: openai.OpenAI) -> None:
    messages: Any = [{"role": "user", "content": "hi"}]
    answer = client.chat.completions.create(
        model="m", messages=messages, store=True, metadata={"team": "a"}
    )

    found = client.chat.completions.retrieve(answer.id)

    assert found.choices == answer.choices
    assert found.usage == answer.usage
    assert found.metadata == {"team": "a"}


def test_streamed_completion_is_stored_whole(client: openai.OpenAI) -> None:
    messages: Any = [{"role": "user", "content": "hi"}]
    chunks = list(
        client.chat.completions.create(model="m", messages=messages, store=True, stream=True)
    )

    found = client.chat.completions.retrieve(chunks[0].id)

    assert found.object == "chat.completion"
    assert found.choices[0].message.content == "Hello, you!"


@pytest.mark.parametrize("store", [False, None])
def test_nothing_is_stored_unasked(store: bool | None, client: openai.OpenAI) -> None:
    messages: Any = [{"role": "user", "content": "hi"}]
    client.chat.completions.create(model="m", messages=messages, store=store)

    assert list(client.chat.completions.list()) == []


@pytest.mark.parametrize("seed", ["1e999", "[" * 100_000])
def test_what_cannot_be_stored_is_refused(seed: str, app: Flask) -> None:
    body = f'{{"model": "m", "messages": [{{"role": "user"}}], "store": true, "seed": {seed}}}'

    response = app.test_client().post("/v1/chat/completions", data=body)

    assert response.status_code == 400


def test_pages_follow_each_other(client: openai.OpenAI) -> None:
    made = [stored(client) for _ in range(5)]

    assert [each.id for each in client.chat.completions.list(limit=2)] == made
    assert [each.id for each in client.chat.completions.list(limit=2, order="desc")] == made[::-1]
    assert [each.id for each in client.chat.completions.list(after=made[3])] == made[4:]


def test_list_is_filtered_by_model_and_metadata(client: openai.OpenAI) -> None:
    first = stored(client, metadata={"team": "a", "run": "1"})
    second = stored(client, model="other", metadata={"team": "a"})
    stored(client)

    def ids(**wanted: Any) -> list[str]:
        return [each.id for each in client.chat.completions.list(**wanted)]

    assert ids(model="other") == [second]
    assert ids(metadata={"team": "a"}) == [first, second]
    assert ids(metadata={"team": "a", "run": "1"}) == [first]
    assert ids(metadata={"team": "b"}) == []


def test_metadata_is_replaced(client: openai.OpenAI) -> None:
    name = stored(client, metadata={"team": "a"})

    updated = client.chat.completions.update(name, metadata={"run": "2"})

    assert updated.metadata == {"run": "2"}
    assert client.chat.completions.retrieve(name).metadata == {"run": "2"}
    assert client.chat.completions.update(name, metadata=None).metadata == {}


def test_update_keeps_the_place_in_the_list(client: openai.OpenAI, clock: FakeClock) -> None:
    first = stored(client)
    clock.now_s += 0.1
    second = stored(client)
    client.chat.completions.update(first, metadata={"run": "2"})

    assert [each.id for each in client.chat.completions.list()] == [first, second]


def test_update_without_metadata_is_refused(client: openai.OpenAI) -> None:
    name = stored(client)

    with pytest.raises(openai.BadRequestError, match="Missing required parameter: 'metadata'"):
        client.post(f"/chat/completions/{name}", body={}, cast_to=object)


def test_deleted_completion_is_gone(client: openai.OpenAI) -> None:
    name = stored(client)

    deleted = client.chat.completions.delete(name)

    assert (deleted.id, deleted.deleted) == (name, True)
    with pytest.raises(openai.NotFoundError, match=f"'{name}' not found"):
        client.chat.completions.retrieve(name)


def test_messages_are_those_of_the_request(lenient: openai.OpenAI) -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    text = {"type": "text", "text": "hi"}
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages: Any = [
        {"role": "system", "content": "Be kind."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "done"},
        {"role": "user", "name": "ann", "content": [text, image, {"type": "new"}]},
    ]
    answer = lenient.chat.completions.create(model="m", messages=messages, store=True)

    found = [each.to_dict() for each in lenient.chat.completions.messages.list(answer.id, limit=3)]

    name = answer.id
    nothing = {"name": None, "content_parts": None}
    assert found == [
        {**messages[0], **nothing, "id": f"{name}-0"},
        {**messages[1], **nothing, "id": f"{name}-1"},
        {**messages[2], **nothing, "id": f"{name}-2"},
        {**messages[3], "id": f"{name}-3", "content": None, "content_parts": [text, image]},
    ]


def test_messages_go_either_way(lenient: openai.OpenAI) -> None:
    name = stored(lenient)

    newest_first = lenient.chat.completions.messages.list(name, order="desc")

    assert [each.id for each in newest_first] == [f"{name}-0"]
    assert list(lenient.chat.completions.messages.list(name, after=f"{name}-0")) == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("DELETE", "", None),
        ("POST", "", {"metadata": {}}),
        ("GET", "/messages", None),
    ],
)
def test_unknown_id_is_not_found(method: str, path: str, body: Any, client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.request(object, _options(method, f"/chat/completions/chatcmpl-x{path}", body))

    assert caught.value.type == "invalid_request_error"
    assert "Chat completion with id 'chatcmpl-x' not found." in caught.value.message


def _options(method: str, url: str, body: Any) -> Any:
    from openai._models import FinalRequestOptions

    return FinalRequestOptions.construct(method=method, url=url, json_data=body)


@pytest.mark.parametrize("limit", [0, 101])
def test_bad_limit_is_refused(limit: int, client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match=f"but got {limit} instead"):
        client.chat.completions.list(limit=limit)


def test_sessions_keep_their_own(app: Flask, client: openai.OpenAI, openai_of: MakeOpenAI) -> None:
    other = openai_of(app).with_options(default_headers={"X-Mockllm-Session": "other"})
    stored(client)

    assert list(other.chat.completions.list()) == []


def test_async_client_reads_the_stored(app: Flask, url_of: MakeUrl) -> None:
    async def ask() -> tuple[str, list[str]]:
        async with openai.AsyncOpenAI(
            api_key="k", base_url=f"{url_of(app)}/v1", _strict_response_validation=True
        ) as client:
            messages: Any = [{"role": "user", "content": "hi"}]
            answer = await client.chat.completions.create(model="m", messages=messages, store=True)
            return answer.id, [each.id async for each in client.chat.completions.list()]

    name, listed = asyncio.run(ask())

    assert listed == [name]
