"""The official SDKs, in this process and over a loopback socket."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import anthropic
import httpx2
import openai
import pytest
from flask import Flask
from google import genai
from google.genai.types import HttpOptions
from werkzeug.serving import BaseWSGIServer, make_server

MakeUrl = Callable[[Flask], str]
MakeOpenAI = Callable[[Flask], openai.OpenAI]
MakeAnthropic = Callable[[Flask], anthropic.Anthropic]
MakeGemini = Callable[..., genai.Client]


@pytest.fixture
def openai_of() -> Iterator[MakeOpenAI]:
    """Return a function that makes a client of an application."""
    with ExitStack() as stack:

        def make(app: Flask) -> openai.OpenAI:
            client = openai.OpenAI(
                api_key="sk-test",
                base_url="http://mockllm/v1",
                max_retries=0,
                http_client=httpx2.Client(transport=httpx2.WSGITransport(app=app)),
                _strict_response_validation=True,
            )
            return stack.enter_context(client)

        yield make


@pytest.fixture
def lenient_of() -> Iterator[MakeOpenAI]:
    """Return a function that makes a client as programs have it, for what the SDK's own types do
    not allow and the real API sends: base64, and chunks of completions that are not the last."""
    with ExitStack() as stack:

        def make(app: Flask) -> openai.OpenAI:
            client = openai.OpenAI(
                api_key="sk-test",
                base_url="http://mockllm/v1",
                max_retries=0,
                http_client=httpx2.Client(transport=httpx2.WSGITransport(app=app)),
            )
            return stack.enter_context(client)

        yield make


@pytest.fixture
def anthropic_of() -> Iterator[MakeAnthropic]:
    """Return a function that makes a client of an application."""
    with ExitStack() as stack:

        def make(app: Flask) -> anthropic.Anthropic:
            client = anthropic.Anthropic(
                api_key="sk-ant-test",
                base_url="http://mockllm",
                max_retries=0,
                http_client=httpx2.Client(transport=httpx2.WSGITransport(app=app)),
                _strict_response_validation=True,
            )
            return stack.enter_context(client)

        yield make


@pytest.fixture
def gemini_of() -> Iterator[MakeGemini]:
    """Return a function that makes a client of an application, of Vertex AI if so wanted."""
    with ExitStack() as stack:

        def make(app: Flask, vertexai: bool = False) -> genai.Client:
            options = HttpOptions(
                base_url="http://mockllm",
                client_args={"transport": httpx2.WSGITransport(app=app)},
            )
            client = genai.Client(vertexai=vertexai, api_key="AIza-test", http_options=options)
            return stack.enter_context(client)

        yield make


@pytest.fixture
def gemini_client(app: Flask, gemini_of: MakeGemini) -> genai.Client:
    return gemini_of(app)


@pytest.fixture
def openai_client(app: Flask, openai_of: MakeOpenAI) -> openai.OpenAI:
    return openai_of(app)


@pytest.fixture
def anthropic_client(app: Flask, anthropic_of: MakeAnthropic) -> anthropic.Anthropic:
    return anthropic_of(app)


@pytest.fixture
def url_of() -> Iterator[MakeUrl]:
    """Return a function that serves an application on loopback until the test ends."""
    servers: list[BaseWSGIServer] = []

    def serve(app: Flask) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield serve

    for server in servers:
        server.shutdown()
        server.server_close()
