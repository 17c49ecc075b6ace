"""Sends frames when they are due, and sees to it that every exchange is closed once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from mockllm.core.exchange import Outcome
from mockllm.core.protocol import Clock, Frame
from mockllm.opened import Sent

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0
_MAX_PIECE_BYTES = 65_536


class Delivery(Struct, frozen=True):
    """What to send and when.

    `due_s` gives for each chunk in turn its time after `started_s`. `error_frame` makes the
    vendor's in-band error, for a failure after the first byte.
    """

    frames: Iterable[Frame]
    due_s: Iterator[float]
    started_s: float
    error_frame: Callable[[], bytes]
    client_left: Callable[[], bool]


class ClientLeft(Exception):
    """The client closed its connection while the next chunk was not yet due."""


def pump(delivery: Delivery, clock: Clock, close: Callable[[Sent], object]) -> Iterator[bytes]:
    """Yield the frames' bytes, waiting until each is due; what is overdue goes out as one piece,
    or in pieces of 64 KB when it is much.

    `close` is called once, whatever happens: at the end, when a frame cannot be made, or when
    the server drops the generator because the client has left.
    """
    outbox = _Outbox()
    outcome: Outcome = "client_left"
    now_s = clock.monotonic()
    try:
        for frame in delivery.frames:
            if frame.chunk is not None:
                due_s = delivery.started_s + next(delivery.due_s)
                if due_s > now_s and due_s > (now_s := clock.monotonic()):
                    if outbox.waiting_bytes:
                        yield outbox.take(now_s)
                    _wait(due_s, clock, delivery.client_left)
            outbox.put(frame.data)
            if outbox.waiting_bytes >= _MAX_PIECE_BYTES:
                yield outbox.take(now_s)
        yield outbox.take(clock.monotonic())
        outcome = "completed"
    except ClientLeft:
        pass
    except Exception:
        log.exception("a stream failed on its way")
        outcome = "failed"
        outbox.put(delivery.error_frame())
        yield outbox.take(clock.monotonic())
    finally:
        close(Sent(outcome, outbox.sent_bytes, outbox.first_byte_at_s))


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
        self.frames.clear()
        self.waiting_bytes = 0
        self.sent_bytes += len(piece)
        if self.first_byte_at_s is None:
            self.first_byte_at_s = now_s
        return piece


def _wait(due_s: float, clock: Clock, client_left: Callable[[], bool]) -> None:
    """Wait, looking each second whether anybody is still there."""
    while due_s - clock.monotonic() > _LOOK_EVERY_S:
        clock.wait_until(clock.monotonic() + _LOOK_EVERY_S)
        if client_left():
            raise ClientLeft
    clock.wait_until(due_s)
