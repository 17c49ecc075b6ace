"""`POST /v1/chat/completions`.

Sources: streams captured from the API (2024-09) for the order of members and for what is null or
absent; openai-python 3.54 (`types/chat/chat_completion.py`, `chat_completion_chunk.py`,
`types/completion_usage.py`, read 2026-11-22) for members newer than those.

Departures: `model` is echoed where the API answers with a dated name; `usage` is absent, as in
the captures, on all chunks but the last, where the documentation says null; chunks carry no
`obfuscation`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, assert_never

import msgspec

from mockllm.core import events
from mockllm.core.exchange import Exchange, Raw
from mockllm.core.model import (
    Audio,
    File,
    Finish,
    Image,
    Message,
    Part,
    Refusal,
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
from mockllm.providers.openai import dialect, schema
from mockllm.wire import sse, typed

NAME = "chat"
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON, "sse": sse.CONTENT_TYPE}

headers = dialect.headers
render_error = dialect.render_error

_FINISH: Mapping[Finish, str] = {"stop": "stop", "stop_sequence": "stop", "length": "length"}
_ORIGIN = {"service_tier": "default", "system_fingerprint": "fp_6d6f636b31"}
_ID_LENGTH = 29
_DONE = Frame(b"data: [DONE]\n\n", "end")

_decoder = msgspec.json.Decoder(schema.ChatRequest)
_PARTS: typed.PartTable = {
    "text": (schema.TextPart, lambda part: Text(part.text)),
    "refusal": (schema.RefusalPart, lambda part: Refusal(part.refusal)),
    "image_url": (schema.ImagePart, lambda part: Image(part.image_url.url)),
    "input_audio": (schema.AudioPart, lambda part: Audio(part.input_audio.format)),
    "file": (schema.FilePart, lambda part: File(part.file.filename or part.file.file_id or "")),
}


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        RequestError: the body is not JSON, lacks `model` or `messages`, or has a member of the
            wrong type.
    """
    body = typed.decode(raw.body, _decoder)
    limit_tokens = body.max_completion_tokens
    if limit_tokens is None:
        limit_tokens = body.max_tokens
    stop = (body.stop,) if isinstance(body.stop, str) else tuple(body.stop or ())
    options = body.stream_options
    return Request(
        operation=NAME,
        provider=dialect.NAME,
        model=body.model,
        messages=tuple(_message(each, index) for index, each in enumerate(body.messages)),
        sampling=Sampling(limit_tokens, tuple(filter(None, stop))),
        stream=bool(body.stream),
        stream_usage=options is not None and bool(options.include_usage),
    )


def _message(message: schema.ChatMessage, index: int) -> Message:
    parts: tuple[Part, ...] = ()
    if isinstance(message.content, str):
        parts = (Text(message.content),)
    elif message.content is not None:
        parts = typed.parts(message.content, _PARTS, ("messages", index, "content"))
    if message.role == "tool":
        return Message("tool", (ToolResult(message.tool_call_id or "", parts),))
    if message.refusal:
        parts += (Refusal(message.refusal),)
    return Message(message.role, parts + tuple(map(_tool_call, message.tool_calls or ())))


def _tool_call(call: schema.ToolCallParam) -> ToolCall:
    if call.custom is not None:
        return ToolCall(call.id, call.custom.name, call.custom.input)
    function = call.function or schema.FunctionCall()
    return ToolCall(call.id, function.name, function.arguments)


def render(exchange: Exchange) -> bytes:
    """Return a `chat.completion`."""
    _, reply = exchange.answered
    choice = {
        "index": 0,
        "message": {
            "role": "assistant",
            "content": joined_text(reply.parts, ""),
            "refusal": None,
            "annotations": [],
        },
        "logprobs": None,
        "finish_reason": _FINISH[reply.finish],
    }
    return msgspec.json.encode(
        {
            **_identity(exchange, "chat.completion"),
            "choices": [choice],
            "usage": _usage(reply.usage),
            **_ORIGIN,
        }
    )


def stream(exchange: Exchange) -> Iterator[Frame]:
    """Yield `chat.completion.chunk` events, then `[DONE]`."""
    request, reply = exchange.answered
    envelope = {**_identity(exchange, "chat.completion.chunk"), **_ORIGIN}
    for event in events.events(reply):
        match event:
            case events.Started():
                delta = {"role": "assistant", "content": "", "refusal": None}
                yield Frame(_chunk(envelope, delta), "open")
            case events.TextDelta(_, text, chunk):
                yield Frame(_chunk(envelope, {"content": text}), "delta", chunk)
            case events.Finished(finish, _, usage):
                yield Frame(_chunk(envelope, {}, _FINISH[finish]), "finish")
                if request.stream_usage:
                    last = {**envelope, "choices": [], "usage": _usage(usage)}
                    yield Frame(sse.data(last), "finish")
            case events.TextStarted() | events.TextEnded():
                pass
            case _:
                assert_never(event)
    yield _DONE


def error_frame(error: RequestError, _exchange: Exchange) -> Frame:
    """Return `error` as an event, as the API ends a stream that fails."""
    return Frame(sse.data(dialect.error_body(error)), "end")


def _identity(exchange: Exchange, kind: str) -> dict[str, Any]:
    request, _ = exchange.answered
    return {
        "id": f"chatcmpl-{exchange.draws.id('completion', _ID_LENGTH)}",
        "object": kind,
        "created": int(exchange.received_at_s),
        "model": request.model,
    }


def _chunk(
    envelope: dict[str, Any], delta: dict[str, Any], finish_reason: str | None = None
) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return sse.data({**envelope, "choices": [choice]})


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
