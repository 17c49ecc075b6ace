"""A head that comes slowly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

import pytest

from mockllm.core.damage import Stall, Step
from mockllm.core.protocol import Frame
from mockllm.core.raw import IN_PROCESS, Connection, InProcess
from mockllm.opened import Sent
from mockllm.web.pump import Delivery
from mockllm.web.slow_head import slowly
from tests.clock import FakeClock

HEADERS = (("Content-Type", "application/json"), ("Content-Length", "2"))
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    b"Connection: close\r\n\r\n"
)


class Wire(InProcess):
    """A socket that notes what is sent over it, and when."""

    is_wire = True

    def __init__(self, clock: FakeClock, leaves_at_s: float = 1e9) -> None:
        self.clock = clock
        self.leaves_at_s = leaves_at_s
        self.sent: list[tuple[float, bytes]] = []
        self.unflushed = 3
        self.is_closed = False

    @property
    def content(self) -> bytes:
        return b"".join(data for _, data in self.sent)

    def has_left(self) -> bool:
        return self.clock.now_s >= self.leaves_at_s

    def send(self, data: bytes) -> None:
        self.sent.append((self.clock.now_s, data))

    def flush(self) -> bool:
        self.unflushed -= 1
        return self.unflushed <= 0

    def hang_up(self) -> NoReturn:
        self.is_closed = self.unflushed <= 0
        super().hang_up()


def answer(
    clock: FakeClock,
    connection: Connection,
    slow_s: float = 10.0,
    status: int = 200,
    steps: tuple[Step, ...] = (Frame(b"{}", "end", 0),),
) -> tuple[Iterator[bytes], list[Sent]]:
    """Return the bytes for the server, of an answer that is due after half a second, and where it
    is noted how it ended."""
    closed: list[Sent] = []
    delivery = Delivery(
        iter(steps), iter((0.5,)), clock.now_s, lambda: b"!", connection, lambda: False, 30.0
    )
    return slowly(status, HEADERS, delivery, slow_s, clock, closed.append), closed


def test_without_a_socket_the_answer_comes_later(clock: FakeClock) -> None:
    pieces, closed = answer(clock, IN_PROCESS)

    assert list(pieces) == [b"{}"]
    assert clock.now_s == pytest.approx(110.5)
    assert closed == [Sent("completed", 2, 110.5)]


def test_head_comes_in_pieces_and_the_answer_after_it(clock: FakeClock) -> None:
    wire = Wire(clock)
    pieces, closed = answer(clock, wire)

    with pytest.raises(ConnectionResetError):
        next(pieces)

    *head, (at_s, body) = wire.sent
    assert b"".join(data for _, data in head) == HEAD
    assert body == b"{}"
    assert len(head) > 10
    times = [time_s for time_s, _ in wire.sent]
    assert times == sorted(set(times))
    assert 109 < at_s <= 110.5
    assert closed == [Sent("completed", len(HEAD) + 2, 100.0)]


def test_connection_is_closed_when_everything_has_arrived(clock: FakeClock) -> None:
    wire = Wire(clock)
    pieces, _ = answer(clock, wire)

    with pytest.raises(ConnectionResetError):
        next(pieces)

    assert wire.is_closed


@pytest.mark.parametrize(("status", "line"), [(502, b"502 Bad Gateway\r\n"), (599, b"599 \r\n")])
def test_head_tells_the_status(clock: FakeClock, status: int, line: bytes) -> None:
    wire = Wire(clock)
    pieces, _ = answer(clock, wire, status=status)

    with pytest.raises(ConnectionResetError):
        next(pieces)

    assert wire.content.startswith(b"HTTP/1.1 " + line)


def test_client_that_leaves_gets_no_more(clock: FakeClock) -> None:
    wire = Wire(clock, leaves_at_s=130.0)
    pieces, closed = answer(clock, wire, slow_s=200.0)

    with pytest.raises(ConnectionResetError):
        next(pieces)

    assert clock.now_s < 132
    assert HEAD.startswith(wire.content)
    assert [sent.outcome for sent in closed] == ["client_left"]


def test_stall_after_the_head_holds_as_long_as_any(clock: FakeClock) -> None:
    wire = Wire(clock)
    pieces, closed = answer(clock, wire, steps=(Stall(None),))

    with pytest.raises(ConnectionResetError):
        next(pieces)

    assert wire.content == HEAD
    assert [sent.outcome for sent in closed] == ["faulted"]
