"""Neutral events: a reply cut into what a stream says, before any dialect words it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from mockllm.core.model import ChatReply, Finish, Text, Usage


class Started(Struct, frozen=True, gc=False):
    """The answer begins. `usage` counts the input only."""

    usage: Usage


class TextStarted(Struct, frozen=True, gc=False):
    index: int


class TextDelta(Struct, frozen=True, gc=False):
    """A piece of part `index`. `chunk` counts the pieces of the whole reply from 0."""

    index: int
    text: str
    chunk: int


class TextEnded(Struct, frozen=True, gc=False):
    index: int


class Finished(Struct, frozen=True, gc=False):
    finish: Finish
    stop_sequence: str | None
    usage: Usage


Event = Started | TextStarted | TextDelta | TextEnded | Finished


def events(reply: ChatReply) -> Iterator[Event]:
    """Yield `reply` as events, its text a code point at a time.

    The order is `Started`, then for each part its start, deltas and end, then `Finished`.
    """
    yield Started(Usage(input_tokens=reply.usage.input_tokens))
    chunk = 0
    for index, part in enumerate(reply.parts):
        if not isinstance(part, Text):
            raise TypeError(f"a reply cannot carry {type(part).__name__}")
        yield TextStarted(index)
        for character in part.text:
            yield TextDelta(index, character, chunk)
            chunk += 1
        yield TextEnded(index)
    yield Finished(reply.finish, reply.stop_sequence, reply.usage)
