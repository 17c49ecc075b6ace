"""How an answer is sent: whole or streamed, on time, and damaged where a fault asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct, structs

from mockllm import service
from mockllm.core.damage import Damage, Step
from mockllm.core.exchange import Exchange
from mockllm.core.model import ErrorReply
from mockllm.core.pacing import chunk_count, due_times
from mockllm.core.protocol import Frame, Frames, Headers, Operation, Whole, apart
from mockllm.errors import InternalError, RequestError, ScriptedError
from mockllm.faulting import unfired
from mockllm.opened import Opened, Sent
from mockllm.web.pump import Delivery, pump
from mockllm.web.slow_head import slowly

IN_BAND = ScriptedError(ErrorReply("overloaded"))
"""What a fault breaks an answer off with: the error that vendors send inside a stream."""

_STREAM_HEADERS: Headers = (("Cache-Control", "no-cache"), ("X-Accel-Buffering", "no"))


class Answer(Struct, frozen=True):
    """A response ready to send. The body waits while it is read, until each piece is due."""

    status: int
    headers: Headers
    body: Iterator[bytes]


class Outgoing(Struct, frozen=True):
    """An exchange whose answer is known. `headers` are those that every answer has; `damage` None
    leaves it as it is."""

    opened: Opened
    exchange: Exchange
    headers: Headers
    damage: Damage | None = None
    status: int = 200

    def close(self, sent: Sent) -> Exchange:
        """Close the exchange, and note what became of the fault."""
        damage = self.damage
        if damage is not None and not damage.has_fired:
            sent = structs.replace(sent, warnings=(unfired(damage.fault),))
        elif damage is not None:
            outcome = "faulted" if sent.outcome == "completed" else sent.outcome
            sent = structs.replace(sent, outcome=outcome, has_faulted=True)
        return service.close(self.opened, self.exchange, self.status, self.headers, sent)


def whole(body: Whole, outgoing: Outgoing) -> Answer:
    """Return an answer in one piece."""
    damage, due_s = outgoing.damage, outgoing.exchange.plan.whole_s
    length = len(body.body)
    steps: Iterator[Step] = iter((Frame(body.body, "end", 0),))
    if damage is not None:
        length, steps = damage.whole(body.body)
    headers = (*body.headers, ("Content-Length", str(length)), *outgoing.headers)
    told = (*body.headers, *outgoing.headers)
    outgoing = structs.replace(outgoing, headers=told, status=body.status)
    if damage is None and due_s == 0:
        return Answer(body.status, headers, _at_once(body.body, outgoing))
    return _sent(headers, _delivery(steps, iter((due_s,)), bytes, outgoing), outgoing)


def _at_once(data: bytes, outgoing: Outgoing) -> Iterator[bytes]:
    """Yield what waits for nothing, as `pump` would."""
    first_byte_at_s = outgoing.opened.runtime.clock.monotonic() if data else None
    outgoing.close(Sent("completed", len(data), first_byte_at_s))
    yield data


def streamed(
    operation: Operation,
    frames: Iterator[Frame | Frames],
    error_frame: Callable[[RequestError, Exchange], Frame],
    outgoing: Outgoing,
) -> Answer:
    """Return an answer as a stream of these frames."""
    exchange, damage = outgoing.exchange, outgoing.damage

    def due_s() -> Iterator[float]:
        return due_times(exchange.plan, exchange.draws, exchange.replies)

    steps: Iterator[Step | Frames] = frames
    if damage is not None:
        chunks = chunk_count(exchange.plan, exchange.replies)
        steps = damage.stream(
            apart(frames), due_s(), chunks, lambda: error_frame(IN_BAND, exchange)
        )
    delivery = _delivery(
        steps, due_s(), lambda: error_frame(InternalError(), exchange).data, outgoing
    )
    headers = (
        ("Content-Type", operation.ENCODINGS[exchange.answered[0].encoding]),
        *_STREAM_HEADERS,
        *outgoing.headers,
    )
    answer = _sent(headers, delivery, outgoing)
    body = _tracked(answer.body, exchange.id, outgoing.opened.runtime.open_streams)
    return structs.replace(answer, body=body)


def _delivery(
    steps: Iterator[Step | Frames],
    due_s: Iterator[float],
    error_frame: Callable[[], bytes],
    outgoing: Outgoing,
) -> Delivery:
    exchange = outgoing.exchange
    return Delivery(
        steps,
        due_s,
        exchange.started_s,
        error_frame,
        exchange.raw.connection,
        outgoing.opened.runtime.is_stopping,
        exchange.settings.max_stall_s,
        is_at_once=exchange.plan.unit_s == 0 and outgoing.damage is None,
    )


def _sent(headers: Headers, delivery: Delivery, outgoing: Outgoing) -> Answer:
    clock, damage = outgoing.opened.runtime.clock, outgoing.damage
    status = outgoing.status
    if damage is None:
        return Answer(status, headers, pump(delivery, clock, outgoing.close))
    headers, slow_s = damage.headers(headers), damage.slow_head_s
    if slow_s is None:
        return Answer(status, headers, pump(delivery, clock, outgoing.close))
    damage.has_fired = True
    body = slowly(status, headers, delivery, slow_s, clock, outgoing.close)
    return Answer(status, headers, body)


def _tracked(body: Iterator[bytes], name: str, open_streams: set[str]) -> Iterator[bytes]:
    """Pass `body` on, and count it as open from its first piece to its end."""
    open_streams.add(name)
    try:
        yield from body
    finally:
        open_streams.discard(name)
