"""Chunks: what OpenAI's older streams are made of, before they are encoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mockllm.core.protocol import Frame, Role
from mockllm.wire import sse

Chunk = tuple[dict[str, Any], Role, int | None]
"""Its JSON, and the role and the number that its frame gets; `{}` only takes time."""

_DONE = Frame(b"data: [DONE]\n\n", "end")


def framed(chunks: Iterable[Chunk]) -> Iterator[Frame]:
    """Yield a frame of each chunk, then `[DONE]`."""
    for body, role, number in chunks:
        yield Frame(sse.data(body) if body else b"", role, number)
    yield _DONE
