"""`POST /v1/messages`.

Sources: streams captured from the API (2024 to 2026) for the order of events and members;
anthropic-sdk-python 2.12 (`types/message.py`, `usage.py`, `raw_message_*_event.py`, read
2026-11-22) for members newer than those.

Departures: `max_tokens` (unless `settings.validation` rejects) and `anthropic-version` are not
required; `model` is echoed.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, assert_never

import msgspec
from msgspec import structs

from mockllm.core import events
from mockllm.core.exchange import Exchange
from mockllm.core.model import (
    ChatReply,
    File,
    Finish,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Request,
    ResponseFormat,
    Sampling,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Usage,
    joined_text,
)
from mockllm.core.protocol import Encoding, Frame, Role
from mockllm.core.raw import Raw
from mockllm.core.tokens import count
from mockllm.errors import RequestError
from mockllm.providers.anthropic import dialect, judgements, schema
from mockllm.wire import sse, typed

NAME = "chat"
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON, "sse": sse.CONTENT_TYPE}

JUDGEMENTS = judgements.MESSAGES
headers = dialect.headers
render_error = dialect.render_error

_STOP_REASON: Mapping[Finish, str] = {
    "stop": "end_turn",
    "stop_sequence": "stop_sequence",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
    "refusal": "refusal",
}
_ID_LENGTH = 22
_LEAST_OUTPUT_TOKENS = 1  # "non-zero, even for an empty string response" (`types/message.py`)
_UNUSED = {"container": None, "diagnostics": None}
_PING = sse.event("ping", {"type": "ping"})

_decoder = msgspec.json.Decoder(schema.MessagesRequest)


def _image(block: schema.ImageBlock, _: typed.Path) -> Image:
    source = block.source
    if source.data is not None:
        return Image(f"data:{source.media_type};base64,{source.data}")
    return Image(source.url or source.file_id or "")


def _document(block: schema.DocumentBlock, _: typed.Path) -> File:
    return File(block.title or block.source.url or block.source.file_id or "")


def _tool_use(block: schema.ToolUseBlock, _: typed.Path) -> ToolCall:
    return ToolCall(block.id, block.name, msgspec.json.encode(block.input or {}).decode())


def _tool_result(block: schema.ToolResultBlock, path: typed.Path) -> ToolResult:
    return ToolResult(
        block.tool_use_id, _parts(block.content or (), (*path, "content")), bool(block.is_error)
    )


_PARTS: typed.PartTable = {
    "text": (schema.TextBlock, lambda block, _: Text(block.text)),
    "image": (schema.ImageBlock, _image),
    "document": (schema.DocumentBlock, _document),
    "tool_use": (schema.ToolUseBlock, _tool_use),
    "tool_result": (schema.ToolResultBlock, _tool_result),
    "thinking": (
        schema.ThinkingBlock,
        lambda block, _: Reasoning(block.thinking, block.signature),
    ),
}


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        RequestError: the body is not JSON, lacks `model` or `messages`, or has a member of the
            wrong type.
    """
    body = typed.decode(raw.body, _decoder)
    messages = [
        _message(each.role, _parts(each.content, ("messages", index, "content")))
        for index, each in enumerate(body.messages)
    ]
    if body.system:
        messages.insert(0, Message("system", _parts(body.system, ("system",))))
    return Request(
        operation=NAME,
        provider=dialect.NAME,
        model=body.model,
        messages=tuple(messages),
        sampling=Sampling(body.max_tokens, tuple(filter(None, body.stop_sequences or ()))),
        stream=bool(body.stream),
        tools=tuple(_tools(body.tools or ())),
        tool_choice=_tool_choice(body.tool_choice),
        response_format=_response_format(body.output_config),
    )


def _tools(params: Sequence[schema.ToolParam]) -> Iterator[Tool]:
    """Yield the client's tools; server tools have no schema and are let through."""
    for param in params:
        if param.input_schema is not None:
            yield Tool(param.name, param.description or "", param.input_schema)


def _tool_choice(param: schema.ToolChoiceParam | None) -> ToolChoice:
    if param is None:
        return ToolChoice()
    parallel = not param.disable_parallel_tool_use
    match param.type:
        case "any":
            return ToolChoice("required", None, parallel)
        case "tool":
            return ToolChoice("named", param.name, parallel)
        case "none":
            return ToolChoice("none", None, parallel)
        case _:
            return ToolChoice("auto", None, parallel)


def _response_format(config: schema.OutputConfig | None) -> ResponseFormat:
    wanted = config.format if config else None
    if wanted is None or wanted.type != "json_schema":
        return ResponseFormat()
    return ResponseFormat("json_schema", None, wanted.schema)


def _message(role: str, parts: tuple[Part, ...]) -> Message:
    """Return a message; one that carries tool results is a `tool` message, text and all."""
    has_results = any(isinstance(part, ToolResult) for part in parts)
    return Message("tool" if has_results else role, parts)


def _parts(content: str | Sequence[Mapping[str, Any]], path: typed.Path) -> tuple[Part, ...]:
    return (Text(content),) if isinstance(content, str) else typed.parts(content, _PARTS, path)


def render(exchange: Exchange) -> bytes:
    """Return a `message`."""
    _, reply = exchange.answered
    return msgspec.json.encode(
        {
            **_identity(exchange),
            "content": [_block(part) for part in reply.parts],
            **_ending(reply),
            "usage": _usage(_said(reply)),
            **_UNUSED,
        }
    )


def _block(part: Part) -> dict[str, Any]:
    """Return a whole content block."""
    match part:
        case ToolCall():
            return _tool_use_block(part, _arguments(part))
        case Reasoning(text, signature):
            return {"type": "thinking", "thinking": text, "signature": signature or _sign(text)}
        case Refusal():
            return {"type": "text", "text": ""}
        case _:
            return {"type": "text", "text": joined_text((part,))}


def _tool_use_block(call: ToolCall, arguments: Any) -> dict[str, Any]:
    """Return a `tool_use` block; a rule's own id is left as it is."""
    call_id = f"toolu_01{call.id[:_ID_LENGTH]}" if call.is_drawn else call.id
    caller = {"type": "direct"}
    block = {"type": "tool_use", "id": call_id, "name": call.name, "caller": caller}
    return {**block, "input": arguments}


def _arguments(call: ToolCall) -> Any:
    """Return the arguments as data; what `max_tokens` cut in the middle comes out as {}."""
    try:
        return msgspec.json.decode(call.arguments)
    except msgspec.DecodeError:
        return {}


def _sign(text: str) -> str:
    """Return a signature for a thinking block: opaque to clients, the same for the same text."""
    return b64encode(blake2b(text.encode(), digest_size=48).digest()).decode()


def stream(exchange: Exchange) -> Iterator[Frame]:
    """Yield `message_start`, the content blocks, `message_delta` and `message_stop`."""
    _, reply = exchange.answered
    for event in events.events(reply):
        match event:
            case events.Started():
                yield Frame(_message_start(exchange, reply), "open")
            case events.PartStarted(index, part):
                yield from _block_start(index, part)
            case events.Delta(index, text, chunk):
                if not isinstance(reply.parts[index], Refusal):
                    delta = _delta(reply.parts[index], text)
                    data = _event("content_block_delta", index=index, delta=delta)
                    yield Frame(data, "delta", chunk)
            case events.PartEnded(index, part):
                yield from _block_stop(index, part)
            case events.Finished():
                yield Frame(_message_delta(reply), "finish")
            case _:
                assert_never(event)
    yield Frame(_event("message_stop"), "end")


def _block_start(index: int, part: Part) -> Iterator[Frame]:
    """Yield how a block begins, and after the first one the ping that the API sends there."""
    role: Role = "delta" if index else "open"
    match part:
        case ToolCall():
            block = _tool_use_block(part, {})
        case Reasoning():
            block = {"type": "thinking", "thinking": "", "signature": ""}
        case _:
            block = {"type": "text", "text": ""}
    yield Frame(_event("content_block_start", index=index, content_block=block), role)
    if index == 0 and not isinstance(part, Refusal):
        yield Frame(_PING, role)
    if isinstance(part, ToolCall):
        delta = _delta(part, "")
        yield Frame(_event("content_block_delta", index=index, delta=delta), role)


def _block_stop(index: int, part: Part) -> Iterator[Frame]:
    """Yield how a block ends: a thinking block with its signature."""
    if isinstance(part, Reasoning):
        signature = part.signature or _sign(part.text)
        delta = {"type": "signature_delta", "signature": signature}
        yield Frame(_event("content_block_delta", index=index, delta=delta), "delta")
    yield Frame(_event("content_block_stop", index=index), "delta")


def _delta(part: Part, text: str) -> dict[str, Any]:
    match part:
        case ToolCall():
            return {"type": "input_json_delta", "partial_json": text}
        case Reasoning():
            return {"type": "thinking_delta", "thinking": text}
        case _:
            return {"type": "text_delta", "text": text}


def error_frame(error: RequestError, exchange: Exchange) -> Frame:
    """Return `error` as an `error` event."""
    return Frame(sse.event("error", dialect.error_body(error, exchange)), "end")


def _identity(exchange: Exchange) -> dict[str, Any]:
    request, _ = exchange.answered
    return {
        "id": f"msg_01{exchange.draws.id('message', _ID_LENGTH)}",
        "type": "message",
        "role": "assistant",
        "model": request.model,
    }


def _event(name: str, **members: Any) -> bytes:
    return sse.event(name, {"type": name, **members})


def _message_start(exchange: Exchange, reply: ChatReply) -> bytes:
    usage = Usage(reply.usage.input_tokens, _LEAST_OUTPUT_TOKENS, reply.usage.cached_tokens)
    message = {
        **_identity(exchange),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "usage": _usage(usage),
        **_UNUSED,
    }
    return _event("message_start", message=message)


def _message_delta(reply: ChatReply) -> bytes:
    return _event("message_delta", delta=_ending(reply), usage=_token_counts(_said(reply)))


def _ending(reply: ChatReply) -> dict[str, Any]:
    """Return why the message ends. A refusal's text is its explanation, as the API has it."""
    explanation = next((part.text for part in reply.parts if isinstance(part, Refusal)), None)
    refused = reply.finish in ("refusal", "content_filter")
    details = {"type": "refusal", "category": None, "explanation": explanation}
    return {
        "stop_reason": _STOP_REASON[reply.finish],
        "stop_sequence": reply.stop_sequence,
        "stop_details": details if refused else None,
    }


def _said(reply: ChatReply) -> Usage:
    """Return the tokens of a reply; those of a refusal's explanation are no output."""
    refused = sum(count(part.text) for part in reply.parts if isinstance(part, Refusal))
    usage = reply.usage
    if not refused or usage.output_tokens != refused:
        return structs.replace(usage, output_tokens=max(usage.output_tokens, _LEAST_OUTPUT_TOKENS))
    return structs.replace(usage, output_tokens=0)


def _token_counts(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": max(usage.input_tokens - usage.cached_tokens, 0),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
    }


def _usage(usage: Usage) -> dict[str, Any]:
    cache_creation = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}
    counts = _token_counts(usage)
    return {**counts, "cache_creation": cache_creation, "service_tier": "standard"}
