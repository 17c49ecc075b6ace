"""What Mistral does otherwise: reasoning is a part of `content`, which is then a list; a stream has
each call of a tool in one piece, and counts its tokens unasked, both in the chunk that ends it.

Sources: https://docs.mistral.ai/capabilities/reasoning, from memory; streams that users quote in
public issue trackers; mistralai 3.7 (`models/embeddingresponse.py`, `models/basemodelcard.py`),
read 2026-11-22. Departures: a stream's texts are strings after the reasoning too; ids are OpenAI's;
so are errors; every model is said to chat, to call tools and to see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from mockllm.core.exchange import Exchange
from mockllm.providers.openai import chat_usage
from mockllm.providers.openai.chunks import Chunk

NAME = "mistral"
_ID_LENGTH = 32
_CAPABILITIES = {
    "completion_chat": True,
    "completion_fim": False,
    "function_calling": True,
    "fine_tuning": False,
    "vision": True,
    "classification": False,
}
_Calls = dict[int, dict[str, Any]]
"""What has been said of the calls of a choice, by their number."""


def whole(body: dict[str, Any], _exchange: Exchange) -> dict[str, Any]:
    """Return a completion as Mistral has it."""
    choices = [
        {**choice, "message": _with_thinking(choice["message"])} for choice in body["choices"]
    ]
    return {**body, "choices": choices}


def chunks(plain: Iterator[Chunk], exchange: Exchange) -> Iterator[Chunk]:
    """Yield chunks as Mistral has them: the pieces of calls are kept until their choice ends."""
    calls: defaultdict[int, _Calls] = defaultdict(dict)
    unfinished = len(exchange.replies)
    for body, role, number in plain:
        choices = [_streamed(choice, calls[choice["index"]]) for choice in body["choices"]]
        if body["choices"] and not any(choice["delta"] for choice in choices):
            yield {}, role, number
            continue
        told = {**body, "choices": choices}
        ended = sum(1 for choice in choices if choice["finish_reason"])
        unfinished -= ended
        if ended and unfinished == 0:
            told["usage"] = chat_usage.usage(exchange)
        yield told, role, number


def _streamed(choice: dict[str, Any], calls: _Calls) -> dict[str, Any]:
    """Return a choice of a chunk without pieces of calls, or the last one with all of them."""
    delta = _with_thinking(choice["delta"])
    for piece in delta.get("tool_calls", ()):
        _join(calls, piece)
    said = {key: value for key, value in delta.items() if key != "tool_calls"}
    if choice["finish_reason"]:
        said["content"] = ""
        if calls:
            said["tool_calls"] = [calls[number] for number in sorted(calls)]
    return {**choice, "delta": said}


def _join(calls: _Calls, piece: dict[str, Any]) -> None:
    """Add a piece of a call to what has been said of it."""
    kind = "custom" if "custom" in piece else "function"
    call = calls.setdefault(piece["index"], {**piece, kind: {}})
    for member, text in piece[kind].items():
        call[kind][member] = call[kind].get(member, "") + text


def embeddings(plain: dict[str, Any], exchange: Exchange) -> dict[str, Any]:
    """Return a list of embeddings as Mistral has it: with an id."""
    return {"id": exchange.draws.hex_id("embeddings", _ID_LENGTH), **plain}


def model(plain: dict[str, Any]) -> dict[str, Any]:
    """Return a model as Mistral lists it."""
    return {**plain, "type": "base", "capabilities": _CAPABILITIES}


def _with_thinking(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message, or a delta of one, with its reasoning in its content."""
    if "reasoning_content" not in message:
        return message
    said = {key: value for key, value in message.items() if key != "reasoning_content"}
    thinking = [{"type": "text", "text": message["reasoning_content"]}]
    content: list[dict[str, Any]] = [{"type": "thinking", "thinking": thinking}]
    if said.get("content"):
        content.append({"type": "text", "text": said["content"]})
    return {**said, "content": content}
