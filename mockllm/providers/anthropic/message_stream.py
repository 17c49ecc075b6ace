"""The stream of a message: `message_start`, the content blocks, `message_delta`, `message_stop`.

Sources: streams captured from the API (2024 to 2026) for the order of events and members;
anthropic-sdk-python 2.12 (`types/raw_message_*_event.py`, `raw_content_block_*_event.py`), read
2026-11-22, for members newer than those.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, assert_never

from mockllm.core import events
from mockllm.core.exchange import Exchange
from mockllm.core.model import Part, Reasoning, Refusal, ToolCall
from mockllm.core.protocol import Frame, Frames, Role
from mockllm.errors import RequestError
from mockllm.providers.anthropic import dialect, message_object
from mockllm.providers.anthropic.message_content import answered, begun_block, delta, signature
from mockllm.wire import sse
from mockllm.wire.skeleton import HOLE, Skeleton

_PING = sse.event("ping", {"type": "ping"})


def stream(exchange: Exchange) -> Iterator[Frame | Frames]:
    """Yield the frames of a message."""
    _, reply = answered(exchange)
    skeletons = [_skeleton(index, part) for index, part in enumerate(reply.parts)]
    for event in events.runs(reply, exchange.plan.chunk):
        match event:
            case events.Started():
                message = message_object.begun(exchange)
                yield Frame(_event("message_start", message=message), "open")
            case events.PartStarted(index, part):
                yield from _block_start(index, part)
            case events.Run(index, texts, chunk):
                skeleton = skeletons[index]
                if skeleton is not None:
                    yield Frames(skeleton, texts, "delta", chunk)
            case events.PartEnded(index, part):
                yield from _block_stop(index, part)
            case events.Finished():
                ending = message_object.ending(exchange)
                yield Frame(_event("message_delta", **ending), "finish")
            case _:
                assert_never(event)
    yield Frame(_event("message_stop"), "end")


def _skeleton(index: int, part: Part) -> Skeleton | None:
    """Return the delta of any piece of a part, None for what is not said."""
    if isinstance(part, Refusal):
        return None
    members = {"type": "content_block_delta", "index": index, "delta": delta(part, HOLE)}
    return Skeleton(members, partial(sse.event, "content_block_delta"))


def _block_start(index: int, part: Part) -> Iterator[Frame]:
    """Yield how a block begins, and after the first one the ping that the API sends there."""
    role: Role = "delta" if index else "open"
    block = begun_block(part)
    yield Frame(_event("content_block_start", index=index, content_block=block), role)
    if index == 0 and not isinstance(part, Refusal):
        yield Frame(_PING, role)
    if isinstance(part, ToolCall):
        yield Frame(_block_delta(index, delta(part, "")), role)


def _block_stop(index: int, part: Part) -> Iterator[Frame]:
    """Yield how a block ends: a thinking block with its signature."""
    if isinstance(part, Reasoning):
        signed = {"type": "signature_delta", "signature": signature(part)}
        yield Frame(_block_delta(index, signed), "delta")
    yield Frame(_event("content_block_stop", index=index), "delta")


def error_frame(error: RequestError, exchange: Exchange) -> Frame:
    """Return `error` as an `error` event."""
    return Frame(sse.event("error", dialect.error_body(error, exchange)), "end")


def _block_delta(index: int, said: dict[str, Any]) -> bytes:
    return _event("content_block_delta", index=index, delta=said)


def _event(name: str, **members: Any) -> bytes:
    return sse.event(name, {"type": name, **members})
