"""`POST /v1/chat/completions`.

Sources: streams captured from the API (2024-09) for the order of members and for what is null or
absent; openai-python 3.54 (`types/chat/chat_completion.py`, `chat_completion_chunk.py`,
`types/completion_usage.py`, read 2026-11-22) for members newer than those.

Departures: `model` is echoed where the API answers with a dated name; `usage` is absent, as in
the captures, on all chunks but the last, where the documentation says null; chunks carry no
`obfuscation`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, assert_never

import msgspec

from mockllm.core import events
from mockllm.core.exchange import Exchange
from mockllm.core.model import (
    Audio,
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
)
from mockllm.core.protocol import Encoding, Frame
from mockllm.core.raw import Raw
from mockllm.errors import RequestError
from mockllm.providers.openai import dialect, schema
from mockllm.wire import sse, typed

NAME = "chat"
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON, "sse": sse.CONTENT_TYPE}

headers = dialect.headers
render_error = dialect.render_error

_FINISH: Mapping[Finish, str] = {
    "stop": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
    "refusal": "stop",
    "pause": "stop",
    "context_length": "length",
}
_ORIGIN = {"service_tier": "default", "system_fingerprint": "fp_6d6f636b31"}
_ID_LENGTH = 29
_DONE = Frame(b"data: [DONE]\n\n", "end")

_decoder = msgspec.json.Decoder(schema.ChatRequest)
_PARTS: typed.PartTable = {
    "text": (schema.TextPart, lambda part, _: Text(part.text)),
    "refusal": (schema.RefusalPart, lambda part, _: Refusal(part.refusal)),
    "image_url": (schema.ImagePart, lambda part, _: Image(part.image_url.url)),
    "input_audio": (schema.AudioPart, lambda part, _: Audio(part.input_audio.format)),
    "file": (schema.FilePart, lambda part, _: File(part.file.filename or part.file.file_id or "")),
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
        tools=tuple(_tools(body.tools or ())),
        tool_choice=_tool_choice(body),
        response_format=_response_format(body.response_format),
    )


def _tools(params: Sequence[schema.ToolParam]) -> Iterator[Tool]:
    """Yield the tools that have a name; those of other types are let through."""
    for param in params:
        found = param.function or param.custom
        if found is not None:
            yield Tool(found.name, found.description or "", found.parameters or {})


def _tool_choice(body: schema.ChatRequest) -> ToolChoice:
    parallel = body.parallel_tool_calls is not False
    choice = body.tool_choice
    match choice:
        case "none" | "required" | "auto":
            return ToolChoice(choice, None, parallel)
        case schema.NamedToolChoice():
            named = choice.function or choice.custom
            return ToolChoice("named", named.name, parallel) if named else ToolChoice()
        case _:
            return ToolChoice(parallel=parallel)


def _response_format(param: schema.ResponseFormatParam | None) -> ResponseFormat:
    match param:
        case schema.ResponseFormatParam("json_schema", json_schema) if json_schema is not None:
            return ResponseFormat("json_schema", json_schema.name, json_schema.schema)
        case schema.ResponseFormatParam("json_object"):
            return ResponseFormat("json_object")
        case _:
            return ResponseFormat()


def _message(message: schema.ChatMessage, index: int) -> Message:
    parts: tuple[Part, ...] = ()
    if isinstance(message.content, str):
        parts = (Text(message.content),)
    elif message.content is not None:
        parts = typed.parts(message.content, _PARTS, ("messages", index, "content"))
    if message.role == "tool":
        return Message("tool", (ToolResult(message.tool_call_id or "", parts),))
    if message.reasoning_content:
        parts = (Reasoning(message.reasoning_content), *parts)
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
        "message": _whole_message(reply),
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


def _whole_message(reply: ChatReply) -> dict[str, Any]:
    """Return the message. `content` is null when there is none; `tool_calls` and
    `reasoning_content` (DeepSeek's, which clients read) are absent when there are none."""
    texts = [part.text for part in reply.parts if isinstance(part, Text)]
    refusals = [part.text for part in reply.parts if isinstance(part, Refusal)]
    reasoning = [part.text for part in reply.parts if isinstance(part, Reasoning)]
    calls = [part for part in reply.parts if isinstance(part, ToolCall)]
    message: dict[str, Any] = {
        "role": "assistant",
        "content": "".join(texts) if texts else None,
        "refusal": "".join(refusals) if refusals else None,
        "annotations": [],
    }
    if reasoning:
        message["reasoning_content"] = "".join(reasoning)
    if calls:
        message["tool_calls"] = [_whole_call(call) for call in calls]
    return message


def _whole_call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": _call_id(call), "type": "function", "function": function}


def _call_id(call: ToolCall) -> str:
    """Return the id as OpenAI forms it; a rule's own id is left as it is."""
    return f"call_{call.id}" if call.is_drawn else call.id


def stream(exchange: Exchange) -> Iterator[Frame]:
    """Yield `chat.completion.chunk` events, then `[DONE]`."""
    _, reply = exchange.answered
    envelope = {**_identity(exchange, "chat.completion.chunk"), **_ORIGIN}
    speech = _Speech(reply)
    for event in events.events(reply):
        match event:
            case events.Started(first):
                yield Frame(_chunk(envelope, speech.opening(first)), "open")
            case events.PartStarted(index, part):
                if isinstance(part, ToolCall) and index > 0:
                    yield Frame(_chunk(envelope, speech.call_opening(index, part)), "delta")
            case events.Delta(index, text, chunk):
                yield Frame(_chunk(envelope, speech.delta(index, text)), "delta", chunk)
            case events.PartEnded():
                pass
            case events.Finished(finish, _, usage):
                yield Frame(_chunk(envelope, {}, _FINISH[finish]), "finish")
                yield from _usage_frame(exchange, envelope, usage)
            case _:
                assert_never(event)
    yield _DONE


def _usage_frame(exchange: Exchange, envelope: dict[str, Any], usage: Usage) -> Iterator[Frame]:
    """Yield the chunk without choices that carries the token counts, when it was asked for."""
    if exchange.answered[0].stream_usage:
        last = {**envelope, "choices": [], "usage": _usage(usage)}
        yield Frame(sse.data(last), "finish")


class _Speech:
    """The deltas of one reply. Tool calls are numbered among themselves."""

    def __init__(self, reply: ChatReply) -> None:
        self._parts = reply.parts
        calls = [index for index, part in enumerate(reply.parts) if isinstance(part, ToolCall)]
        self._call_numbers = {index: number for number, index in enumerate(calls)}

    def opening(self, first: Part | None) -> dict[str, Any]:
        """Return the first delta: the role, and how the first part begins."""
        match first:
            case ToolCall():
                calls = self.call_opening(0, first)
                return {"role": "assistant", "content": None, **calls, "refusal": None}
            case Refusal():
                return {"role": "assistant", "content": None, "refusal": ""}
            case Reasoning():
                return {"role": "assistant", "content": None, "refusal": None}
            case _:
                return {"role": "assistant", "content": "", "refusal": None}

    def call_opening(self, index: int, call: ToolCall) -> dict[str, Any]:
        """Return the delta that begins a tool call: its id and name."""
        return {"tool_calls": [{"index": self._call_numbers[index], **_whole_call(call)}]}

    def delta(self, index: int, text: str) -> dict[str, Any]:
        """Return the delta that carries a piece of a part."""
        match self._parts[index]:
            case ToolCall():
                number = self._call_numbers[index]
                return {"tool_calls": [{"index": number, "function": {"arguments": text}}]}
            case Refusal():
                return {"refusal": text}
            case Reasoning():
                return {"reasoning_content": text}
            case _:
                return {"content": text}


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
    prompt_tokens = max(usage.input_tokens, usage.cached_tokens)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": prompt_tokens + usage.output_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
            "audio_tokens": 0,
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
