"""A chat completion in one piece.

Sources: openai-python 3.54 (`types/chat/chat_completion.py`, `chat_completion_message.py`,
`chat_completion_token_logprob.py`), read 2026-11-22.
"""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from typing import Any

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.logprobs import Scored
from mockllm.core.model import ChatReply, Reasoning, Refusal, Request, Text, ToolCall, Usage
from mockllm.providers.openai import chat_choice, chat_usage, schema
from mockllm.providers.openai.chat_choice import Audio, Choice
from mockllm.wire.skeleton import HOLE, around_holes

_FINGERPRINT = "fp_6d6f636b31"
_ID_LENGTH = 29
_KEPT = 2_048
_MAX_KEPT_CHARACTERS = 2_000
_SERVED_TIERS = {"flex": "flex", "scale": "scale", "priority": "priority", "fast": "priority"}


def encoded(exchange: Exchange) -> bytes:
    """Return a `chat.completion` as JSON. Most say one text, and differ in two places from those
    that say the same: these are encoded once."""
    request, reply = exchange.answered
    text = _only_text(exchange)
    if text is None:
        return msgspec.json.encode(completion(exchange))
    before, between, after = _skeleton(text, request.model, _tier(request), reply.usage)
    created = int(exchange.received_at_s)
    return b'%b"%b"%b%d%b' % (before, _id(exchange).encode(), between, created, after)


def completion(exchange: Exchange) -> dict[str, Any]:
    """Return a `chat.completion`."""
    return {
        **identity(exchange, "chat.completion"),
        "choices": [_whole(choice) for choice in chat_choice.choices(exchange)],
        "usage": chat_usage.usage(exchange),
        **origin(exchange),
    }


def identity(exchange: Exchange, kind: str) -> dict[str, Any]:
    """Return the members that say which completion this is."""
    request, _ = exchange.answered
    return _identity(_id(exchange), kind, int(exchange.received_at_s), request.model)


def _identity(id_: str, kind: str, created: int | str, model: str) -> dict[str, Any]:
    return {"id": id_, "object": kind, "created": created, "model": model}


def _id(exchange: Exchange) -> str:
    return f"chatcmpl-{exchange.draws.id('completion', _ID_LENGTH)}"


def origin(exchange: Exchange) -> dict[str, Any]:
    """Return the members that say what served it."""
    request, _ = exchange.answered
    return _origin(_tier(request))


def _origin(tier: str) -> dict[str, Any]:
    return {"service_tier": tier, "system_fingerprint": _FINGERPRINT}


def _tier(request: Request) -> str:
    """Return the tier that served a request: what was asked for is granted."""
    return _SERVED_TIERS.get(request.wire.service_tier or "", "default")


def _only_text(exchange: Exchange) -> str | None:
    """Return what an answer says that is one text and nothing else; None for every other, and for
    one that is too long to be kept."""
    request, reply = exchange.answered
    body: schema.ChatRequest = request.wire
    if len(exchange.replies) > 1 or len(reply.parts) != 1 or reply.finish != "stop":
        return None
    if request.sampling.logprobs is not None or body.prediction is not None or body.spoken_format:
        return None
    part = reply.parts[0]
    if not isinstance(part, Text) or len(part.text) > _MAX_KEPT_CHARACTERS:
        return None
    return part.text


@lru_cache(_KEPT)
def _skeleton(text: str, model: str, tier: str, usage: Usage) -> tuple[bytes, ...]:
    """Return a completion of one text, without its id and its time, in the pieces around them."""
    choice = Choice(0, ChatReply((Text(text),)))
    return around_holes(
        {
            **_identity(HOLE, "chat.completion", HOLE, model),
            "choices": [_whole(choice)],
            "usage": chat_usage.counts(usage),
            **_origin(tier),
        }
    )


def _whole(choice: Choice) -> dict[str, Any]:
    return {
        "index": choice.index,
        "message": _message(choice),
        "logprobs": None if choice.alternatives is None else _logprobs(choice),
        "finish_reason": choice.finish_reason,
    }


def _message(choice: Choice) -> dict[str, Any]:
    """Return the message. `content` is null when there is none; `tool_calls`, `function_call`,
    `audio` and `reasoning_content` (DeepSeek's, which clients read) are absent when there are
    none."""
    parts = choice.reply.parts
    reasoning = [part.text for part in parts if isinstance(part, Reasoning)]
    calls = [part for part in parts if isinstance(part, ToolCall)]
    message: dict[str, Any] = {
        "role": "assistant",
        "content": choice.content,
        "refusal": choice.refusal,
        "annotations": [],
    }
    if reasoning:
        message["reasoning_content"] = "".join(reasoning)
    if choice.audio:
        message["audio"] = _audio(choice.audio)
    if calls and choice.is_legacy:
        message["function_call"] = {"name": calls[0].name, "arguments": calls[0].arguments}
    elif calls:
        message["tool_calls"] = [call_object(choice, call) for call in calls]
    return message


def call_object(choice: Choice, call: ToolCall) -> dict[str, Any]:
    """Return a call as the kind of its tool has it. An id is formed as OpenAI's are; a rule's own
    is left as it is."""
    named = {"id": f"call_{call.id}" if call.is_drawn else call.id}
    if call.name in choice.custom_tools:
        custom = {"name": call.name, "input": call.arguments}
        return {**named, "type": "custom", "custom": custom}
    function = {"name": call.name, "arguments": call.arguments}
    return {**named, "type": "function", "function": function}


def _audio(audio: Audio) -> dict[str, Any]:
    return {
        "id": audio.id,
        "data": b64encode(audio.data).decode(),
        "expires_at": audio.expires_at,
        "transcript": audio.transcript,
    }


def _logprobs(choice: Choice) -> dict[str, Any]:
    """Return the probabilities of text and refusal; null for what is not said, so both are with
    tool calls only."""
    scored = list(zip(choice.reply.parts, choice.scored, strict=True))
    content = [token_object(each) for part, tokens in scored for each in tokens
               if isinstance(part, Text)]  # fmt: skip
    refusal = [token_object(each) for part, tokens in scored for each in tokens
               if isinstance(part, Refusal)]  # fmt: skip
    return {
        "content": None if choice.content is None else content,
        "refusal": None if choice.refusal is None else refusal,
    }


def token_object(scored: Scored) -> dict[str, Any]:
    """Return a token with its probability and the likeliest ones."""
    return {
        **_token(scored.token, scored.logprob),
        "top_logprobs": [_token(token, logprob) for token, logprob in scored.top],
    }


def _token(token: str, logprob: float) -> dict[str, Any]:
    return {"token": token, "logprob": logprob, "bytes": list(token.encode())}
