"""A `GenerateContentResponse`: candidates, usage and what it is.

Source: https://ai.google.dev/api/generate-content#GenerateContentResponse and google-genai 3.4
(`types.py`), read 2026-11-22.

What a model declines: a rule's `refusal` is a candidate that ends with SAFETY, its text the
`finishMessage`; a `content_filter` that says nothing is a blocked prompt, without candidates.

Departures: `modelVersion` echoes the model; thoughts are shown when the rule has them, whatever
`thinkingConfig` says; every call has an id and the first a signature, as the newer models' have
(https://ai.google.dev/gemini-api/docs/thought-signatures).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.model import (
    ChatReply,
    Finish,
    Part,
    Reasoning,
    Refusal,
    ToolCall,
    part_text,
)

Members = dict[str, Any]

_FINISH: Mapping[Finish, str] = {
    "stop": "STOP",
    "stop_sequence": "STOP",
    "length": "MAX_TOKENS",
    "tool_calls": "STOP",
    "content_filter": "SAFETY",
    "refusal": "SAFETY",
    "pause": "STOP",
    "context_length": "MAX_TOKENS",
}
_RATINGS = [{"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": True}]
_ID_LENGTH = 22
_CALL_ID_LENGTH = 8


def whole(exchange: Exchange) -> Members:
    """Return a whole answer."""
    _, replies = exchange.answered_by(ChatReply)
    if is_blocked(replies):
        return blocked(exchange)
    candidates = [
        candidate(number, whole_parts(reply), reply) for number, reply in enumerate(replies)
    ]
    return {"candidates": candidates, **about(exchange, is_last=True)}


def is_blocked(replies: tuple[ChatReply, ...]) -> bool:
    """Whether the prompt was blocked, so that there are no candidates."""
    return all(
        reply.finish == "content_filter" and not any(map(part_text, reply.parts))
        for reply in replies
    )


def blocked(exchange: Exchange) -> Members:
    """Return the answer to a blocked prompt."""
    feedback = {"blockReason": "SAFETY", "safetyRatings": _RATINGS}
    return {"promptFeedback": feedback, **about(exchange, is_last=True)}


def candidate(number: int, parts: list[Members], ended: ChatReply | None) -> Members:
    """Return a candidate, or a piece of one; `ended` is the reply that ends with it."""
    found: Members = {"content": {"parts": parts, "role": "model"}} if parts else {}
    if ended is not None:
        found["finishReason"] = _FINISH[ended.finish]
    found["index"] = number
    if ended is not None and ended.finish in ("content_filter", "refusal"):
        found["safetyRatings"] = _RATINGS
        refusals = [part.text for part in ended.parts if isinstance(part, Refusal)]
        if refusals:
            found["finishMessage"] = "".join(refusals)
    return found


def whole_parts(reply: ChatReply) -> list[Members]:
    """Return what a reply says; texts that follow each other are one, as in a stream."""
    found: list[Members] = []
    for index, part in enumerate(reply.parts):
        if not is_shown(part):
            continue
        said = signed(part_object(part, part_text(part)), reply, index)
        before = found[-1] if found else {}
        if "text" in said and "text" in before and said.get("thought") == before.get("thought"):
            found[-1] = {**before, **said, "text": before["text"] + said["text"]}
        else:
            found.append(said)
    return found or silence(reply)


def is_shown(part: Part) -> bool:
    """Whether a part is told: a call, or a text that is not empty and no refusal."""
    return isinstance(part, ToolCall) or (not isinstance(part, Refusal) and bool(part_text(part)))


def silence(reply: ChatReply) -> list[Members]:
    """Return the parts of a reply that says nothing; a refusal has none."""
    return [] if reply.finish in ("content_filter", "refusal") else [{"text": ""}]


def part_object(part: Part, text: str) -> Members:
    """Return a part that says `text`; a call is always whole."""
    match part:
        case ToolCall():
            call = {"name": part.name, "args": _arguments(part), "id": _call_id(part)}
            return {"functionCall": call}
        case Reasoning():
            return {"text": text, "thought": True}
        case _:
            return {"text": text}


def signed(said: Members, reply: ChatReply, index: int) -> Members:
    """Return what part `index` says with the signature it carries, if any: that of the thought
    before it; the first call has one in any case, and clients that find none complain."""
    part, before = reply.parts[index], reply.parts[:index]
    match part, before[-1:]:
        case Reasoning(), _:
            return said
        case _, (Reasoning() as thought,):
            signature = thought.signature or _opaque(thought.text)
        case ToolCall(), _ if not any(isinstance(each, ToolCall) for each in before):
            signature = _opaque(part_text(part))
        case _:
            return said
    return {**said, "thoughtSignature": signature}


def _opaque(text: str) -> str:
    """Return a signature: it says nothing to clients, and is the same for the same text."""
    return b64encode(blake2b(text.encode(), digest_size=48).digest()).decode()


def _call_id(call: ToolCall) -> str:
    """Return the id of a call; a rule's own is left as it is."""
    return call.id[:_CALL_ID_LENGTH].lower() if call.is_drawn else call.id


def _arguments(call: ToolCall) -> Any:
    """Return the arguments as data; what a token limit cut in the middle comes out as {}."""
    try:
        return msgspec.json.decode(call.arguments)
    except msgspec.DecodeError:
        return {}


def about(exchange: Exchange, is_last: bool) -> Members:
    """Return what an answer tells besides its candidates; the output is counted in the last
    chunk of one."""
    request, _ = exchange.answered
    return {
        "usageMetadata": _usage(exchange, is_last),
        "modelVersion": request.model,
        "responseId": exchange.draws.id("response", _ID_LENGTH),
    }


def _usage(exchange: Exchange, is_last: bool) -> Members:
    usage = exchange.usage
    prompt = max(usage.input_tokens, usage.cached_tokens)
    counts: Members = {"promptTokenCount": prompt}
    if usage.cached_tokens:
        counts["cachedContentTokenCount"] = usage.cached_tokens
    if is_last:
        counts["candidatesTokenCount"] = max(usage.output_tokens - usage.reasoning_tokens, 0)
    total = prompt + usage.output_tokens if is_last else prompt
    counts["totalTokenCount"] = total
    counts["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": prompt}]
    if is_last and usage.reasoning_tokens:
        counts["thoughtsTokenCount"] = usage.reasoning_tokens
    return counts
