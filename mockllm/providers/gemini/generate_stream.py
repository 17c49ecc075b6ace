"""The stream of a `:streamGenerateContent`: each chunk is a whole response of its own.

Source: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent and
google-genai 3.4 (`_api_client.py`), read 2026-11-22.

The last piece of a candidate carries its `finishReason`, the end of a text the signature of the
thoughts before it, and a call comes whole. With `alt=sse` these are events without a name, with
lines that end in CR LF; without it the elements of one JSON array.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct, structs

from mockllm.core import events
from mockllm.core.exchange import Exchange
from mockllm.core.model import ChatReply, Refusal, ToolCall, part_text
from mockllm.core.protocol import Frame, Role
from mockllm.errors import RequestError
from mockllm.providers.gemini import dialect, generate_reply
from mockllm.wire import json_array, sse


class _Chunk(Struct, frozen=True):
    """A piece of a candidate that is held back until it is known whether it is the last. `parts`
    are () while a call is under way: such a piece takes its time and sends nothing."""

    parts: tuple[dict[str, Any], ...]
    number: int | None


_NOTHING = _Chunk((), None)


class _Response(Struct, frozen=True):
    """A chunk of the stream before it is encoded; `body` None sends nothing."""

    body: dict[str, Any] | None
    role: Role
    chunk: int | None


def stream(exchange: Exchange) -> Iterator[Frame]:
    """Yield the frames of an answer, as events or as a JSON array."""
    request, replies = exchange.answered_by(ChatReply)
    if generate_reply.is_blocked(replies):
        responses: Iterable[_Response] = [_Response(generate_reply.blocked(exchange), "finish", 0)]
    else:
        responses = _responses(exchange, replies)
    if request.encoding == "sse":
        for each in responses:
            data = b"" if each.body is None else sse.data(each.body, sse.CRLF)
            yield Frame(data, each.role, each.chunk)
        return
    is_first = True
    for each in responses:
        data = b"" if each.body is None else json_array.element(each.body, is_first)
        is_first = is_first and each.body is None
        yield Frame(data, each.role, each.chunk)
    yield Frame(json_array.END, "end")


def _responses(exchange: Exchange, replies: tuple[ChatReply, ...]) -> Iterator[_Response]:
    held: dict[int, _Chunk] = {}
    about = generate_reply.about(exchange, is_last=False)
    for number, event in events.interleaved(replies, exchange.plan.chunk):
        match event:
            case events.Delta(index, text, chunk):
                if number in held:
                    yield _piece(about, number, held[number])
                held[number] = _Chunk(_said(replies[number], index, text), chunk)
            case events.PartEnded(index, ToolCall()):
                before = held.get(number, _NOTHING)
                parts = (*before.parts, *_call(replies[number], index))
                held[number] = structs.replace(before, parts=parts)
            case events.PartEnded(index):
                held[number] = _signed(held.get(number, _NOTHING), replies[number], index)
            case events.Finished():
                yield _last_piece(exchange, number, held.pop(number, _NOTHING))


def _said(reply: ChatReply, index: int, text: str) -> tuple[dict[str, Any], ...]:
    part = reply.parts[index]
    if isinstance(part, ToolCall | Refusal):
        return ()
    return (generate_reply.part_object(part, text),)


def _call(reply: ChatReply, index: int) -> tuple[dict[str, Any], ...]:
    part = reply.parts[index]
    return (generate_reply.signed(generate_reply.part_object(part, ""), reply, index),)


def _signed(held: _Chunk, reply: ChatReply, index: int) -> _Chunk:
    """Return the last piece of a text with the signature; a text without pieces has none."""
    if not part_text(reply.parts[index]):
        return held
    parts = tuple(generate_reply.signed(part, reply, index) for part in held.parts)
    return structs.replace(held, parts=parts)


def _piece(about: dict[str, Any], number: int, chunk: _Chunk) -> _Response:
    if not chunk.parts:
        return _Response(None, "delta", chunk.number)
    piece = generate_reply.candidate(number, list(chunk.parts), None)
    return _Response({"candidates": [piece], **about}, "delta", chunk.number)


def _last_piece(exchange: Exchange, number: int, chunk: _Chunk) -> _Response:
    reply = exchange.answered_by(ChatReply)[1][number]
    is_silent = not any(map(generate_reply.is_shown, reply.parts))
    parts = generate_reply.silence(reply) if is_silent else list(chunk.parts)
    piece = generate_reply.candidate(number, parts, reply)
    body = {"candidates": [piece], **generate_reply.about(exchange, is_last=True)}
    return _Response(body, "finish", chunk.number)


def error_frame(error: RequestError, exchange: Exchange) -> Frame:
    """Return `error` as the stream's next element, which is its last."""
    body = dialect.error_body(error, exchange)
    if exchange.answered[0].encoding == "sse":
        return Frame(sse.data(body, sse.CRLF), "end")
    return Frame(json_array.element(body, is_first=False) + json_array.END, "end")
