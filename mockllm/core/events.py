"""Neutral events: a reply cut into what a stream says, before any dialect words it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import count, islice, zip_longest
from typing import TypeVar, assert_never

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
from mockllm.core.timing import Chunking

_MAX_KEPT_CHARACTERS = 2_000
_KEPT = 256
_MAX_RUN = 100

_WORD = re.compile(r"\S+\s*|\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])(?![。！？\s])|\n+")


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

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text,)


class Run(Struct, frozen=True):
    """Pieces of what part `index` says, all of them or many. `chunk` is the number of the first."""

    index: int
    texts: tuple[str, ...]
    chunk: int


class PartEnded(Struct, frozen=True):
    """A part is complete; `part` is the whole of it."""

    index: int
    part: Part


class Finished(Struct, frozen=True, gc=False):
    finish: Finish
    stop_sequence: str | None
    usage: Usage


SaidT = TypeVar("SaidT")
Event = Started | PartStarted | Delta | PartEnded | Finished
RunEvent = Started | PartStarted | Run | PartEnded | Finished


def events(reply: ChatReply, chunking: Chunking = "character") -> Iterator[Event]:
    """Yield `reply` as events: texts a piece of this size at a time, arguments a token at a time.

    The order is `Started`, then for each part its start, deltas and end, then `Finished`.
    """
    numbers = count()

    def said(index: int, part: Part) -> Iterator[Delta]:
        return (Delta(index, piece, next(numbers)) for piece in pieces(part, chunking))

    return _events(reply, said)


def runs(reply: ChatReply, chunking: Chunking = "character") -> Iterator[RunEvent]:
    """Yield `reply` as events, with runs in place of the deltas."""
    chunk = 0

    def said(index: int, part: Part) -> Iterator[Run]:
        nonlocal chunk
        for texts in _runs(part, chunking):
            yield Run(index, texts, chunk)
            chunk += len(texts)

    return _events(reply, said)


def _events(
    reply: ChatReply, said: Callable[[int, Part], Iterator[SaidT]]
) -> Iterator[Started | PartStarted | SaidT | PartEnded | Finished]:
    parts = [(part, with_text(part, "")) for part in reply.parts]
    input_usage = Usage(input_tokens=reply.usage.input_tokens)
    yield Started(parts[0][1] if parts else None, input_usage)
    for index, (part, empty) in enumerate(parts):
        yield PartStarted(index, empty)
        yield from said(index, part)
        yield PartEnded(index, part)
    yield Finished(reply.finish, reply.stop_sequence, reply.usage)


def _runs(part: Part, chunking: Chunking) -> Iterator[tuple[str, ...]]:
    found = pieces(part, chunking)
    if isinstance(found, tuple):
        return iter((found,) if found else ())
    rest = iter(found)
    return iter(lambda: tuple(islice(rest, _MAX_RUN)), ())


@lru_cache(_KEPT)
def _kept(text: str, chunking: Chunking) -> tuple[str, ...]:
    """Return the pieces of a text; of what is said again and again they are kept."""
    return tuple(cut(text, chunking))


def spoken(
    replies: Sequence[ChatReply], chunking: Chunking = "character"
) -> Iterator[tuple[int, Event | Run]]:
    """Yield the events of replies as `interleaved`, but those of a single one with runs."""
    if len(replies) == 1:
        return ((0, event) for event in runs(replies[0], chunking))
    return interleaved(replies, chunking)


def interleaved(
    replies: Sequence[ChatReply], chunking: Chunking = "character"
) -> Iterator[tuple[int, Event]]:
    """Yield the events of several replies, each with its reply's number, as a model says them side
    by side: one piece of each in turn. What is said in one turn leaves together."""
    if len(replies) == 1:
        for event in events(replies[0], chunking):
            yield 0, event
        return
    speaking = {number: events(reply, chunking) for number, reply in enumerate(replies)}
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


def pieces(part: Part, chunking: Chunking = "character") -> Iterable[str]:
    """Return what a part says, cut as it is streamed."""
    text = part_text(part)
    chunking = "token" if isinstance(part, ToolCall) else chunking
    return _kept(text, chunking) if len(text) <= _MAX_KEPT_CHARACTERS else cut(text, chunking)


def cut(text: str, chunking: Chunking) -> Iterable[str]:
    """Return the pieces of a text; joined they are the text again.

    >>> list(cut("Wait! What? Nothing.", "sentence"))
    ['Wait! ', 'What? ', 'Nothing.']
    """
    match chunking:
        case "character":
            return text
        case "token":
            return tokens.each(text)
        case "word":
            return (found[0] for found in _WORD.finditer(text))
        case "sentence":
            return _sentences(text)
        case _:
            assert_never(chunking)


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for found in _SENTENCE_END.finditer(text):
        yield text[start : found.end()]
        start = found.end()
    if start < len(text):
        yield text[start:]


def chunk_count(reply: ChatReply, chunking: Chunking = "character") -> int:
    """Return how many deltas a reply has."""
    return sum(1 for _ in all_pieces(reply, chunking))


def all_pieces(reply: ChatReply, chunking: Chunking) -> Iterator[str]:
    """Yield what each delta of a reply says."""
    for part in reply.parts:
        yield from pieces(part, chunking)


def counts(reply: ChatReply) -> Iterator[int]:
    """Yield how many tokens each part of a reply has."""
    for part in reply.parts:
        yield tokens.count(part_text(part))


def turns(replies: Sequence[ChatReply], chunking: Chunking) -> Iterator[str]:
    """Yield what is said at a time by several replies side by side: the longest piece of each
    turn."""
    if len(replies) == 1:
        yield from all_pieces(replies[0], chunking)
        return
    for said in zip_longest(*(all_pieces(reply, chunking) for reply in replies), fillvalue=""):
        yield max(said, key=len)
