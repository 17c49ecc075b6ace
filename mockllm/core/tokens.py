"""Token counts without a tokenizer: an offline, deterministic estimate.

A token is a word of up to eight letters with the space before it, up to three digits, one
punctuation mark, one ideograph, or a run of white space. English prose comes out near four
characters a token, as with the vendors' tokenizers; other text may differ more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from mockllm.core.model import File, Message, Part, Request, Text, Tool, ToolCall, ToolResult

_CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff"
_EXACT_CHARACTERS = 65_536
_CHARACTERS_PER_TOKEN = 4
_MAX_COUNTS = 10_000
_counts: dict[tuple[int, int], int] = {}
"""Of texts that were counted, by their hashes and lengths: a conversation is sent again with every
message, and most of what programs send is the same each time."""

_TOKEN = re.compile(rf" ?(?:[^\W\d_{_CJK}]{{1,8}}|\d{{1,3}}|[{_CJK}]|[^\w\s]|_)|\s+|\w")


def pieces(text: str) -> list[str]:
    """Return the tokens of `text`; joined they are `text` again."""
    return _TOKEN.findall(text)


def each(text: str) -> Iterator[str]:
    """Yield the tokens of `text`, cutting each when it is asked for: a stream keeps none, nor the
    2 KB of an iterator over matches."""
    at = 0
    while found := _TOKEN.match(text, at):
        yield found[0]
        at = found.end()


def estimate(text: str) -> int:
    """Return how many tokens `text` has, or for a long one would have if it went on as it begins:
    the cost of a request must not grow with its length."""
    if len(text) <= _EXACT_CHARACTERS:
        return count(text)
    return count(text[:_EXACT_CHARACTERS]) * len(text) // _EXACT_CHARACTERS


def count(text: str) -> int:
    """Return how many tokens `text` has.

    >>> count("What is 2+2?")
    6
    """
    key = hash(text), len(text)
    found = _counts.get(key)
    if found is None:
        if len(_counts) >= _MAX_COUNTS:
            _counts.clear()
        found = _counts[key] = len(_TOKEN.findall(text))
    return found


def content_tokens(parts: Iterable[Part]) -> int:
    """Return how many tokens `parts` have: texts, those inside tool results and files included,
    and tool calls. Images and audio count nothing, nor does reasoning that is sent back."""
    total = 0
    for part in parts:
        match part:
            case Text(text) | File(text=text):
                total += estimate(text)
            case ToolCall(name=name, arguments=arguments):
                total += estimate(name) + estimate(arguments)
            case ToolResult(parts=inner):
                total += content_tokens(inner)
            case _:
                pass
    return total


def tool_tokens(tool: Tool) -> int:
    """Return how many tokens the definition of a tool has."""
    said = estimate(tool.name) + estimate(tool.description)
    return said + data_tokens(tool.parameters)


def data_tokens(value: Mapping[str, Any]) -> int:
    """Return how many tokens a JSON object has, by its length: a schema is mostly punctuation,
    and long tools come with every request of an agent."""
    return -(-len(msgspec.json.encode(value)) // _CHARACTERS_PER_TOKEN) if value else 0


def input_tokens(request: Request) -> int:
    """Return how many tokens a request has, its tools included: counted by the client where it
    sent tokens, else estimated."""
    if request.input_tokens:
        return sum(request.input_tokens)
    return tokens_of(request.tools, request.messages)


def tokens_of(tools: Iterable[Tool], messages: Iterable[Message]) -> int:
    """Return how many tokens tools and messages have."""
    said = content_tokens(part for message in messages for part in message.parts)
    return said + sum(map(tool_tokens, tools))
