"""What clients sent back of what they were answered: quotations, calls of tools and results."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import blake2b

import msgspec
from msgspec import Struct

from mockllm.core.exchange import Exchange
from mockllm.core.model import Message, Text, ToolCall, ToolResult

_TOLD_LENGTH = 8
"""What every dialect keeps, in some case, of an id that is made up here."""

_LONGEST_ID = 64


class Quoted(Struct, frozen=True):
    """A call of a tool as a request has it in its history."""

    number: int
    name: str
    arguments: str


class Brought(Struct, frozen=True):
    """A tool's result that a request brings as news, after the last answer it has."""

    number: int
    result: ToolResult


class Continuation(Struct, frozen=True):
    """A request that goes on after an answer: what it says the answer was, and what follows."""

    number: int
    said: tuple[Message, ...]
    brought: tuple[ToolResult, ...]

    @property
    def text(self) -> str:
        """The text of the answer as the client quotes it."""
        return "".join(part.text for part in self._parts if isinstance(part, Text))

    @property
    def calls(self) -> list[ToolCall]:
        """The calls of the answer as the client quotes them."""
        return [part for part in self._parts if isinstance(part, ToolCall)]

    @property
    def _parts(self) -> Iterator[object]:
        return (part for message in self.said for part in message.parts)


class Conversations:
    """The requests of a run, looked up by what they continue. Numbers are those of the run."""

    def __init__(self, ordered: Sequence[Exchange]) -> None:
        self._ordered = ordered
        self._ids: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._quoted: defaultdict[tuple[str, str], dict[tuple[str, str], Quoted]]
        self._quoted = defaultdict(dict)
        self._results: defaultdict[tuple[str, str], list[Brought]] = defaultdict(list)
        self._answered: set[tuple[str, str]] = set()
        self._after: defaultdict[_End, list[int]] = defaultdict(list)
        self._asked: defaultdict[_End, list[int]] = defaultdict(list)
        for number, exchange in enumerate(ordered):
            if exchange.request is not None:
                self._take(number, exchange.session, exchange.request.messages)

    def continuation(self, number: int) -> Continuation | None:
        """Return the next request that goes on after the answer to a request, None when none
        does, or when the same was asked again before it: then it goes on after the later answer."""
        exchange = self._ordered[number]
        messages = exchange.request.messages if exchange.request else ()
        if not messages:
            return None
        key = _end(exchange.session, messages)
        later, asked = _next(self._after.get(key), number), _next(self._asked[key], number)
        if later is None or (asked is not None and asked < later):
            return None
        request = self._ordered[later].request
        assert request is not None
        said: list[Message] = []
        brought: list[ToolResult] = []
        for message in request.messages[len(messages) :]:
            if message.role == "assistant" and not brought:
                said.append(message)
                continue
            found = [part for part in message.parts if isinstance(part, ToolResult)]
            if not found:
                break
            brought += found
        return Continuation(later, tuple(said), tuple(brought))

    def quotations(self, session: str, call: ToolCall) -> list[Quoted]:
        """Return how requests quote a call that an answer made, each way once."""
        return [
            quoted
            for name in self._names(session, call)
            for quoted in self._quoted[session, name].values()
        ]

    def brought(self, session: str, call: ToolCall) -> list[Brought]:
        """Return the results of a call, each time that a request brings one as news."""
        names = self._names(session, call)
        return [each for name in names for each in self._results[session, name]]

    def is_answered(self, session: str, call: ToolCall) -> bool:
        """Return whether any request has a result of a call."""
        return any((session, name) in self._answered for name in self._names(session, call))

    def _names(self, session: str, call: ToolCall) -> list[str]:
        """Return the ids under which clients know a call."""
        if not call.is_drawn:
            return [call.id]
        told = call.id.casefold()
        return [
            name
            for name in sorted(self._ids.get((session, told[:_TOLD_LENGTH]), ()))
            if told.startswith(name.casefold()[name.casefold().find(told[:_TOLD_LENGTH]) :])
        ]

    def _take(self, number: int, session: str, messages: tuple[Message, ...]) -> None:
        if messages:
            self._asked[_end(session, messages)].append(number)
        for place, message in enumerate(messages):
            if message.role == "assistant" and place and messages[place - 1].role != "assistant":
                self._after[_end(session, messages[:place])].append(number)
            for part in message.parts:
                if isinstance(part, ToolCall):
                    self._name(session, part.id)
                    quoted = Quoted(number, part.name, part.arguments)
                    said = part.name, part.arguments
                    self._quoted[session, part.id].setdefault(said, quoted)
                elif isinstance(part, ToolResult):
                    self._name(session, part.call_id)
                    self._answered.add((session, part.call_id))
        for result in _news(messages):
            self._results[session, result.call_id].append(Brought(number, result))

    def _name(self, session: str, name: str) -> None:
        """Note an id, by each piece of it that may be one of ours."""
        folded = name.casefold()[-_LONGEST_ID:]
        if name in self._ids.get((session, folded[-_TOLD_LENGTH:]), ()):
            return
        for start in range(len(folded) - _TOLD_LENGTH + 1):
            self._ids[session, folded[start : start + _TOLD_LENGTH]].add(name)


def _news(messages: tuple[Message, ...]) -> Iterator[ToolResult]:
    """Yield the results that come after the last answer."""
    for message in reversed(messages):
        if message.role == "assistant":
            return
        yield from (part for part in message.parts if isinstance(part, ToolResult))


_End = tuple[str, int, bytes]
"""The session, the length and the last message of a conversation: what tells it from others."""


def _end(session: str, messages: tuple[Message, ...]) -> _End:
    return session, len(messages), digest(messages[-1])


def digest(said: object) -> bytes:
    """Return what tells messages or inputs from others."""
    return blake2b(msgspec.msgpack.encode(said), digest_size=16).digest()


def _next(numbers: Sequence[int] | None, number: int) -> int | None:
    """Return the first of rising numbers that is greater than one."""
    place = bisect_right(numbers or (), number)
    return numbers[place] if numbers and place < len(numbers) else None
