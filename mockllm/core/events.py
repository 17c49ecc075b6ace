"""Neutral events: a reply cut into what a stream says, before any dialect words it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, structs

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
    """A piece of what part `index` says. `chunk` counts the pieces of the whole reply from 0; None
    for what leaves together with the piece before it."""

    index: int
    text: str
    chunk: int | None


class PartEnded(Struct, frozen=True):
    """A part is complete; `part` is the whole of it."""

    index: int
    part: Part


class Finished(Struct, frozen=True, gc=False):
    finish: Finish
    stop_sequence: str | None
    usage: Usage


Event = Started | PartStarted | Delta | PartEnded | Finished


def events(reply: ChatReply, by_token: bool = False) -> Iterator[Event]:
    """Yield `reply` as events: texts a code point at a time, or `by_token`; arguments a token at
    a time.

    The order is `Started`, then for each part its start, deltas and end, then `Finished`.
    """
    parts = [(part, with_text(part, "")) for part in reply.parts]
    input_usage = Usage(input_tokens=reply.usage.input_tokens)
    yield Started(parts[0][1] if parts else None, input_usage)
    chunk = 0
    for index, (part, empty) in enumerate(parts):
        yield PartStarted(index, empty)
        for piece in pieces(part, by_token):
            yield Delta(index, piece, chunk)
            chunk += 1
        yield PartEnded(index, part)
    yield Finished(reply.finish, reply.stop_sequence, reply.usage)


def interleaved(
    replies: Sequence[ChatReply], by_token: bool = False
) -> Iterator[tuple[int, Event]]:
    """Yield the events of several replies, each with its reply's number, as a model says them side
    by side: one piece of each in turn. What is said in one turn leaves together."""
    if len(replies) == 1:
        for event in events(replies[0], by_token):
            yield 0, event
        return
    speaking = {number: events(reply, by_token) for number, reply in enumerate(replies)}
    turn = 0
    while speaking:
        chunk: int | None = turn
        for number in tuple(speaking):
            for event in speaking[number]:
                if isinstance(event, Delta):
                    yield number, structs.replace(event, chunk=chunk)
                    chunk = None
                    break
                yield number, event
            else:
                del speaking[number]
        turn += 1


def pieces(part: Part, by_token: bool = False) -> Iterable[str]:
    """Return what a part says, cut as it is streamed."""
    return cut(part_text(part), by_token or isinstance(part, ToolCall))


def cut(text: str, by_token: bool) -> Iterable[str]:
    """Return the pieces of a text: its tokens, or its code points."""
    return tokens.pieces(text) if by_token else text


def chunk_count(reply: ChatReply, by_token: bool = False) -> int:
    """Return how many deltas a reply has."""
    return sum(1 for part in reply.parts for _ in pieces(part, by_token))
