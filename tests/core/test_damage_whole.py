"""What each fault makes of an answer in one piece, and of its headers."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from mockllm.core.damage import Damage, HangUp, Reset, Stall, Step
from mockllm.core.faults import MISBEHAVIOURS, PLACED, WIRE_FAULTS, After, Fault
from mockllm.core.protocol import Frame

HALF, END = After(0.5, "share"), After(1.0, "share")
BODY = b'{"text":"Gr\xc3\xbc\xc3\x9fe","n":1}\n'


def whole(fault: Fault, body: bytes = BODY) -> tuple[int, list[Step], bool]:
    """Return the length that is announced of an answer, what is sent, and whether it happened."""
    damage = Damage(fault)
    length, steps = damage.whole(body)
    return length, list(steps), damage.has_fired


def sent_of(steps: Iterable[Step]) -> bytes:
    return b"".join(step.data for step in steps if isinstance(step, Frame))


@pytest.mark.parametrize("kind", sorted({"content_type", "slow_headers", *MISBEHAVIOURS}))
def test_kind_that_does_nothing_to_the_body_leaves_it_as_it_was(kind: str) -> None:
    assert whole(Fault(kind)) == (len(BODY), [Frame(BODY, "end", 0)], False)


def test_answer_in_ascii_has_no_character_to_split() -> None:
    body = b'{"text":"hi"}'

    assert whole(Fault("split_utf8"), body) == (len(body), [Frame(body, "end", 0)], False)


@pytest.mark.parametrize(
    ("after", "kept"),
    [(None, 12), (After(0.25, "share"), 6), (After(3.0, "chunks"), 12), (END, 23)],
)
def test_truncated_answer_says_how_long_it_is(after: After | None, kept: int) -> None:
    assert whole(Fault("truncate", after)) == (kept, [Frame(BODY[:kept], "end", 0)], True)


def test_answer_of_nothing_has_no_place() -> None:
    assert whole(Fault("truncate"), b"") == (0, [Frame(b"", "end", 0)], True)


def test_reset_comes_before_the_answer_unless_it_has_a_place() -> None:
    assert whole(Fault("reset")) == (len(BODY), [Reset()], True)
    assert whole(Fault("reset", HALF)) == (
        len(BODY), [Frame(BODY[:12], "end", 0), Reset()], True
    )  # fmt: skip


def test_hanging_answer_is_closed_without_a_byte() -> None:
    assert whole(Fault("hang", for_s=2.0)) == (len(BODY), [Stall(2.0), HangUp()], True)


def test_stalled_answer_goes_on_after_its_pause() -> None:
    _, steps, _ = whole(Fault("stall", for_s=2.0))

    assert steps == [Frame(BODY[:12], "end", 0), Stall(2.0), Frame(BODY[12:], "end")]


def test_answer_has_a_syntax_error() -> None:
    length, steps, _ = whole(Fault("malformed_json"))

    assert length == len(sent_of(steps)) == len(BODY) - 1
    with pytest.raises(json.JSONDecodeError):
        json.loads(sent_of(steps))


def test_halves_of_an_answer_change_places() -> None:
    length, steps, _ = whole(Fault("reorder_frames"))

    assert (length, sent_of(steps)) == (len(BODY), BODY[12:] + BODY[:12])


def test_answer_comes_twice() -> None:
    length, steps, _ = whole(Fault("duplicate_frames"))

    assert (length, sent_of(steps)) == (2 * len(BODY), 2 * BODY)


def test_character_of_an_answer_is_split() -> None:
    length, steps, has_fired = whole(Fault("split_utf8"))

    first = steps[0]
    assert isinstance(first, Frame)
    assert first.data.endswith(b"Gr\xc3")
    assert (length, sent_of(steps), has_fired) == (len(BODY), BODY, True)


@pytest.mark.parametrize("kind", ["half_frame", "no_terminator", "silence"])
def test_answer_is_closed_before_the_length_that_is_announced(kind: str) -> None:
    length, steps, _ = whole(Fault(kind, for_s=1.0 if kind == "silence" else None))

    assert len(sent_of(steps)) < length
    assert BODY.startswith(sent_of(steps))
    assert steps[-1] == HangUp()


def test_last_byte_of_an_answer_is_missing() -> None:
    kept = BODY.rstrip()[:-1]

    assert whole(Fault("no_finish")) == (len(kept), [Frame(kept, "end", 0)], True)


@pytest.mark.parametrize(
    ("status", "shown"), [(None, "502 Bad Gateway"), (504, "504 Gateway Timeout"), (599, "599")]
)
def test_proxy_s_page_shows_its_status(status: int | None, shown: str) -> None:
    damage = Damage(Fault("html", status=status))

    page = damage.page("application/json")

    assert damage.is_page
    assert damage.has_fired
    assert page.status == int(shown[:3])
    assert page.headers == (("Content-Type", "text/html"),)
    assert f"<title>{shown}</title>" in page.body.decode()


def test_empty_body_is_of_the_type_that_was_asked_for() -> None:
    page = Damage(Fault("empty_body")).page("application/json")

    assert (page.status, page.body) == (200, b"")
    assert page.headers == (("Content-Type", "application/json"),)


def test_wrong_content_type_changes_no_other_header() -> None:
    damage = Damage(Fault("content_type"))

    headers = damage.headers((("Content-Type", "text/event-stream"), ("x-request-id", "r")))

    assert headers == (("Content-Type", "text/plain; charset=utf-8"), ("x-request-id", "r"))
    assert damage.has_fired


def test_other_faults_leave_the_headers_as_they_were() -> None:
    headers = (("Content-Type", "application/json"),)

    assert Damage(Fault("truncate")).headers(headers) is headers


@pytest.mark.parametrize(
    ("fault", "slow_s"),
    [
        (Fault("slow_headers"), 10.0),
        (Fault("slow_headers", for_s=2.0), 2.0),
        (Fault("slow_headers", for_s=0.0), 0.0),
        (Fault("stall", for_s=2.0), None),
    ],
)
def test_only_slow_headers_take_their_time(fault: Fault, slow_s: float | None) -> None:
    assert Damage(fault).slow_head_s == slow_s


def test_every_kind_that_a_place_is_given_for_is_damage() -> None:
    assert set(PLACED) <= WIRE_FAULTS.keys()
