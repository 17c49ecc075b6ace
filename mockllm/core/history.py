"""Whether the calls of tools in a conversation, and their results, belong together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from mockllm.core.model import Message, ToolCall, ToolResult


class Loose(Struct, frozen=True):
    """What does not belong together: the ids of calls or of results, in the message at `index`.

    `position` is where the first of them stands among its parts. `follower` is the index of the
    first message after the results, None when there is none. `beside_calls` tells that the
    results follow other calls. All count from 0.
    """

    index: int
    ids: tuple[str, ...]
    position: int = 0
    follower: int | None = None
    beside_calls: bool = False


def unanswered_calls(messages: Sequence[Message]) -> Iterator[Loose]:
    """Yield the calls whose results do not follow at once, in the messages of tools."""
    for index, message in enumerate(messages):
        calls = _calls(message)
        if not calls:
            continue
        follower, answered = _answered(messages, index + 1)
        missing = [call for call in calls if call not in answered]
        if missing:
            yield Loose(index, tuple(missing), calls[missing[0]], follower)


def unasked_results(messages: Sequence[Message]) -> Iterator[Loose]:
    """Yield the results whose calls are not in the assistant's message just before."""
    asked: dict[str, int] = {}
    for index, message in enumerate(messages):
        if message.role != "tool":
            asked = _calls(message)
            continue
        results = _results(message)
        unasked = [result for result in results if result not in asked]
        if unasked:
            yield Loose(index, tuple(unasked), results[unasked[0]], beside_calls=bool(asked))


def repeated_calls(messages: Sequence[Message]) -> Iterator[Loose]:
    """Yield the calls whose id an earlier call has."""
    seen: set[str] = set()
    for index, message in enumerate(messages):
        for position, part in enumerate(message.parts):
            if isinstance(part, ToolCall):
                if part.id in seen:
                    yield Loose(index, (part.id,), position)
                seen.add(part.id)


def calls_without_results(messages: Sequence[Message]) -> tuple[str, ...]:
    """Return the ids of the calls that have no result anywhere."""
    results = {result for message in messages for result in _results(message)}
    calls = dict.fromkeys(call for message in messages for call in _calls(message))
    return tuple(call for call in calls if call not in results)


def results_without_calls(messages: Sequence[Message]) -> tuple[str, ...]:
    """Return the ids of the results that belong to no call."""
    calls = {call for message in messages for call in _calls(message)}
    results = dict.fromkeys(result for message in messages for result in _results(message))
    return tuple(result for result in results if result not in calls)


def _answered(messages: Sequence[Message], start: int) -> tuple[int | None, set[str]]:
    """Return the ids of the results in the messages of tools from `start` on, and where they
    end."""
    found: set[str] = set()
    for index in range(start, len(messages)):
        if messages[index].role != "tool":
            return index, found
        found.update(_results(messages[index]))
    return None, found


def _calls(message: Message) -> dict[str, int]:
    """Return the ids of a message's calls, each with its place among the parts."""
    if message.role != "assistant":
        return {}
    return {
        part.id: place for place, part in enumerate(message.parts) if isinstance(part, ToolCall)
    }


def _results(message: Message) -> dict[str, int]:
    if message.role != "tool":
        return {}
    return {
        part.call_id: place
        for place, part in enumerate(message.parts)
        if isinstance(part, ToolResult)
    }
