"""The vendors' own SDKs for Python. They take the address from the environment too: `OPENAI_BASE_URL`, `ANTHROPIC_BASE_URL`, `GOOGLE_GEMINI_BASE_URL`, `OLLAMA_HOST`.

OpenAI's and Azure's send the key as a bearer token or `api-key`, Anthropic's as `x-api-key`, Google's as `x-goog-api-key`; any will do. OpenAI's address ends in `/v1`, the others' does not.
"""  # noqa: E501  # one line is one paragraph of the manual

# /// script
# dependencies = ["openai>=3,<4", "anthropic>=2,<3", "google-genai>=3,<4", "ollama>=0.6,<1"]
# ///

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

URL = os.environ["MOCKLLM_URL"]

# -- set-up
import anthropic
import ollama
import openai
from google import genai

of_openai = openai.OpenAI(base_url=f"{URL}/v1", api_key="any")
of_azure = openai.AzureOpenAI(azure_endpoint=URL, api_key="any", api_version="2024-10-21")
of_anthropic = anthropic.Anthropic(base_url=URL, api_key="any")
of_google = genai.Client(api_key="any", http_options={"base_url": URL})
of_ollama = ollama.Client(host=URL)
# -- end


def say(prompt: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": prompt}]


ASK: dict[str, Callable[[str], str | None]] = {
    "openai": lambda prompt: (
        of_openai.chat.completions.create(model="gpt-4o", messages=say(prompt))  # type: ignore[arg-type]
        .choices[0]
        .message.content
    ),
    "responses": lambda prompt: (
        of_openai.responses.create(model="gpt-4o", input=prompt).output_text
    ),
    "azure": lambda prompt: (
        of_azure.chat.completions.create(model="gpt-4o", messages=say(prompt))  # type: ignore[arg-type]
        .choices[0]
        .message.content
    ),
    "anthropic": lambda prompt: (
        of_anthropic.messages.create(model="claude", max_tokens=100, messages=say(prompt))  # type: ignore[arg-type]
        .content[0]
        .text  # type: ignore[union-attr]
    ),
    "google": lambda prompt: (
        of_google.models.generate_content(model="gemini-2.5-flash", contents=prompt).text
    ),
    "ollama": lambda prompt: of_ollama.chat(model="llama3.2", messages=say(prompt)).message.content,
}


@pytest.mark.parametrize("sdk", ASK)
def test_chat(sdk: str) -> None:
    assert ASK[sdk]("Say hello.") == "Hello from mockllm."


@pytest.mark.parametrize(
    ("sdk", "error"),
    [
        ("openai", openai.AuthenticationError),
        ("responses", openai.AuthenticationError),
        ("azure", openai.AuthenticationError),
        ("anthropic", anthropic.AuthenticationError),
        ("google", genai.errors.ClientError),
        ("ollama", ollama.ResponseError),
    ],
)
def test_error(sdk: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        ASK[sdk]("Fail with 401.")
