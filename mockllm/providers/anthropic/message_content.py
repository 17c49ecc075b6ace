"""What a reply says, as Anthropic's content blocks.

Sources: anthropic-sdk-python 2.12 (`types/content_block.py`, `thinking_block.py`) and
https://platform.claude.com/docs/en/build-with-claude/extended-thinking, read 2026-11-22.

Departure: thinking is shown when the rule has it, whatever the request's `thinking` says;
`display: omitted` empties it, as in the API.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import structs

from mockllm.core.exchange import Exchange
from mockllm.core.model import (
    ChatReply,
    Part,
    Reasoning,
    Refusal,
    Request,
    ToolCall,
    joined_text,
)
from mockllm.providers.anthropic import schema

Block = dict[str, Any]

_CALL_ID_LENGTH = 22


def answered(exchange: Exchange) -> tuple[Request, ChatReply]:
    """Return the request and its reply as far as it is told: without the thinking that the client
    does not want to see, and nothing at all where `max_tokens` is 0, which only fills the cache."""
    request, reply = exchange.answered
    body: schema.MessagesRequest = request.wire
    if body.max_tokens == 0:
        return request, structs.replace(reply, parts=())
    if body.thinking is not None and body.thinking.display == "omitted":
        return request, structs.replace(reply, parts=tuple(map(_unseen, reply.parts)))
    return request, reply


def _unseen(part: Part) -> Part:
    if isinstance(part, Reasoning):
        return Reasoning("", signature(part))
    return part


def whole_block(part: Part) -> Block:
    """Return a whole content block."""
    match part:
        case ToolCall():
            return {**begun_block(part), "input": _arguments(part)}
        case Reasoning(text):
            return {"type": "thinking", "thinking": text, "signature": signature(part)}
        case Refusal():
            return {"type": "text", "text": ""}
        case _:
            return {"type": "text", "text": joined_text((part,))}


def begun_block(part: Part) -> Block:
    """Return a content block as it is before it says anything."""
    match part:
        case ToolCall():
            return {
                "type": "tool_use",
                "id": _call_id(part),
                "name": part.name,
                "caller": {"type": "direct"},
                "input": {},
            }
        case Reasoning():
            return {"type": "thinking", "thinking": "", "signature": ""}
        case _:
            return {"type": "text", "text": ""}


def delta(part: Part, text: str) -> Block:
    """Return what a block says next."""
    match part:
        case ToolCall():
            return {"type": "input_json_delta", "partial_json": text}
        case Reasoning():
            return {"type": "thinking_delta", "thinking": text}
        case _:
            return {"type": "text_delta", "text": text}


def signature(part: Reasoning) -> str:
    """Return the signature of a thinking block: opaque to clients, the same for the same text."""
    if part.signature is not None:
        return part.signature
    return b64encode(blake2b(part.text.encode(), digest_size=48).digest()).decode()


def _call_id(call: ToolCall) -> str:
    """Return the id of a call; a rule's own is left as it is."""
    return f"toolu_01{call.id[:_CALL_ID_LENGTH]}" if call.is_drawn else call.id


def _arguments(call: ToolCall) -> Any:
    """Return the arguments as data; what `max_tokens` cut in the middle comes out as {}."""
    try:
        return msgspec.json.decode(call.arguments)
    except msgspec.DecodeError:
        return {}
