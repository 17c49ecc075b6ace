"""Frames leave when they are due, and every exchange is closed once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockllm.core.protocol import Frame
from mockllm.opened import Sent
from mockllm.web.pump import Delivery, pump
from tests.clock import FakeClock

FRAMES = (
    Frame(b"<", "open"),
    Frame(b"a", "delta", 0),
    Frame(b"b", "delta", 1),
    Frame(b">", "finish"),
)


def deliver(
    clock: FakeClock,
    due_s: tuple[float, ...],
    frames: tuple[Frame, ...] | Iterator[Frame] = FRAMES,
    leaves_after: int = 1_000,
) -> tuple[Iterator[bytes], list[Sent]]:
    """Return the pumped bytes and where it is noted how they ended."""
    closed: list[Sent] = []

    def client_left() -> bool:
        return len(clock.waits) >= leaves_after

    delivery = Delivery(frames, iter(due_s), clock.now_s, lambda: b"!", client_left)
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
