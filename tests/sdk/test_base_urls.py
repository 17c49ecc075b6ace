"""The official SDKs with the base URLs that people give them."""

from __future__ import annotations

import anthropic
import httpx2
import openai
import pytest
from flask import Flask

from tests.conftest import MakeApp

RULES = """\
responses:
  "hello": "Hi."
settings:
  prefixes: [/gateway/openai/v1, /llm]
"""
PREFIXES = [
    "",
    "/v1",
    "/openai/v1",
    "/api/v1",
    "/compatibility/v1",
    "/gateway/openai/v1",
    "/llm",
    "/llm/v1",
]


def openai_at(prefix: str, app: Flask) -> openai.OpenAI:
    return openai.OpenAI(
        api_key="sk-test",
        base_url=f"http://mockllm{prefix}",
        max_retries=0,
        http_client=httpx2.Client(transport=httpx2.WSGITransport(app=app)),
        _strict_response_validation=True,
    )


def anthropic_at(prefix: str, app: Flask) -> anthropic.Anthropic:
    return anthropic.Anthropic(
        api_key="sk-ant-test",
        base_url=f"http://mockllm{prefix}",
        max_retries=0,
        http_client=httpx2.Client(transport=httpx2.WSGITransport(app=app)),
        _strict_response_validation=True,
    )


@pytest.mark.parametrize("session", ["", "/s/one"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_openai_at_every_base_url(prefix: str, session: str, make_app: MakeApp) -> None:
    with openai_at(f"{session}{prefix}", make_app(RULES)) as client:
        answer = client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "hello"}]
        )
        models = list(client.models.list())

    assert answer.choices[0].message.content == "Hi."
    assert models


@pytest.mark.parametrize("prefix", ["/v1/", "/openai/v1/", "/llm/"])
def test_openai_with_a_slash_at_the_end(prefix: str, make_app: MakeApp) -> None:
    with openai_at(prefix, make_app(RULES)) as client:
        stream = client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "hello"}], stream=True
        )
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)

    assert text == "Hi."


@pytest.mark.parametrize("prefix", ["", "/openai", "/gateway/openai", "/llm", "/s/one/llm"])
def test_anthropic_at_every_base_url(prefix: str, make_app: MakeApp) -> None:
    with anthropic_at(prefix, make_app(RULES)) as client:
        answer = client.messages.create(
            model="mock", max_tokens=100, messages=[{"role": "user", "content": "hello"}]
        )

    assert isinstance(answer.content[0], anthropic.types.TextBlock)
    assert answer.content[0].text == "Hi."


@pytest.mark.parametrize("prefix", ["/v1/v1", "/openai/v1/v1", "/llm/v1/v1"])
def test_openai_is_told_of_a_doubled_v1(prefix: str, make_app: MakeApp) -> None:
    with (
        openai_at(prefix, make_app(RULES)) as client,
        pytest.raises(openai.NotFoundError, match="the base URL already ends in /v1: leave that"),
    ):
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hello"}])


@pytest.mark.parametrize("prefix", ["/v1", "/openai/v1", "/llm/v1"])
def test_anthropic_is_told_of_a_doubled_v1(prefix: str, make_app: MakeApp) -> None:
    with (
        anthropic_at(prefix, make_app(RULES)) as client,
        pytest.raises(anthropic.NotFoundError, match="the base URL already ends in /v1: leave"),
    ):
        client.messages.create(
            model="m", max_tokens=9, messages=[{"role": "user", "content": "hello"}]
        )


def test_openai_is_told_of_a_base_url_that_is_a_whole_path(make_app: MakeApp) -> None:
    with (
        openai_at("/v1/chat/completions", make_app(RULES)) as client,
        pytest.raises(openai.NotFoundError, match="already ends in /chat/completions: leave that"),
    ):
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hello"}])
