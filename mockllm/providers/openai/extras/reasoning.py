"""`reasoning` beside `reasoning_content`: the name that newer servers give it."""

from __future__ import annotations

from typing import Any


def with_reasoning(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message, or a delta of one, with its reasoning under both names."""
    if "reasoning_content" not in message:
        return message
    return {**message, "reasoning": message["reasoning_content"]}


def of_choice(choice: dict[str, Any]) -> dict[str, Any]:
    """Return a choice, whole or a chunk's, with its reasoning under both names."""
    name = "message" if "message" in choice else "delta"
    return {**choice, name: with_reasoning(choice[name])}
