"""`POST /v1/messages`.

Sources: streams captured from the API (2024 to 2026) for the order of events and members;
anthropic-sdk-python 2.12 (`types/message.py`, `usage.py`, `raw_message_*_event.py`, read
2026-11-22) for members newer than those.

Departures: `max_tokens` and `anthropic-version` are not required; `model` is echoed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, assert_never

import msgspec

from mockllm.core import events
from mockllm.core.exchange import Exchange, Raw
from mockllm.core.model import (
    ChatReply,
    File,
    Finish,
    Image,
    Message,
    Part,
    Reasoning,
    Request,
    Sampling,
    Text,
    ToolCall,
    ToolResult,
    Usage,
    joined_text,
)
from mockllm.core.protocol import Encoding, Frame
from mockllm.errors import RequestError
from mockllm.providers.anthropic import dialect, schema
from mockllm.wire import sse, typed

NAME = "chat"
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON, "sse": sse.CONTENT_TYPE}

headers = dialect.headers
render_error = dialect.render_error

_STOP_REASON: Mapping[Finish, str] = {
    "stop": "end_turn",
    "stop_sequence": "stop_sequence",
    "length": "max_tokens",
}
_ID_LENGTH = 22
_FIRST_OUTPUT_TOKENS = 1  # "non-zero, even for an empty string response" (`types/message.py`)
_UNUSED = {"container": None, "diagnostics": None}
_PING = sse.event("ping", {"type": "ping"})

_decoder = msgspec.json.Decoder(schema.MessagesRequest)


def _image(block: schema.ImageBlock) -> Image:
    source = block.source
    if source.data is not None:
        return Image(f"data:{source.media_type};base64,{source.data}")
    return Image(source.url or source.file_id or "")


def _document(block: schema.DocumentBlock) -> File:
    return File(block.title or block.source.url or block.source.file_id or "")


def _tool_use(block: schema.ToolUseBlock) -> ToolCall:
    return ToolCall(block.id, block.name, msgspec.json.encode(block.input or {}).decode())


def _tool_result(block: schema.ToolResultBlock) -> ToolResult:
    return ToolResult(block.tool_use_id, _parts(block.content or (), ()), bool(block.is_error))


_PARTS: typed.PartTable = {
    "text": (schema.TextBlock, lambda block: Text(block.text)),
    "image": (schema.ImageBlock, _image),
    "document": (schema.DocumentBlock, _document),
    "tool_use": (schema.ToolUseBlock, _tool_use),
    "tool_result": (schema.ToolResultBlock, _tool_result),
    "thinking": (
        schema.ThinkingBlock,
        lambda block: Reasoning(block.thinking, block.signature),
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
    )


def _message(role: str, parts: tuple[Part, ...]) -> Message:
    """Return a message; one that carries tool results is a `tool` message, text and all."""
    has_results = any(isinstance(part, ToolResult) for part in parts)
    return Message("tool" if has_results else role, parts)


def _parts(content: str | Sequence[Mapping[str, Any]], path: typed.Path) -> tuple[Part, ...]:
    return (Text(content),) if isinstance(content, str) else typed.parts(content, _PARTS, path)


def render(exchange: Exchange) -> bytes:
    """Return a `message`."""
    _, reply = exchange.answered
    content = [{"type": "text", "text": joined_text((part,))} for part in reply.parts]
    return msgspec.json.encode(
        {
            **_identity(exchange),
            "content": content,
            "stop_reason": _STOP_REASON[reply.finish],
            "stop_sequence": reply.stop_sequence,
            "stop_details": None,
            "usage": _usage(reply.usage),
            **_UNUSED,
        }
    )


def stream(exchange: Exchange) -> Iterator[Frame]:
    """Yield `message_start`, the content blocks, `message_delta` and `message_stop`."""
    _, reply = exchange.answered
    for event in events.events(reply):
        match event:
            case events.Started():
                yield Frame(_message_start(exchange, reply), "open")
            case events.TextStarted(index):
                block = {"type": "text", "text": ""}
                yield Frame(_event("content_block_start", index=index, content_block=block), "open")
                if index == 0:
                    yield Frame(_PING, "open")
            case events.TextDelta(index, text, chunk):
                delta = {"type": "text_delta", "text": text}
                data = _event("content_block_delta", index=index, delta=delta)
                yield Frame(data, "delta", chunk)
            case events.TextEnded(index):
                yield Frame(_event("content_block_stop", index=index), "delta")
            case events.Finished():
                yield Frame(_message_delta(reply), "finish")
            case _:
                assert_never(event)
    yield Frame(_event("message_stop"), "end")


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
    usage = Usage(reply.usage.input_tokens, _FIRST_OUTPUT_TOKENS)
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
    delta = {
        "stop_reason": _STOP_REASON[reply.finish],
        "stop_sequence": reply.stop_sequence,
        "stop_details": None,
    }
    return _event("message_delta", delta=delta, usage=_token_counts(reply.usage))


def _token_counts(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens - usage.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": max(usage.output_tokens, _FIRST_OUTPUT_TOKENS),
    }


def _usage(usage: Usage) -> dict[str, Any]:
    cache_creation = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}
    counts = _token_counts(usage)
    return {**counts, "cache_creation": cache_creation, "service_tier": "standard"}
