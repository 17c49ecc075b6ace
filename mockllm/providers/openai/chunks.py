"""Chunks: what OpenAI's older streams are made of, before they are encoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from mockllm.core.protocol import Frame, Role
from mockllm.wire import sse
from mockllm.wire.skeleton import Skeleton

Chunk = tuple[dict[str, Any], Role, int | None]
"""Its JSON, and the role and the number that its frame gets; `{}` only takes time."""


class Said(Struct, frozen=True):
    """The chunks of several texts, which leave together, or of one."""

    skeleton: Skeleton
    texts: tuple[str, ...]


Sayings = tuple[dict[str, Any] | Said, Role, int | None]
"""A chunk, or several in one."""

_DONE = Frame(b"data: [DONE]\n\n", "end")


def framed(chunks: Iterable[Sayings]) -> Iterator[Frame]:
    """Yield a frame of each chunk, then `[DONE]`."""
    for body, role, number in chunks:
        if isinstance(body, Said):
            yield Frame(body.skeleton.fill_each(body.texts), role, number)
        else:
            yield Frame(sse.data(body) if body else b"", role, number)
    yield _DONE


def plain(chunks: Iterable[Sayings]) -> Iterator[Chunk]:
    """Yield each chunk by itself, for whoever adds to it."""
    for body, role, number in chunks:
        if isinstance(body, Said):
            for text in body.texts:
                yield body.skeleton.value(text), role, number
        else:
            yield body, role, number
