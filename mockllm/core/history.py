"""Whether the calls of tools in a conversation, and their results, belong together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from mockllm.core.model import Message, ToolCall, ToolResult


class Loose(Struct, frozen=True):
    """What does not belong together: the ids of calls or of results, in the message at `index`
    (from 0)."""

    index: int
    ids: tuple[str, ...]


def unanswered_calls(messages: Sequence[Message]) -> Iterator[Loose]:
    """Yield the calls whose results do not follow at once, in the messages of tools."""
    for index, message in enumerate(messages):
        calls = _calls(message)
        if calls:
            answered = _answered(messages, index + 1)
            missing = tuple(call for call in calls if call not in answered)
            if missing:
                yield Loose(index, missing)


def unasked_results(messages: Sequence[Message]) -> Iterator[Loose]:
    """Yield the results whose calls are not in the assistant's message just before."""
    asked: tuple[str, ...] = ()
    for index, message in enumerate(messages):
        results = _results(message)
        unasked = tuple(result for result in results if result not in asked)
        if unasked:
            yield Loose(index, unasked)
        if message.role != "tool":
            asked = _calls(message)


def repeated_calls(messages: Sequence[Message]) -> Iterator[Loose]:
    """Yield the messages with a call whose id an earlier call has."""
    seen: Counter[str] = Counter()
    for index, message in enumerate(messages):
        calls = _calls(message)
        seen.update(calls)
        repeated = tuple(dict.fromkeys(call for call in calls if seen[call] > 1))
        if repeated:
            yield Loose(index, repeated)


def calls_without_results(messages: Sequence[Message]) -> tuple[str, ...]:
    """Return the ids of the calls that have no result anywhere."""
    results = {result for message in messages for result in _results(message)}
    calls = [call for message in messages for call in _calls(message)]
    return tuple(call for call in calls if call not in results)


def results_without_calls(messages: Sequence[Message]) -> tuple[str, ...]:
    """Return the ids of the results that belong to no call."""
    calls = {call for message in messages for call in _calls(message)}
    results = [result for message in messages for result in _results(message)]
    return tuple(result for result in results if result not in calls)


def _answered(messages: Sequence[Message], start: int) -> set[str]:
    """Return the ids of the results in the messages of tools from `start` on."""
    found: set[str] = set()
    for index in range(start, len(messages)):
        if messages[index].role != "tool":
            break
        found.update(_results(messages[index]))
    return found


def _calls(message: Message) -> tuple[str, ...]:
    return tuple(part.id for part in message.parts if isinstance(part, ToolCall))


def _results(message: Message) -> tuple[str, ...]:
    return tuple(part.call_id for part in message.parts if isinstance(part, ToolResult))
