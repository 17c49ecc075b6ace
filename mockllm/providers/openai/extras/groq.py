"""What Groq adds: `x_groq`, and the usage of a stream in it; `reasoning`.

Source: groq-python (`types/chat/chat_completion.py`, `chat_completion_chunk.py`) and
https://console.groq.com/docs/api-reference, from memory. Departure: `usage` tells no times.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockllm.core.exchange import Exchange
from mockllm.providers.openai import chat_usage
from mockllm.providers.openai.chunks import Chunk
from mockllm.providers.openai.extras import reasoning


def whole(body: dict[str, Any], exchange: Exchange) -> dict[str, Any]:
    """Return a completion as Groq has it."""
    return {**_reasoned(body), "x_groq": _origin(exchange)}


def chunks(plain: Iterator[Chunk], exchange: Exchange) -> Iterator[Chunk]:
    """Yield chunks as Groq has them: the first names the request, that with which the last choice
    ends counts the tokens."""
    is_first, unfinished = True, len(exchange.replies)
    for body, role, number in plain:
        told = _reasoned(body)
        unfinished -= sum(1 for choice in body["choices"] if choice["finish_reason"])
        if is_first:
            told = {**told, "x_groq": _origin(exchange)}
        elif unfinished == 0 and body["choices"]:
            usage = chat_usage.usage(exchange)
            told = {**told, "x_groq": {**_origin(exchange), "usage": usage}}
        yield told, role, number
        is_first = False


def _reasoned(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "choices": list(map(reasoning.of_choice, body["choices"]))}


def _origin(exchange: Exchange) -> dict[str, Any]:
    return {"id": f"req_{exchange.id}"}
