"""A chat completion in one piece.

Sources: openai-python 3.54 (`types/chat/chat_completion.py`, `chat_completion_message.py`,
`chat_completion_token_logprob.py`), read 2026-11-22.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.logprobs import Scored
from mockllm.core.model import Reasoning, Refusal, Text, ToolCall
from mockllm.providers.openai import chat_choice, chat_usage, schema
from mockllm.providers.openai.chat_choice import Audio, Choice
from mockllm.wire.skeleton import HOLE, WholeSkeletons

_FINGERPRINT = "fp_6d6f636b31"
_ID_LENGTH = 29
_SERVED_TIERS = {"flex": "flex", "scale": "scale", "priority": "priority", "fast": "priority"}
_skeletons = WholeSkeletons()


def encoded(exchange: Exchange) -> bytes:
    """Return a `chat.completion` as JSON. Most say one text, and differ in two places from those
    that say the same: these are encoded once."""
    text = _only_text(exchange)
    if text is None:
        return msgspec.json.encode(completion(exchange))
    request, reply = exchange.answered
    before, between, after = _skeletons.around(
        (text, request.model, request.wire.service_tier, reply.usage),
        lambda: {**completion(exchange), "id": HOLE, "created": HOLE},
    )
    created = int(exchange.received_at_s)
    return b'%b"%b"%b%d%b' % (before, _id(exchange).encode(), between, created, after)


def _only_text(exchange: Exchange) -> str | None:
    """Return what an answer says that is one text and nothing else; None for every other."""
    request, reply = exchange.answered
    body: schema.ChatRequest = request.wire
    if len(exchange.replies) > 1 or len(reply.parts) != 1 or reply.finish != "stop":
        return None
    if request.sampling.logprobs is not None or body.prediction is not None or body.spoken_format:
        return None
    part = reply.parts[0]
    return part.text if isinstance(part, Text) else None


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
    return {
        "id": _id(exchange),
        "object": kind,
        "created": int(exchange.received_at_s),
        "model": request.model,
    }


def _id(exchange: Exchange) -> str:
    return f"chatcmpl-{exchange.draws.id('completion', _ID_LENGTH)}"


def origin(exchange: Exchange) -> dict[str, Any]:
    """Return the members that say what served it. What tier was asked for is granted."""
    request, _ = exchange.answered
    tier = _SERVED_TIERS.get(request.wire.service_tier or "", "default")
    return {"service_tier": tier, "system_fingerprint": _FINGERPRINT}


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
