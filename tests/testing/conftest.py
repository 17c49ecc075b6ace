"""What the tests of `mockllm.testing` share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import openai
import pytest

from mockllm.testing import MockServer, Session

Ask = Callable[..., str]


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


def openai_of(session: Session) -> openai.OpenAI:
    return openai.OpenAI(base_url=session.base_url("openai"), api_key="sk-mine", max_retries=0)


def anthropic_of(session: Session) -> anthropic.Anthropic:
    url = session.base_url("anthropic")
    return anthropic.Anthropic(base_url=url, api_key="sk-mine", max_retries=0)


def ask(session: Session, prompt: str, **options: Any) -> str:
    """Return the answer to a prompt, asked with OpenAI's SDK."""
    with openai_of(session) as client:
        messages: Any = [{"role": "user", "content": prompt}]
        answer = client.chat.completions.create(model="gpt-4o", messages=messages, **options)
        return answer.choices[0].message.content or ""
