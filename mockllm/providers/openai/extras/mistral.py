"""What Mistral does otherwise: reasoning is a part of `content`, which is then a list.

Sources: https://docs.mistral.ai/capabilities/reasoning, from memory, and streams that users
quote in public issue trackers. Departures: a stream's texts are strings after the reasoning too;
ids are OpenAI's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockllm.core.exchange import Exchange
from mockllm.providers.openai.chunks import Chunk


def whole(body: dict[str, Any], _exchange: Exchange) -> dict[str, Any]:
    """Return a completion as Mistral has it."""
    choices = [
        {**choice, "message": _with_thinking(choice["message"])} for choice in body["choices"]
    ]
    return {**body, "choices": choices}


def chunks(plain: Iterator[Chunk], _exchange: Exchange) -> Iterator[Chunk]:
    """Yield chunks as Mistral has them."""
    for body, role, number in plain:
        choices = [
            {**choice, "delta": _with_thinking(choice["delta"])} for choice in body["choices"]
        ]
        yield {**body, "choices": choices}, role, number


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
