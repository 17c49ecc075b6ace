"""Frames leave when they are due, and every exchange is closed once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NoReturn

import pytest

from mockllm.core.damage import HangUp, Reset, Stall, Step, Until
from mockllm.core.protocol import Frame
from mockllm.core.raw import InProcess
from mockllm.opened import Sent
from mockllm.web.pump import Delivery, pump
from tests.clock import FakeClock

MAX_STALL_S = 30.0
FRAMES = (
    Frame(b"<", "open"),
    Frame(b"a", "delta", 0),
    Frame(b"b", "delta", 1),
    Frame(b">", "finish"),
)


def deliver(
    clock: FakeClock,
    due_s: tuple[float, ...],
    frames: Iterable[Step] = FRAMES,
    leaves_after: int = 1_000,
    stops: bool = False,
) -> tuple[Iterator[bytes], list[Sent]]:
    """Return the pumped bytes and where it is noted how they ended."""
    closed: list[Sent] = []

    class Line(InProcess):
        def has_left(self) -> bool:
            return len(clock.waits) >= leaves_after

    delivery = Delivery(
        iter(frames), iter(due_s), clock.now_s, lambda: b"!", Line(), lambda: stops, MAX_STALL_S
    )
    return pump(delivery, clock, closed.append), closed


def test_frames_that_are_due_leave_as_one_piece(clock: FakeClock) -> None:
    pieces, closed = deliver(clock, (0.0, 0.0))

    assert list(pieces) == [b"<ab>"]
    assert closed == [Sent("completed", 4, 100.0)]
    assert clock.waits == []


def test_each_chunk_waits_until_it_is_due(clock: FakeClock) -> None:
    pieces, closed = deliver(clock, (0.5, 0.8))

    assert list(pieces) == [b"<", b"a", b"b>"]
    assert clock.waits == [100.5, 100.8]
    assert closed == [Sent("completed", 4, 100.0)]


def test_frame_without_data_only_passes_its_time(clock: FakeClock) -> None:
    frames = (Frame(b"", "delta", 0), Frame(b"", "delta", 1), Frame(b">", "end"))
    pieces, closed = deliver(clock, (0.5, 0.8), frames)

    assert list(pieces) == [b">"]
    assert clock.waits == [100.5, 100.8]
    assert closed == [Sent("completed", 1, 100.8)]


def test_overdue_chunks_are_joined(clock: FakeClock) -> None:
    pieces, _ = deliver(clock, (0.5, 0.8))
    first = next(pieces)
    clock.now_s += 2

    assert [first, *pieces] == [b"<", b"ab>"]


def test_first_byte_is_when_the_first_piece_leaves(clock: FakeClock) -> None:
    pieces, closed = deliver(clock, (0.5,), (Frame(b"whole", "end", 0),))

    assert list(pieces) == [b"whole"]
    assert closed == [Sent("completed", 5, 100.5)]


def test_client_that_goes_is_noted_with_what_it_got(clock: FakeClock) -> None:
    pieces, closed = deliver(clock, (0.5, 0.8))
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]  # it is a generator

    assert closed == [Sent("client_left", 1, 100.0)]


def test_long_wait_looks_each_second_whether_the_client_is_there(clock: FakeClock) -> None:
    pieces, closed = deliver(clock, (3.5, 3.6), leaves_after=2)

    assert list(pieces) == [b"<"]
    assert clock.waits == [101.0, 102.0]
    assert closed == [Sent("client_left", 1, 100.0)]


def test_long_wait_ends_when_the_chunk_is_due(clock: FakeClock) -> None:
    pieces, _ = deliver(clock, (2.5, 2.5))

    assert list(pieces) == [b"<", b"ab>"]
    assert clock.waits == [101.0, 102.0, 102.5]


def test_frame_that_cannot_be_made_ends_in_an_error(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    def breaking() -> Iterator[Frame]:
        yield FRAMES[0]
        raise ZeroDivisionError

    pieces, closed = deliver(clock, (), breaking())

    assert list(pieces) == [b"<!"]
    assert closed == [Sent("failed", 2, 100.0)]
    assert "ZeroDivisionError" in caplog.text


def test_much_leaves_in_pieces_of_bounded_size(clock: FakeClock) -> None:
    frames = tuple(Frame(b"x" * 1_000, "delta", chunk) for chunk in range(200))
    pieces, closed = deliver(clock, (0.0,) * 200, frames)

    sizes = [len(piece) for piece in pieces]

    assert sum(sizes) == 200_000
    assert max(sizes) <= 66_000
    assert closed[0].sent_bytes == 200_000


def test_what_comes_before_an_interruption_is_sent_before_it(clock: FakeClock) -> None:
    steps = (FRAMES[0], Stall(2.5), FRAMES[3])
    pieces, closed = deliver(clock, (), steps)

    assert next(pieces) == b"<"
    assert clock.waits == []
    assert list(pieces) == [b">"]
    assert clock.now_s == 102.5
    assert closed == [Sent("completed", 2, 100.0)]


def test_what_comes_after_a_stall_is_due_later_by_as_much(clock: FakeClock) -> None:
    pieces, _ = deliver(clock, (0.5, 0.8), (FRAMES[1], Stall(2.0), FRAMES[2]))

    assert list(pieces) == [b"a", b"b"]
    assert clock.now_s == pytest.approx(102.8)


def test_nothing_is_sent_before_its_time(clock: FakeClock) -> None:
    pieces, _ = deliver(clock, (0.5,), (FRAMES[1], Until(0.9), FRAMES[3]))

    assert list(pieces) == [b"a", b">"]
    assert clock.now_s == 100.9


@pytest.mark.parametrize("stall", [Stall(None), Stall(MAX_STALL_S + 1)], ids=["endless", "long"])
def test_stall_ends_with_the_longest_that_is_allowed(clock: FakeClock, stall: Stall) -> None:
    pieces, closed = deliver(clock, (), (FRAMES[0], stall, FRAMES[3]))

    assert next(pieces) == b"<"
    with pytest.raises(ConnectionResetError):
        next(pieces)
    assert clock.now_s == 100 + MAX_STALL_S
    assert closed == [Sent("faulted", 1, 100.0)]


def test_stall_ends_when_the_client_leaves(clock: FakeClock) -> None:
    pieces, closed = deliver(clock, (), (FRAMES[0], Stall(None)), leaves_after=3)

    assert list(pieces) == [b"<"]
    assert clock.now_s == 103
    assert closed == [Sent("client_left", 1, 100.0)]


def test_stall_ends_when_the_server_stops(clock: FakeClock) -> None:
    pieces, closed = deliver(clock, (), (FRAMES[0], Stall(None)), stops=True)

    assert next(pieces) == b"<"
    with pytest.raises(ConnectionResetError):
        next(pieces)
    assert clock.now_s == 101
    assert closed == [Sent("faulted", 1, 100.0)]


@pytest.mark.parametrize("end", [Reset(), HangUp()], ids=["reset", "hang-up"])
def test_fault_that_ends_the_connection_lets_out_what_came_before(
    clock: FakeClock, end: Reset | HangUp
) -> None:
    pieces, closed = deliver(clock, (), (FRAMES[0], end, FRAMES[3]))

    assert next(pieces) == b"<"
    with pytest.raises(ConnectionResetError):
        next(pieces)
    assert closed == [Sent("faulted", 1, 100.0)]


def test_exchange_is_closed_before_its_last_piece_leaves(clock: FakeClock) -> None:
    much = b"x" * 100_000  # leaves as a piece of its own
    pieces, closed = deliver(clock, (0.5,), (Frame(much, "end", 0),))

    assert next(pieces) == much
    assert closed == [Sent("completed", len(much), 100.5)]


@pytest.mark.parametrize("end", [Reset(), HangUp(), Stall(None)], ids=["reset", "hang-up", "stall"])
def test_exchange_is_closed_before_a_fault_ends_its_connection(
    clock: FakeClock, end: Reset | HangUp | Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed_by_then: list[Sent] = []
    pieces, closed = deliver(clock, (), (FRAMES[0], end))

    def noted(_: InProcess) -> NoReturn:
        closed_by_then.extend(closed)
        raise ConnectionResetError

    monkeypatch.setattr(InProcess, "reset", noted)
    monkeypatch.setattr(InProcess, "hang_up", noted)
    with pytest.raises(ConnectionResetError):
        list(pieces)

    assert closed_by_then == [Sent("faulted", 1, 100.0)]
