"""The work that every server is given: what it must know, and what it is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from benchmarks.streams import FIRST_S, RATE, TOKENS

Work = Literal["plain", "paced", "burst", "held"]
"""An exact answer among a thousand; a stream that takes its time; a stream that takes none; a
longer one that takes its time, so that a thousand are open at once."""

ANSWERS: Mapping[str, str] = {
    f"What is the answer to question {number:04}?": f"The answer to question {number:04} is that "
    "it depends on what was meant by it, and by whom."
    for number in range(1_000)
}
STREAMED = "go"
"""The prompt whose answer is streamed."""

MODEL = "mock-llm"

HELD_TOKENS = 300

__all__ = ["ANSWERS", "FIRST_S", "MODEL", "RATE", "STREAMED", "TOKENS", "Work"]


def tokens(work: Work) -> int:
    """Return how many tokens a stream has."""
    return HELD_TOKENS if work == "held" else TOKENS


def text(work: Work) -> str:
    """Return the answer that is streamed."""
    return " ".join(["word"] * tokens(work))


def body(prompt: str, stream: bool = False) -> bytes:
    """Return the body of a chat completion."""
    asked: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": prompt}]}
    if stream:
        asked["stream"] = True
    return json.dumps(asked).encode()


def bodies(work: Work) -> list[bytes]:
    """Return what is asked, in turn."""
    if work == "plain":
        return [body(prompt) for prompt in ANSWERS]
    return [body(STREAMED, stream=True)]
