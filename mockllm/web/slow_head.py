"""A response whose head comes slowly: sent past the server, which would send a head at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from itertools import chain

from msgspec import structs

from mockllm.core.damage import Stall, Step
from mockllm.core.protocol import Clock, Frame, Frames, Headers
from mockllm.opened import Sent
from mockllm.web.pump import Delivery, flush, pump

_PIECES = 20


def slowly(
    status: int,
    headers: Headers,
    delivery: Delivery,
    slow_s: float,
    clock: Clock,
    close: Callable[[Sent], object],
) -> Iterator[bytes]:
    """Send an answer, its head in pieces within `slow_s` seconds, and close the connection. Without
    a socket the answer only comes later by as much.

    Raises:
        ConnectionResetError: the connection is closed, after the answer; the server must not send
            anything of its own.
    """
    connection = delivery.connection
    if not connection.is_wire:
        steps: Iterator[Step | Frames] = chain((Stall(slow_s),), delivery.steps)
        yield from pump(structs.replace(delivery, steps=steps), clock, close)
        return
    head = _head(status, headers)
    steps = chain(_pieces(head, slow_s / _PIECES), delivery.steps)
    for piece in pump(structs.replace(delivery, steps=steps), clock, close):
        connection.send(piece)
    flush(connection, clock)
    connection.hang_up()


def _pieces(head: bytes, pause_s: float) -> Iterator[Step]:
    size = -(-len(head) // _PIECES)
    for start in range(0, len(head), size):
        yield Frame(head[start : start + size], "open")
        yield Stall(pause_s)


def _head(status: int, headers: Headers) -> bytes:
    """Return the head of a response that ends with the connection."""
    reason = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join((*lines, "Connection: close", "", "")).encode("latin-1")
