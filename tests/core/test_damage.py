"""What each fault makes of a stream."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat

import pytest

from mockllm.core.damage import Damage, HangUp, Reset, Stall, Step, Until
from mockllm.core.faults import MISBEHAVIOURS, PLACED, After, Fault
from mockllm.core.protocol import Frame

HALF, END = After(0.5, "share"), After(1.0, "share")
OPEN = Frame(b'<{"o":1}>', "open")
CHUNKS = tuple(Frame(b'<{"c":"%d"}>' % n, "delta", n) for n in range(4))
FINISH = Frame(b'<{"f":1}>', "finish")
DONE = Frame(b"<done>", "end")
FRAMES = (OPEN, *CHUNKS, FINISH, DONE)
ERROR = Frame(b"<error>", "end")


def streamed(
    fault: Fault, frames: Iterable[Frame] = FRAMES, due_s: Iterable[float] = repeat(0.0)
) -> tuple[list[Step], bool]:
    """Return what is sent of a stream, and whether the fault has happened."""
    damage, given = Damage(fault), tuple(frames)
    chunks = sum(frame.chunk is not None for frame in given)
    sent = list(damage.stream(iter(given), iter(due_s), chunks, lambda: ERROR))
    return sent, damage.has_fired


def sent_of(steps: Iterable[Step]) -> bytes:
    return b"".join(step.data for step in steps if isinstance(step, Frame))


@pytest.mark.parametrize(
    ("after", "chunks"),
    [
        (None, 2),
        (After(0.0, "share"), 0),
        (After(0.3, "share"), 2),
        (After(0.75, "share"), 3),
        (END, 4),
        (After(0.0, "chunks"), 0),
        (After(1.0, "chunks"), 1),
        (After(4.0, "chunks"), 4),
        (After(0.25, "seconds"), 3),
        (After(0.0, "seconds"), 0),
    ],
)
def test_place_is_after_a_share_or_number_of_chunks_or_a_time(
    after: After | None, chunks: int
) -> None:
    steps, has_fired = streamed(Fault("truncate", after), due_s=(0.0, 0.1, 0.2, 0.3))

    assert [step for step in steps if isinstance(step, Frame)] == [OPEN, *CHUNKS[:chunks]]
    assert has_fired


@pytest.mark.parametrize("after", [After(5.0, "chunks"), After(0.4, "seconds")])
@pytest.mark.parametrize("kind", [kind for kind in PLACED if kind != "reset"])
def test_fault_beyond_the_end_leaves_everything_as_it_was(kind: str, after: After) -> None:
    assert streamed(Fault(kind, after), due_s=(0.0, 0.1, 0.2, 0.3)) == (list(FRAMES), False)


@pytest.mark.parametrize("kind", PLACED)
def test_what_comes_before_the_place_is_sent_as_it_was(kind: str) -> None:
    steps, has_fired = streamed(
        Fault(kind, HALF), (OPEN, *CHUNKS[:2], Frame("<ü{}>".encode(), "delta", 2), FINISH, DONE)
    )

    assert steps[:3] == [OPEN, *CHUNKS[:2]]
    assert has_fired


@pytest.mark.parametrize("kind", sorted({*PLACED, "no_finish", "malformed_json"} - {"reset"}))
def test_stream_without_chunks_is_damaged_at_its_end(kind: str) -> None:
    frames = (OPEN, Frame("<ü{}>".encode(), "finish"), DONE)

    steps, has_fired = streamed(Fault(kind), frames)

    assert has_fired
    assert steps != list(frames)


@pytest.mark.parametrize("kind", sorted({"content_type", "slow_headers", *MISBEHAVIOURS}))
def test_kind_that_does_nothing_to_the_body_leaves_it_as_it_was(kind: str) -> None:
    assert streamed(Fault(kind)) == (list(FRAMES), False)


def test_truncated_stream_has_no_end() -> None:
    steps, _ = streamed(Fault("truncate", END))

    assert steps == [OPEN, *CHUNKS]


def test_time_of_a_place_is_waited_for() -> None:
    steps, _ = streamed(Fault("truncate", After(0.15, "seconds")), due_s=(0.0, 0.1, 0.2, 0.3))

    assert steps == [OPEN, *CHUNKS[:2], Until(0.15)]


def test_reset_comes_before_the_stream_unless_it_has_a_place() -> None:
    assert streamed(Fault("reset")) == ([Reset()], True)
    assert streamed(Fault("reset", HALF)) == ([OPEN, *CHUNKS[:2], Reset()], True)
    assert streamed(Fault("reset", After(9.0, "chunks"))) == (list(FRAMES), False)


def test_error_ends_a_stream() -> None:
    steps, _ = streamed(Fault("error_event"))

    assert steps == [OPEN, *CHUNKS[:2], ERROR]


@pytest.mark.parametrize("for_s", [None, 2.0])
def test_hanging_stream_sends_nothing_and_is_closed(for_s: float | None) -> None:
    assert streamed(Fault("hang", for_s=for_s)) == ([Stall(for_s), HangUp()], True)


@pytest.mark.parametrize("for_s", [None, 2.0])
def test_stalled_stream_goes_on_after_its_pause(for_s: float | None) -> None:
    steps, _ = streamed(Fault("stall", for_s=for_s))

    assert steps == [OPEN, *CHUNKS[:2], Stall(for_s), *CHUNKS[2:], FINISH, DONE]


def test_silence_comes_after_everything() -> None:
    assert streamed(Fault("silence", for_s=2.0)) == ([*FRAMES, Stall(2.0)], True)


@pytest.mark.parametrize(("kind", "broken"), [("malformed_json", 0), ("malformed_frame", 3)])
def test_one_frame_of_a_stream_has_a_syntax_error(kind: str, broken: int) -> None:
    steps, _ = streamed(Fault(kind))

    changed = [at for at, (new, old) in enumerate(zip(steps, FRAMES, strict=True)) if new != old]
    assert changed == [broken]
    assert sent_of(steps[broken : broken + 1]) == FRAMES[broken].data.replace(b"}", b"")


def test_frame_without_json_is_not_malformed() -> None:
    frames = (OPEN, Frame(b"", "delta", 0), DONE)

    assert streamed(Fault("malformed_frame"), frames) == (list(frames), False)


def test_half_a_frame_is_sent_when_it_is_due_and_the_connection_is_closed() -> None:
    steps, _ = streamed(Fault("half_frame"))

    assert steps == [OPEN, *CHUNKS[:2], Frame(CHUNKS[2].data[:5], "delta", 2), HangUp()]


def test_character_is_split_between_its_bytes() -> None:
    frames = (OPEN, Frame("<aü€>".encode(), "delta", 0), Frame("<€>".encode(), "delta", 1), DONE)

    steps, _ = streamed(Fault("split_utf8", After(0.0, "chunks")), frames)

    _, first, pause, second, *rest = steps
    assert first == Frame(b"<a\xc3", "delta", 0)
    assert isinstance(pause, Stall)
    assert second == Frame(b"\xbc\xe2\x82\xac>", "delta")
    assert rest == list(frames[2:])


def test_stream_in_ascii_has_no_character_to_split() -> None:
    assert streamed(Fault("split_utf8")) == (list(FRAMES), False)


def test_frame_comes_twice_and_its_double_at_once() -> None:
    steps, _ = streamed(Fault("duplicate_frames"))

    double = Frame(CHUNKS[2].data, "delta")
    assert steps == [OPEN, *CHUNKS[:3], double, CHUNKS[3], FINISH, DONE]


def test_two_frames_change_places_and_each_chunk_keeps_its_time() -> None:
    steps, _ = streamed(Fault("reorder_frames"))

    early, late = Frame(b"", "delta", 2), Frame(CHUNKS[2].data, "delta")
    assert steps == [OPEN, *CHUNKS[:2], early, CHUNKS[3], late, FINISH, DONE]


def test_frame_without_data_is_nobody_s_place() -> None:
    pause = Frame(b"", "delta", 3)
    frames = (OPEN, *CHUNKS[:3], pause, FINISH, DONE)

    steps, _ = streamed(Fault("reorder_frames"), frames)

    assert sent_of(steps) == sent_of((OPEN, *CHUNKS[:2], FINISH, CHUNKS[2], DONE))


def test_last_frame_has_none_to_change_places_with() -> None:
    steps, has_fired = streamed(Fault("reorder_frames", END), (OPEN, CHUNKS[0], FINISH))

    assert sent_of(steps) == sent_of((OPEN, CHUNKS[0], FINISH))
    assert not has_fired


def test_what_says_why_a_stream_ends_is_left_out() -> None:
    steps, has_fired = streamed(Fault("no_finish"))

    assert sent_of(steps) == sent_of((OPEN, *CHUNKS, DONE))
    assert has_fired


def test_end_that_says_why_is_left_out() -> None:
    steps, has_fired = streamed(Fault("no_finish"), (OPEN, *CHUNKS, DONE))

    assert sent_of(steps) == sent_of((OPEN, *CHUNKS))
    assert has_fired


@pytest.mark.parametrize("frames", [FRAMES, (OPEN, *CHUNKS, FINISH)])
def test_last_frame_is_left_out(frames: tuple[Frame, ...]) -> None:
    steps, has_fired = streamed(Fault("no_terminator"), frames)

    assert sent_of(steps) == sent_of(frames[:-1])
    assert has_fired


def test_stream_of_nothing_has_no_last_frame() -> None:
    assert streamed(Fault("no_terminator"), ()) == ([], False)


@pytest.mark.parametrize(
    "kind",
    [
        *("stall", "silence", "malformed_json", "malformed_frame", "split_utf8"),
        *("duplicate_frames", "reorder_frames", "no_finish", "no_terminator"),
    ],
)
def test_every_chunk_of_a_stream_that_goes_on_keeps_its_time(kind: str) -> None:
    frames = (OPEN, *(Frame(f"<ü{n}{{}}>".encode(), "delta", n) for n in range(4)), FINISH, DONE)

    steps, _ = streamed(Fault(kind), frames)

    numbers = [step.chunk for step in steps if isinstance(step, Frame)]
    assert [number for number in numbers if number is not None] == [0, 1, 2, 3]
