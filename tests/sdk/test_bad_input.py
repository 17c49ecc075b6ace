"""Bad input through the official SDK of each dialect: the class that it raises, and its status."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import anthropic
import httpx2
import ollama
import openai
import pytest
from flask import Flask
from google import genai
from google.genai import errors as google
from google.genai.types import HttpOptions
from msgspec import Struct

from tests.conftest import MakeApp
from tests.sdk.conftest import MakeUrl

HELLO: list[Any] = [{"role": "user", "content": "hello"}]
CONTENTS: list[Any] = [{"role": "user", "parts": [{"text": "hello"}]}]
ANSWERED = "responses: {hello: hi}\n"
REJECTING = f"{ANSWERED}settings: {{validation: reject}}\n"
KEYED = f"{ANSWERED}settings: {{api_keys: [other]}}\n"
LISTED = f"{ANSWERED}settings: {{models: [only]}}\n"
LIMITED = f"{ANSWERED}settings: {{max_body: 1KB}}\n"

Send = Callable[[str, str, Any], Any]
"""Sends a body by a method to a path, through the SDK's own transport."""


class Spoken(Struct, frozen=True):
    """How a dialect is spoken: `path` and `body` are a request that is answered. `mistyped` and
    `unfit` are what is wrong of a member's type, and what the real API refuses besides.

    `raises` tells the SDK's class for each fault, `statuses` where the status is its own.
    """

    connect: Callable[[Flask, str, ExitStack], Send]
    path: str
    body: Mapping[str, Any]
    mistyped: Mapping[str, Any]
    unfit: Mapping[str, Any]
    raises: Mapping[str, type[Exception]]
    nowhere: str = "/nowhere"
    statuses: Mapping[str, int] = {}


def _openai(app: Flask, _: str, stack: ExitStack) -> Send:
    client = stack.enter_context(
        openai.OpenAI(
            api_key="secret",
            base_url="http://mockllm/v1",
            max_retries=0,
            http_client=httpx2.Client(transport=httpx2.WSGITransport(app=app)),
        )
    )
    return _sending(client)


def _azure(app: Flask, _: str, stack: ExitStack) -> Send:
    client = stack.enter_context(
        openai.AzureOpenAI(
            api_key="secret",
            azure_endpoint="http://mockllm",
            azure_deployment="m",
            api_version="2024-10-21",
            max_retries=0,
            http_client=httpx2.Client(transport=httpx2.WSGITransport(app=app)),
        )
    )
    return _sending(client)


def _anthropic(app: Flask, _: str, stack: ExitStack) -> Send:
    client = stack.enter_context(
        anthropic.Anthropic(
            api_key="secret",
            base_url="http://mockllm",
            max_retries=0,
            http_client=httpx2.Client(transport=httpx2.WSGITransport(app=app)),
        )
    )
    return _sending(client)


def _sending(client: Any) -> Send:
    def send(method: str, path: str, body: Any) -> Any:
        return getattr(client, method)(path, cast_to=object, body=body)

    return send


def _gemini(app: Flask, _: str, stack: ExitStack) -> Send:
    options = HttpOptions(
        base_url="http://mockllm", client_args={"transport": httpx2.WSGITransport(app=app)}
    )
    client = stack.enter_context(genai.Client(api_key="secret", http_options=options))

    def send(method: str, path: str, body: Any) -> Any:
        return client._api_client.request(method, path, body)

    return send


def _ollama(_: Flask, url: str, stack: ExitStack) -> Send:
    headers = {"authorization": "Bearer secret"}
    client = stack.enter_context(ollama.Client(url, headers=headers))

    def send(method: str, path: str, body: Any) -> Any:
        return client._request_raw(method.upper(), path, json=body)

    return send


def _raised(sdk: Any) -> dict[str, type[Exception]]:
    return {
        "mistyped": sdk.BadRequestError,
        "missing": sdk.BadRequestError,
        "unfit": sdk.BadRequestError,
        "key": sdk.AuthenticationError,
        "model": sdk.NotFoundError,
        "path": sdk.NotFoundError,
        "method": sdk.APIStatusError,
        "size": getattr(sdk, "RequestTooLargeError", sdk.APIStatusError),
    }


CHAT = {"model": "m", "messages": HELLO}
SPOKEN = {
    "openai": Spoken(
        connect=_openai,
        path="/chat/completions",
        body=CHAT,
        mistyped={"messages": 5},
        unfit={"temperature": 9},
        raises=_raised(openai),
    ),
    "azure": Spoken(
        connect=_azure,
        path="/chat/completions",
        body=CHAT,
        mistyped={"messages": 5},
        unfit={"temperature": 9},
        raises=_raised(openai),
    ),
    "anthropic": Spoken(
        connect=_anthropic,
        path="/v1/messages",
        body=CHAT | {"max_tokens": 9},
        mistyped={"messages": 5},
        unfit={"temperature": 9},
        raises=_raised(anthropic),
        nowhere="/v1/nowhere",
    ),
    "gemini": Spoken(
        connect=_gemini,
        path="models/m:generateContent",
        body={"contents": CONTENTS},
        mistyped={"contents": 5},
        unfit={"generationConfig": {"temperature": 9}},
        raises=dict.fromkeys(_raised(openai), google.ClientError),
        nowhere="nowhere",
        statuses={"key": 400},
    ),
    "ollama": Spoken(
        connect=_ollama,
        path="/api/chat",
        body=CHAT | {"stream": False},
        mistyped={"messages": 5},
        unfit={"options": {"temperature": "hot"}},
        raises=dict.fromkeys(_raised(openai), ollama.ResponseError),
        nowhere="/api/nowhere",
        statuses={"unfit": 500},
    ),
}
STATUSES = {
    "mistyped": 400,
    "missing": 400,
    "unfit": 400,
    "key": 401,
    "model": 404,
    "path": 404,
    "method": 405,
    "size": 413,
}
YAMLS = {"unfit": REJECTING, "key": KEYED, "model": LISTED, "size": LIMITED}
EVERY = pytest.mark.parametrize("dialect", SPOKEN)
Connect = Callable[[str, str], Send]


@pytest.fixture
def connect(make_app: MakeApp, url_of: MakeUrl) -> Iterator[Connect]:
    """Return a function that makes a dialect's client of an application with these rules."""
    with ExitStack() as stack:

        def make(dialect: str, yaml: str) -> Send:
            app = make_app(yaml)
            url = url_of(app) if dialect == "ollama" else ""
            return SPOKEN[dialect].connect(app, url, stack)

        yield make


def wrong(spoken: Spoken, fault: str) -> tuple[str, str, Any]:
    """Return the method, the path and the body of a request with a fault."""
    body: dict[str, Any] = {**spoken.body}
    match fault:
        case "mistyped":
            return "post", spoken.path, {**body, **spoken.mistyped}
        case "missing":
            return "post", spoken.path, {}
        case "unfit":
            return "post", spoken.path, {**body, **spoken.unfit}
        case "size":
            return "post", spoken.path, body | {"metadata": {"a": "x" * 2_000}}
        case "path":
            return "post", spoken.nowhere, body
        case "method":
            return "put", spoken.path, body
        case _:
            return "post", spoken.path, body


@EVERY
def test_good_input_is_answered(dialect: str, connect: Connect) -> None:
    spoken = SPOKEN[dialect]

    connect(dialect, ANSWERED)("post", spoken.path, dict(spoken.body))


@EVERY
@pytest.mark.parametrize("fault", STATUSES)
def test_bad_input_raises_the_class_that_users_expect(
    dialect: str, fault: str, connect: Connect
) -> None:
    spoken = SPOKEN[dialect]
    send = connect(dialect, YAMLS.get(fault, ANSWERED))

    with pytest.raises(spoken.raises[fault]) as caught:
        send(*wrong(spoken, fault))

    error: Any = caught.value
    assert caught.type is spoken.raises[fault]
    status = error.code if dialect == "gemini" else error.status_code
    assert status == spoken.statuses.get(fault, STATUSES[fault])
    assert str(error)
