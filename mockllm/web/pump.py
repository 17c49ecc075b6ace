"""Sends frames when they are due, and sees to it that every exchange is closed once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import NoReturn, assert_never

from msgspec import Struct

from mockllm.core.damage import HangUp, Interruption, Reset, Stall, Step, Until
from mockllm.core.exchange import Outcome
from mockllm.core.protocol import Clock, Frame, Frames
from mockllm.core.raw import Connection
from mockllm.opened import Sent

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0
_FLUSH_EVERY_S = 0.002
_FLUSH_WITHIN_S = 2.0
_MAX_PIECE_BYTES = 65_536


class Delivery(Struct, frozen=True):
    """What to send and when.

    `due_s` gives for each chunk in turn its time after `started_s`. `error_frame` makes the
    vendor's in-band error, for a failure after the first byte. A fault holds the connection for
    `max_stall_s` at most, and not when the server stops. `is_at_once` tells that all chunks are
    due together.
    """

    steps: Iterable[Step | Frames]
    due_s: Iterator[float]
    started_s: float
    error_frame: Callable[[], bytes]
    connection: Connection
    is_stopping: Callable[[], bool]
    max_stall_s: float
    is_at_once: bool = False


class _Ended(Exception):
    """A fault ends the connection. `end` does it, once the exchange is closed: its client must find
    it in the journal."""

    def __init__(self, end: Callable[[], NoReturn]) -> None:
        super().__init__()
        self.end = end


class LastPiece(bytes):
    """The last piece of a body: a server that knows may send the body's end together with it."""


class ClientLeft(Exception):
    """The client closed its connection while the next chunk was not yet due."""


def pump(delivery: Delivery, clock: Clock, close: Callable[[Sent], object]) -> Iterator[bytes]:
    """Yield the frames' bytes, waiting until each is due; what is overdue goes out as one piece,
    or in pieces of 64 KB when it is much. What comes before an interruption is sent before it.

    `close` is called once, whatever happens: before the last piece leaves or a fault ends the
    connection, so that whoever has read the answer finds it in the journal; when a frame cannot be
    made; or when the server drops the generator because the client has left.

    Raises:
        ConnectionResetError: a fault has ended the connection.
    """
    outbox = _Outbox()
    outcome: Outcome = "client_left"
    end: Callable[[], NoReturn] | None = None
    try:
        yield from _pieces(delivery, clock, outbox)
        outcome = "completed"
    except ClientLeft:
        outbox.drop()
    except GeneratorExit:
        outbox.drop()
        raise
    except _Ended as ended:
        outcome, end = "faulted", ended.end
    except Exception:
        log.exception("a stream failed on its way")
        outcome = "failed"
        outbox.put(delivery.error_frame())
    finally:
        last = outbox.take(clock.monotonic())
        close(Sent(outcome, outbox.sent_bytes, outbox.first_byte_at_s))
    if end is not None:
        end()
    if outcome != "client_left":
        yield LastPiece(last)


class _Outbox:
    """Frames that wait to be sent, and what has been."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.waiting_bytes = 0
        self.sent_bytes = 0
        self.first_byte_at_s: float | None = None

    def put(self, data: bytes) -> None:
        if not data:
            return
        self.frames.append(data)
        self.waiting_bytes += len(data)

    def take(self, now_s: float) -> bytes:
        piece = b"".join(self.frames)
        self.drop()
        self.sent_bytes += len(piece)
        if piece and self.first_byte_at_s is None:
            self.first_byte_at_s = now_s
        return piece

    def drop(self) -> None:
        """Let go of what nobody waits for."""
        self.frames.clear()
        self.waiting_bytes = 0


def _pieces(delivery: Delivery, clock: Clock, outbox: _Outbox) -> Iterator[bytes]:
    started_s = delivery.started_s
    for step in delivery.steps:
        if isinstance(step, Frame | Frames):
            yield from _when_due(step, delivery, started_s, clock, outbox)
            continue
        if outbox.waiting_bytes:
            yield outbox.take(clock.monotonic())
        started_s += _obey(step, delivery, started_s, clock)


def _when_due(
    step: Frame | Frames, delivery: Delivery, started_s: float, clock: Clock, outbox: _Outbox
) -> Iterator[bytes]:
    """Put what a step has into the outbox when it is due; yield what was due before."""
    now_s, waits = clock.monotonic(), step.chunk is not None
    for data in step.pieces(delivery.is_at_once):
        if waits:
            due_s = started_s + next(delivery.due_s)
            if due_s > now_s and due_s > (now_s := clock.monotonic()):
                if outbox.waiting_bytes:
                    yield outbox.take(now_s)
                _wait(due_s, clock, delivery.connection.has_left)
        if outbox.waiting_bytes >= _MAX_PIECE_BYTES:  # and this is not the last frame
            yield outbox.take(now_s)
        outbox.put(data)


def _wait(due_s: float, clock: Clock, is_over: Callable[[], bool]) -> None:
    """Wait, looking each second whether anybody still waits for it.

    Raises:
        ClientLeft: nobody does.
    """
    while due_s - clock.monotonic() > _LOOK_EVERY_S:
        clock.wait_until(clock.monotonic() + _LOOK_EVERY_S)
        if is_over():
            raise ClientLeft
    clock.wait_until(due_s)


def _obey(step: Interruption, delivery: Delivery, started_s: float, clock: Clock) -> float:
    """Do what an interruption asks; return by how much later everything after it is due.

    Raises:
        _Ended: the connection is to be ended.
        ClientLeft: nobody waits any longer.
    """
    match step:
        case Until(at_s):
            _wait(started_s + at_s, clock, delivery.connection.has_left)
        case Stall(for_s):
            return _stall(for_s, delivery, clock)
        case Reset():
            flush(delivery.connection, clock)
            raise _Ended(delivery.connection.reset)
        case HangUp():
            flush(delivery.connection, clock)
            raise _Ended(delivery.connection.hang_up)
        case _:
            assert_never(step)
    return 0.0


def _stall(for_s: float | None, delivery: Delivery, clock: Clock) -> float:
    began_s = clock.monotonic()
    held_s = delivery.max_stall_s if for_s is None else min(for_s, delivery.max_stall_s)

    def is_over() -> bool:
        return delivery.is_stopping() or delivery.connection.has_left()

    try:
        _wait(began_s + held_s, clock, is_over)
    except ClientLeft:
        if not delivery.is_stopping():
            raise
        raise _Ended(delivery.connection.hang_up) from None
    if held_s != for_s:
        raise _Ended(delivery.connection.hang_up)
    return clock.monotonic() - began_s


def flush(connection: Connection, clock: Clock) -> None:
    """Wait until the other end has what was sent: what ends a connection overtakes it."""
    until_s = clock.monotonic() + _FLUSH_WITHIN_S
    while not connection.flush() and clock.monotonic() < until_s:
        clock.wait_until(clock.monotonic() + _FLUSH_EVERY_S)
