"""What the official SDKs raise of requests, keys and models that are refused."""

from __future__ import annotations

from typing import Any

import anthropic
import openai
import pytest

from tests.conftest import MakeApp
from tests.sdk.conftest import MakeAnthropic, MakeOpenAI

REJECTING = "responses: {hello: hi}\nsettings: {validation: reject}\n"
KEYED = "responses: {hello: hi}\nsettings: {api_keys: [other]}\n"
LISTED = "responses: {hello: hi}\nsettings: {models: [only]}\n"
STREAMS = pytest.mark.parametrize("stream", [False, True])


@STREAMS
@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        (REJECTING, openai.BadRequestError),
        (KEYED, openai.AuthenticationError),
        (LISTED, openai.NotFoundError),
    ],
)
@pytest.mark.parametrize("api", ["chat", "responses"])
def test_openais_clients_raise(
    yaml: str,
    expected: type[Exception],
    api: str,
    stream: bool,
    make_app: MakeApp,
    openai_of: MakeOpenAI,
) -> None:
    client = openai_of(make_app(yaml))
    prompt: Any = {"role": "user", "content": "hello"}
    wanted: dict[str, Any] = {"model": "m", "temperature": 9, "stream": stream}

    with pytest.raises(expected):
        _ = (
            client.chat.completions.create(messages=[prompt], **wanted)
            if api == "chat"
            else client.responses.create(input=[prompt], **wanted)
        )


@STREAMS
@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        (REJECTING, anthropic.BadRequestError),
        (KEYED, anthropic.AuthenticationError),
        (LISTED, anthropic.NotFoundError),
    ],
)
def test_anthropics_clients_raise(
    yaml: str,
    expected: type[Exception],
    stream: bool,
    make_app: MakeApp,
    anthropic_of: MakeAnthropic,
) -> None:
    client = anthropic_of(make_app(yaml))

    with pytest.raises(expected):
        client.messages.create(
            model="m",
            max_tokens=9,
            extra_body={"temperature": 9},
            messages=[{"role": "user", "content": "hello"}],
            stream=stream,
        )


def test_openais_error_has_its_param_and_code(make_app: MakeApp, openai_of: MakeOpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        openai_of(make_app(REJECTING)).responses.create(
            model="m", input="hello", max_output_tokens=1
        )

    assert (caught.value.param, caught.value.code) == (
        "max_output_tokens",
        "integer_below_min_value",
    )
