"""The official SDKs, each asked one question as a program asks it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import anthropic
import anthropic._base_client
import ollama
import openai
import openai._base_client
import pytest
from google import genai
from google.genai.types import HttpOptions

from mockllm.faulting import HEADER

PROMPT = "hello"
NOT_RAISED = "error"
"""What stands for a reason when an SDK hands the vendor's error over and raises nothing."""

_TIMEOUT_S = 30.0


class Question(NamedTuple):
    """What to ask: of which server, with which fault if any, streamed or not; and how long a
    client waits for the next piece of an answer that has begun, None when it has time."""

    url: str
    fault: str
    streams: bool
    patience_s: float | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {HEADER: self.fault} if self.fault else {}


class Heard(NamedTuple):
    """The text that an SDK gives a program, and why it ends, None when it does not say."""

    text: str
    reason: str | None


class Saw(NamedTuple):
    """What a program sees: what it heard, or the name of what was raised; and how many requests
    that took."""

    heard: Heard | None
    raised: str | None
    requests: int


Hooks = dict[str, list[Callable[[Any], object]]]
Caller = Callable[[Question, Hooks], Heard]


def ask(caller: Caller, question: Question) -> Saw:
    """Return what a program sees."""
    requests: list[object] = []

    def lose_patience(response: Any) -> None:
        """Set the timeout only now: how soon an answer begins is a matter of the machine."""
        if question.patience_s is not None:
            response.request.extensions["timeout"]["read"] = question.patience_s

    try:
        heard = caller(question, {"request": [requests.append], "response": [lose_patience]})
    except Exception as error:  # noqa: BLE001  # whatever an SDK raises is what is asked for
        return Saw(None, public_name(type(error)), len(requests))
    return Saw(heard, None, len(requests))


def public_name(kind: type[BaseException]) -> str:
    """Return the name by which a program knows an exception."""
    parts = kind.__module__.split(".")
    for length in range(1, len(parts) + 1):
        module = ".".join(parts[:length])
        if getattr(importlib.import_module(module), kind.__name__, None) is kind:
            return f"{module}.{kind.__name__}".removeprefix("builtins.")
    return f"{kind.__module__}.{kind.__name__}"


@contextmanager
def without_back_off() -> Iterator[None]:
    """Let SDKs that try again do it at once."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (openai._base_client, anthropic._base_client):
            patch.setattr(module.BaseClient, "_calculate_retry_timeout", lambda *_, **__: 0)
        yield


def ask_chat(question: Question, hooks: Hooks) -> Heard:
    messages: Any = [{"role": "user", "content": PROMPT}]
    with _openai(question, hooks) as client:
        if not question.streams:
            answer = client.chat.completions.create(model="gpt-4o", messages=messages)
            choice = answer.choices[0]
            return Heard(choice.message.content or "", choice.finish_reason)
        text, reason = "", None
        stream = client.chat.completions.create(model="gpt-4o", messages=messages, stream=True)
        for chunk in stream:
            text += chunk.choices[0].delta.content or ""
            reason = chunk.choices[0].finish_reason or reason
        return Heard(text, reason)


def ask_responses(question: Question, hooks: Hooks) -> Heard:
    with _openai(question, hooks) as client:
        if not question.streams:
            answer = client.responses.create(model="gpt-4o", input=PROMPT)
            return Heard(answer.output_text, answer.status)
        text = ""
        reason: str | None = None
        for event in client.responses.create(model="gpt-4o", input=PROMPT, stream=True):
            if event.type == "response.output_text.delta":
                text += event.delta
            elif event.type == "response.completed":
                reason = event.response.status
            elif event.type == "error":
                reason = NOT_RAISED
        return Heard(text, reason)


def ask_anthropic(question: Question, hooks: Hooks) -> Heard:
    http_client = anthropic.DefaultHttpxClient(event_hooks=hooks)
    messages: Any = [{"role": "user", "content": PROMPT}]
    wanted: Any = {"model": "mock", "max_tokens": 100, "messages": messages}
    with anthropic.Anthropic(
        api_key="sk-ant-test",
        base_url=question.url,
        timeout=_TIMEOUT_S,
        default_headers=question.headers,
        http_client=http_client,
    ) as client:
        if not question.streams:
            answer = client.messages.create(**wanted)
            return Heard(
                "".join(part.text for part in answer.content if part.type == "text"),
                answer.stop_reason,
            )
        with client.messages.stream(**wanted) as stream:
            text = "".join(stream.text_stream)
            return Heard(text, stream.get_final_message().stop_reason)


def ask_gemini(question: Question, hooks: Hooks) -> Heard:
    options = HttpOptions(
        base_url=question.url,
        timeout=int(_TIMEOUT_S * 1000),
        headers=question.headers,
        client_args={"event_hooks": hooks},
    )
    with genai.Client(api_key="AIza-test", http_options=options) as client:
        wanted: Any = {"model": "gemini-2.5-flash", "contents": PROMPT}
        chunks = (
            client.models.generate_content_stream(**wanted)
            if question.streams
            else [client.models.generate_content(**wanted)]
        )
        text, reason = "", None
        for chunk in chunks:
            text += chunk.text or ""
            said = chunk.candidates[0].finish_reason if chunk.candidates else None
            reason = said.value if said else reason
        return Heard(text, reason)


def ask_ollama(question: Question, hooks: Hooks) -> Heard:
    with ollama.Client(
        question.url, timeout=_TIMEOUT_S, headers=question.headers, event_hooks=hooks
    ) as client:
        messages = [{"role": "user", "content": PROMPT}]
        if not question.streams:
            answer = client.chat("llama3.2", messages)
            return Heard(answer.message.content or "", answer.done_reason)
        text, reason = "", None
        for chunk in client.chat("llama3.2", messages, stream=True):
            text += chunk.message.content or ""
            reason = chunk.done_reason or reason
        return Heard(text, reason)


CALLERS: Mapping[str, Caller] = {
    "`openai`, chat": ask_chat,
    "`openai`, responses": ask_responses,
    "`anthropic`": ask_anthropic,
    "`google-genai`": ask_gemini,
    "`ollama`": ask_ollama,
}
"""Who asks, by what is asked: a package, and where it has two APIs, which."""


def _openai(question: Question, hooks: Hooks) -> openai.OpenAI:
    return openai.OpenAI(
        api_key="sk-test",
        base_url=f"{question.url}/v1",
        timeout=_TIMEOUT_S,
        default_headers=question.headers,
        http_client=openai.DefaultHttpxClient(event_hooks=hooks),
    )
