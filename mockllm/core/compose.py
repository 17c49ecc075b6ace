"""A rule's answer and a request make the reply: cut where the client asked, and counted."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import structs

from mockllm.core import tokens
from mockllm.core.model import ChatReply, Finish, Part, Request, Text, ToolResult, Usage


def canned(text: str) -> ChatReply:
    """Return `text` as a reply, counted now so that requests need not."""
    return ChatReply((Text(text),), usage=Usage(output_tokens=tokens.count(text)))


def compose(reply: ChatReply, request: Request) -> ChatReply:
    """Return `reply` as this request gets it.

    The text ends before the first stop sequence in it and after `max_tokens` tokens, whichever
    comes first; `finish` says which it was.
    """
    input_tokens = content_tokens(part for message in request.messages for part in message.parts)
    limit_tokens, stop = request.sampling.max_tokens, request.sampling.stop
    fits = limit_tokens is None or reply.usage.output_tokens <= limit_tokens
    if fits and not stop:
        return structs.replace(reply, usage=structs.replace(reply.usage, input_tokens=input_tokens))

    text = "".join(part.text for part in reply.parts if isinstance(part, Text))
    text, finish, stop_sequence = _cut(text, stop, limit_tokens, reply.finish)
    usage = Usage(input_tokens, tokens.count(text))
    return ChatReply((Text(text),), finish, stop_sequence, usage)


def _cut(
    text: str, stop: tuple[str, ...], limit_tokens: int | None, finish: Finish
) -> tuple[str, Finish, str | None]:
    found = [(position, sequence) for sequence in stop if (position := text.find(sequence)) >= 0]
    stop_sequence = None
    if found:
        position, stop_sequence = min(found)
        text, finish = text[:position], "stop_sequence"
    if limit_tokens is not None:
        pieces = tokens.pieces(text)
        if len(pieces) > limit_tokens:
            return "".join(pieces[:limit_tokens]), "length", None
    return text, finish, stop_sequence


def content_tokens(parts: Iterable[Part]) -> int:
    """Return how many tokens the texts of `parts` have, those inside tool results included."""
    total = 0
    for part in parts:
        match part:
            case Text(text):
                total += tokens.estimate(text)
            case ToolResult(parts=inner):
                total += content_tokens(inner)
            case _:
                pass
    return total
