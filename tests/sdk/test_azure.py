"""The official SDK's client for Azure, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import openai
import pytest
from flask import Flask

from tests.conftest import MakeApp

MakeAzure = Callable[..., openai.AzureOpenAI]
HI: list[Any] = [{"role": "user", "content": "hi"}]
TOOLS: list[Any] = [{"type": "function", "function": {"name": "get_weather"}}]
YAML = """\
responses:
  "hi": "Hello."
  "weather?": {tool_calls: [{name: get_weather, arguments: {city: Paris}}]}
  "who?": {error: auth}
  "where?": {error: not_found}
  "busy": {error: {kind: rate_limit, retry_after: 3s}}
  "forbidden": {error: content_filter}
"""


def user(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


@pytest.fixture
def azure_of(make_app: MakeApp) -> Iterator[MakeAzure]:
    """Return a function that makes a client, which validates answers unless told otherwise."""
    app: Flask = make_app(YAML)
    with ExitStack() as stack:

        def make(strict: bool = True, **options: Any) -> openai.AzureOpenAI:
            client = openai.AzureOpenAI(
                azure_endpoint="http://mockllm",
                api_version="2024-10-21",
                max_retries=0,
                http_client=httpx2.Client(transport=httpx2.WSGITransport(app=app)),
                _strict_response_validation=strict,
                **({"api_key": "secret"} | options),
            )
            return stack.enter_context(client)

        yield make


def test_deployment_may_be_the_model_of_each_call(azure_of: MakeAzure) -> None:
    answer = azure_of().chat.completions.create(model="gpt-prod", messages=HI)

    assert answer.choices[0].message.content == "Hello."
    assert answer.model == "gpt-prod"
    assert answer._request_id is not None


def test_deployment_of_the_client_wins_over_the_model(azure_of: MakeAzure) -> None:
    client = azure_of(azure_deployment="gpt-prod")

    assert client.chat.completions.create(model="gpt-4o", messages=HI).model == "gpt-prod"


def test_what_the_filter_says_is_in_the_extra_members(azure_of: MakeAzure) -> None:
    answer = azure_of().chat.completions.create(model="gpt-prod", messages=HI)

    extra, choice_extra = answer.model_extra or {}, answer.choices[0].model_extra or {}

    assert extra["prompt_filter_results"][0]["content_filter_results"]["hate"]["severity"] == "safe"
    assert choice_extra["content_filter_results"]["hate"]["filtered"] is False


def test_token_of_entra_will_do(azure_of: MakeAzure) -> None:
    client = azure_of(api_key=None, azure_ad_token="token")

    assert client.chat.completions.create(model="gpt-prod", messages=HI).choices


def test_stream(azure_of: MakeAzure) -> None:
    """Not strict: the SDK's types do not allow for the first chunk, which Azure sends."""
    chunks = list(
        azure_of(strict=False).chat.completions.create(
            model="gpt-prod", messages=HI, stream=True, stream_options={"include_usage": True}
        )
    )

    said = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]

    assert chunks[0].choices == []
    assert "".join(said) == "Hello."
    assert chunks[-1].usage is not None


def test_stream_helper_accumulates_the_whole(azure_of: MakeAzure) -> None:
    client = azure_of(strict=False)
    with client.chat.completions.stream(model="gpt-prod", messages=HI) as stream:
        final = stream.get_final_completion()

    assert final.choices[0].message.content == "Hello."


def test_tool_call(azure_of: MakeAzure) -> None:
    answer = azure_of().chat.completions.create(
        model="gpt-prod", messages=user("weather?"), tools=TOOLS
    )

    (call,) = answer.choices[0].message.tool_calls or []

    assert call.type == "function"
    assert (call.function.name, call.function.arguments) == ("get_weather", '{"city":"Paris"}')


def test_completion(azure_of: MakeAzure) -> None:
    answer = azure_of().completions.create(model="gpt-prod", prompt="hi")

    assert answer.choices[0].text == "Hello."


def test_embeddings(azure_of: MakeAzure) -> None:
    answer = azure_of(strict=False).embeddings.create(model="embed", input=["a", "b"])

    assert [len(each.embedding) for each in answer.data] == [1_536, 1_536]


def test_response_is_stored_and_fetched(azure_of: MakeAzure) -> None:
    client = azure_of()
    made = client.responses.create(model="gpt-prod", input="hi")

    assert made.output_text == "Hello."
    assert client.responses.retrieve(made.id) == made


def test_models(azure_of: MakeAzure) -> None:
    assert len(list(azure_of().models.list())) > 1


def test_bad_key_is_told(azure_of: MakeAzure) -> None:
    with pytest.raises(openai.AuthenticationError, match="invalid subscription key") as caught:
        azure_of().chat.completions.create(model="gpt-prod", messages=user("who?"))

    assert caught.value.code == "401"


def test_missing_deployment_is_told(azure_of: MakeAzure) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        azure_of().chat.completions.create(model="gpt-prod", messages=user("where?"))

    assert caught.value.code == "DeploymentNotFound"


def test_rate_limit_is_told(azure_of: MakeAzure) -> None:
    with pytest.raises(openai.RateLimitError, match="retry after 3 seconds") as caught:
        azure_of().chat.completions.create(model="gpt-prod", messages=user("busy"))

    assert caught.value.response.headers["retry-after"] == "3"


def test_filtered_prompt_is_told(azure_of: MakeAzure) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        azure_of().chat.completions.create(model="gpt-prod", messages=user("forbidden"))

    assert (caught.value.code, caught.value.param) == ("content_filter", "prompt")


def test_plain_client_of_v1_with_a_key_gets_azures_errors(make_app: MakeApp) -> None:
    client = openai.OpenAI(
        api_key="secret",
        base_url="http://mockllm/openai/v1/",
        default_headers={"api-key": "secret"},
        max_retries=0,
        http_client=httpx2.Client(transport=httpx2.WSGITransport(app=make_app(YAML))),
        _strict_response_validation=True,
    )
    with client, pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-prod", messages=user("where?"))

    assert caught.value.code == "DeploymentNotFound"
