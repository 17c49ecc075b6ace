"""Neutral events: a reply cut into what a stream says, before any dialect words it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from mockllm.core import tokens
from mockllm.core.model import (
    ChatReply,
    Finish,
    Part,
    ToolCall,
    Usage,
    part_text,
    with_text,
)


class Started(Struct, frozen=True):
    """The answer begins. `first` is its first part, None when it has none; `usage` counts the
    input only."""

    first: Part | None
    usage: Usage


class PartStarted(Struct, frozen=True):
    """A part begins. `part` is what it is, without what it says."""

    index: int
    part: Part


class Delta(Struct, frozen=True, gc=False):
    """A piece of what part `index` says. `chunk` counts the pieces of the whole reply from 0."""

    index: int
    text: str
    chunk: int


class PartEnded(Struct, frozen=True):
    """A part is complete; `part` is the whole of it."""

    index: int
    part: Part


class Finished(Struct, frozen=True, gc=False):
    finish: Finish
    stop_sequence: str | None
    usage: Usage


Event = Started | PartStarted | Delta | PartEnded | Finished


def events(reply: ChatReply) -> Iterator[Event]:
    """Yield `reply` as events: texts a code point at a time, arguments a token at a time.

    The order is `Started`, then for each part its start, deltas and end, then `Finished`.
    """
    parts = [(part, with_text(part, "")) for part in reply.parts]
    input_usage = Usage(input_tokens=reply.usage.input_tokens)
    yield Started(parts[0][1] if parts else None, input_usage)
    chunk = 0
    for index, (part, empty) in enumerate(parts):
        yield PartStarted(index, empty)
        for piece in pieces(part):
            yield Delta(index, piece, chunk)
            chunk += 1
        yield PartEnded(index, part)
    yield Finished(reply.finish, reply.stop_sequence, reply.usage)


def pieces(part: Part) -> Iterable[str]:
    """Return what a part says, cut as it is streamed."""
    text = part_text(part)
    return tokens.pieces(text) if isinstance(part, ToolCall) else text


def chunk_count(reply: ChatReply) -> int:
    """Return how many deltas a reply has."""
    return sum(1 for part in reply.parts for _ in pieces(part))
