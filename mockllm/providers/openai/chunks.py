"""Chunks: what OpenAI's older streams are made of, before they are encoded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct

from mockllm.core.protocol import Frame, Role
from mockllm.wire import sse
from mockllm.wire.skeleton import HOLE, Skeleton

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
            for text in body.texts:
                yield body.skeleton.value(text), role, number
        else:
            yield body, role, number
