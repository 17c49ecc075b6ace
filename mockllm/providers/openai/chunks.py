"""Chunks: what OpenAI's older streams are made of, before they are encoded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct

from mockllm.core.protocol import Frame, Frames, Role
from mockllm.wire import sse
from mockllm.wire.skeleton import HOLE, Skeleton

Chunk = tuple[dict[str, Any], Role, int | None]
"""Its JSON, and the role and the number that its frame gets; `{}` only takes time."""


class Said(Struct, frozen=True):
    """The chunks of several texts, or of one; their number is that of the first."""

    skeleton: Skeleton
    texts: tuple[str, ...]


Sayings = tuple[dict[str, Any] | Said, Role, int | None]
"""A chunk, or several that differ in what they say."""

_DONE = Frame(b"data: [DONE]\n\n", "end")


def framed(chunks: Iterable[Sayings]) -> Iterator[Frame | Frames]:
    """Yield a frame of each chunk, then `[DONE]`."""
    for body, role, number in chunks:
        if not isinstance(body, Said):
            yield Frame(sse.data(body) if body else b"", role, number)
        elif number is None:
            yield Frame(body.skeleton.fill_each(body.texts), role)
        else:
            yield Frames(body.skeleton, body.texts, role, number)
    yield _DONE


def numbered(texts: tuple[str, ...], first: int | None) -> Iterator[tuple[int | None, str]]:
    """Yield texts with the numbers of their chunks; None for those that only follow others."""
    for number, text in enumerate(texts):
        yield None if first is None else first + number, text


def changed(
    chunks: Iterable[Sayings], change: Callable[[dict[str, Any]], dict[str, Any]]
) -> Iterator[Sayings]:
    """Yield chunks with a change that is the same whatever text they say."""
    skeletons: dict[Skeleton, Skeleton] = {}
    for body, role, number in chunks:
        if not isinstance(body, Said):
            yield change(body), role, number
            continue
        skeleton = skeletons.get(body.skeleton)
        if skeleton is None:
            skeleton = Skeleton(change(body.skeleton.value(HOLE)), sse.data)
            skeletons[body.skeleton] = skeleton
        yield Said(skeleton, body.texts), role, number


def plain(chunks: Iterable[Sayings]) -> Iterator[Chunk]:
    """Yield each chunk by itself, for whoever adds to it."""
    for body, role, number in chunks:
        if isinstance(body, Said):
            for each, text in numbered(body.texts, number):
                yield body.skeleton.value(text), role, each
        else:
            yield body, role, number
