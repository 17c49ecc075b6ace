"""A message but for its content: what it is, why it ended, what it cost.

Source: anthropic-sdk-python 2.12 (`types/message.py`, `usage.py`, `stop_reason.py`,
`types/beta/beta_message.py`), read 2026-11-22.

Departures: `model` is echoed; a container lives 30 days from each request that names it, and
nothing is kept in it; no context is edited, however long.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import structs

from mockllm.core.exchange import Exchange
from mockllm.core.model import ChatReply, Finish, Refusal, Request, Text, Usage
from mockllm.core.tokens import count
from mockllm.providers.anthropic import schema
from mockllm.providers.anthropic.message_content import answered, whole_block
from mockllm.wire.skeleton import HOLE, WholeSkeletons

Members = dict[str, Any]

_STOP_REASON: Mapping[Finish, str] = {
    "stop": "end_turn",
    "stop_sequence": "stop_sequence",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
    "refusal": "refusal",
    "pause": "pause_turn",
    "context_length": "model_context_window_exceeded",
}
_UNUSED: Mapping[str, None] = {"diagnostics": None}
_ID_LENGTH = 22
_LEAST_OUTPUT_TOKENS = 1  # "non-zero, even for an empty string response" (`types/message.py`)
_HOUR_S = 3600
_CONTAINER_LIFE = timedelta(days=30)
_SPEEDS = ("standard", "fast")
_skeletons = WholeSkeletons()


def encoded(exchange: Exchange) -> bytes:
    """Return a whole message as JSON. Most say one text, and differ in their ids from those that
    say the same: these are encoded once."""
    text = _only_text(exchange)
    if text is None:
        return msgspec.json.encode(whole(exchange))
    request, reply = exchange.answered
    before, after = _skeletons.around(
        (text, request.model, reply.usage), lambda: {**whole(exchange), "id": HOLE}
    )
    return b'%b"%b"%b' % (before, _id(exchange).encode(), after)


def _only_text(exchange: Exchange) -> str | None:
    """Return what an answer says that is one text and nothing else, to a request that asks for
    nothing that messages tell besides; None for every other."""
    request, reply = exchange.answered
    body: schema.MessagesRequest = request.wire
    if len(reply.parts) != 1 or reply.finish != "stop" or body.max_tokens == 0:
        return None
    told = (body.container, body.context_management, body.inference_geo, body.speed)
    if request.cache_marks or any(each is not None for each in told):
        return None
    part = reply.parts[0]
    return part.text if isinstance(part, Text) else None


def whole(exchange: Exchange) -> Members:
    """Return a whole message."""
    request, reply = answered(exchange)
    ended = ending(exchange)
    return {
        **_identity(exchange, request),
        "content": [whole_block(part) for part in reply.parts],
        **ended.pop("delta"),
        "usage": {**ended.pop("usage"), **_priced(request, _said(request, reply))},
        **_UNUSED,
        **ended,
    }


def begun(exchange: Exchange) -> Members:
    """Return a message as it is before it says anything."""
    request, reply = answered(exchange)
    usage = structs.replace(reply.usage, output_tokens=_LEAST_OUTPUT_TOKENS, reasoning_tokens=0)
    return {
        **_identity(exchange, request),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
        "usage": {**_counts(usage), **_priced(request, usage)},
        **_UNUSED,
    }


def ending(exchange: Exchange) -> Members:
    """Return what a message's end tells, as `message_delta` does: `delta`, `usage`, and
    `context_management` where it was asked for."""
    request, reply = answered(exchange)
    told: Members = {
        "delta": {**_why_ended(reply), "container": _container(exchange, request)},
        "usage": _counts(_said(request, reply)),
    }
    body: schema.MessagesRequest = request.wire
    if body.context_management is not None:
        told["context_management"] = {"applied_edits": []}
    return told


def _identity(exchange: Exchange, request: Request) -> Members:
    return {
        "id": _id(exchange),
        "type": "message",
        "role": "assistant",
        "model": request.model,
    }


def _id(exchange: Exchange) -> str:
    return f"msg_01{exchange.draws.id('message', _ID_LENGTH)}"


def _why_ended(reply: ChatReply) -> Members:
    """Return why the message ends. A refusal's text is its explanation, as the API has it."""
    explanation = next((part.text for part in reply.parts if isinstance(part, Refusal)), None)
    refused = reply.finish in ("refusal", "content_filter")
    details = {"type": "refusal", "category": None, "explanation": explanation}
    return {
        "stop_reason": _STOP_REASON[reply.finish],
        "stop_sequence": reply.stop_sequence,
        "stop_details": details if refused else None,
    }


def _container(exchange: Exchange, request: Request) -> Members | None:
    """Return the container that the request names or asks for, None where it does neither."""
    asked: str | schema.ContainerParam | None = request.wire.container
    if asked is None:
        return None
    if isinstance(asked, str):
        asked = schema.ContainerParam(asked)
    expires = datetime.fromtimestamp(int(exchange.received_at_s), UTC) + _CONTAINER_LIFE
    drawn = f"container_01{exchange.draws.id('container', _ID_LENGTH)}"
    return {
        "id": asked.id or drawn,
        "expires_at": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "skills": [_skill(each) for each in asked.skills or ()] or None,
    }


def _skill(asked: Mapping[str, Any]) -> Members:
    return {
        "skill_id": str(asked.get("skill_id", "")),
        "type": "anthropic" if asked.get("type") == "anthropic" else "custom",
        "version": str(asked.get("version") or "latest"),
    }


def _said(request: Request, reply: ChatReply) -> Usage:
    """Return the tokens of a reply; those of a refusal's explanation are no output."""
    usage = reply.usage
    if request.sampling.max_tokens == 0:
        return structs.replace(usage, output_tokens=0, reasoning_tokens=0)
    refused = sum(count(part.text) for part in reply.parts if isinstance(part, Refusal))
    if not refused or usage.output_tokens != refused:
        return structs.replace(usage, output_tokens=max(usage.output_tokens, _LEAST_OUTPUT_TOKENS))
    return structs.replace(usage, output_tokens=0)


def _counts(usage: Usage) -> Members:
    """Return the counts that a stream's end tells again."""
    thinking = {"thinking_tokens": usage.reasoning_tokens} if usage.reasoning_tokens else None
    return {
        "input_tokens": max(usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens, 0),
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
        "output_tokens_details": thinking,
        "server_tool_use": None,
    }


def _priced(request: Request, usage: Usage) -> Members:
    """Return what the tokens cost besides how many there are."""
    body: schema.MessagesRequest = request.wire
    long_tokens = _written_for_an_hour(request, usage)
    priced: Members = {
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_tokens - long_tokens,
            "ephemeral_1h_input_tokens": long_tokens,
        },
        "service_tier": "standard",
        "inference_geo": body.inference_geo or "global",
    }
    return {**priced, "speed": body.speed} if body.speed in _SPEEDS else priced


def _written_for_an_hour(request: Request, usage: Usage) -> int:
    """Return how many of the tokens written to the cache stand before the last mark of 1 h."""
    marked = [mark.tokens for mark in request.cache_marks if mark.ttl_s == _HOUR_S]
    tokens = max(marked, default=0) - usage.cached_tokens
    return min(max(tokens, 0), usage.cache_write_tokens)
