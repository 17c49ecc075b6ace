"""Every fault, in every operation, whole and streamed: the client sees it both ways."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from msgspec import Struct

from mockllm.core.faults import ERROR_FAULTS, FAULTS, MISBEHAVIOURS, WIRE_FAULTS
from mockllm.providers.registry import OPERATIONS
from tests.clock import FakeClock
from tests.conftest import MakeApp
from tests.contract.cases import Case, ChatCase, SpokenCase
from tests.contract.every_case import CASES, CHATS, SPOKEN

MAX_STALL_S = 30
YAML = f"""\
settings: {{seed: 7, max_stall: {MAX_STALL_S}s}}
defaults: {{unknown_response: "Zürich has a lake, and a tower: ümlaut."}}
responses:
  "call":
    tool_calls: [{{name: get_weather, arguments: {{city: Zürich, unit: celsius}}}}]
  "data": {{json: {{city: Zürich, unit: celsius}}}}
"""
PROMPT = "Say something."


class Seen(Struct):
    """What a client sees of an answer. `ended` means that the body came to a proper end."""

    status: int = 0
    headers: Mapping[str, str] = {}
    pieces: list[bytes] = []
    ended: bool = False
    waited_s: float = 0.0

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def length(self) -> int | None:
        announced = self.headers.get("Content-Length")
        return None if announced is None else int(announced)


def see(app: Flask, clock: FakeClock, case: Case, body: Any, fault: str = "") -> Seen:
    """Return what is seen of an answer whose request asks for a fault."""
    clock.now_s = began_s = 100.0
    seen = Seen(pieces=[])
    headers = {"X-Mockllm-Fault": fault} if fault else {}
    told = {name: value for name, value in body.items() if name != "stream"}
    data = json.dumps(told if case.stream_path else body).encode()
    try:
        response = app.test_client().post(
            case.url(body), data=data, headers=headers, buffered=False
        )
        seen.status, seen.headers = response.status_code, dict(response.headers)
        for piece in response.response:
            seen.pieces.append(piece)  # type: ignore[arg-type]  # always bytes
        seen.ended = True
    except ConnectionResetError:
        pass
    seen.waited_s = clock.now_s - began_s
    return seen


def ways() -> Iterator[Any]:
    for name, case in CASES.items():
        yield pytest.param(case, False, id=f"{name}-whole")
        if OPERATIONS[name].stream is not None:
            yield pytest.param(case, True, id=f"{name}-streamed")


WAYS = pytest.mark.parametrize(("case", "streams"), list(ways()))


def body_of(case: Case, streams: bool, prompt: str = PROMPT) -> Any:
    return (
        {**case.body(prompt), "stream": streams}
        if isinstance(case, SpokenCase)
        else case.body(prompt)
    )


def events_of(case: Case, streams: bool, body: bytes) -> list[Any]:
    """Return the JSON in a body; raises ValueError when it is malformed."""
    if streams and isinstance(case, SpokenCase):
        return list(case.streams.events(body))
    return [json.loads(body)]


@WAYS
@pytest.mark.parametrize("kind", ERROR_FAULTS)
def test_error_in_place_of_the_answer(
    case: Case, streams: bool, kind: str, make_app: MakeApp, clock: FakeClock
) -> None:
    asked = f"{kind}; retry_after=2s; message=On purpose."

    seen = see(make_app(YAML), clock, case, body_of(case, streams), asked)

    assert 400 <= seen.status < 600
    assert seen.headers["retry-after"] == "2"
    assert case.error(json.loads(seen.body)) == "On purpose."


@WAYS
@pytest.mark.parametrize("kind", WIRE_FAULTS)
def test_damage_on_the_way(
    case: Case, streams: bool, kind: str, make_app: MakeApp, clock: FakeClock
) -> None:
    app, body = make_app(YAML), body_of(case, streams)
    good = see(app, clock, case, body)
    assert good.ended
    assert good.status == 200
    app = make_app(YAML)  # the same seed, from the start

    seen = see(app, clock, case, body, DAMAGE.get(kind, kind))

    check(kind, case, streams, good, seen)


DAMAGE = {"stall": "stall; for=2s", "silence": "silence; for=2s"}


def check(  # noqa: C901, PLR0915  # a table of what the manual says
    kind: str, case: Case, streams: bool, good: Seen, seen: Seen
) -> None:
    announced = good.length if streams or good.length is None else len(seen.body)
    match kind:
        case "reset":
            assert (seen.body, seen.ended) == (b"", False)
        case "hang":
            assert (seen.body, seen.ended) == (b"", False)
            assert seen.waited_s == MAX_STALL_S
        case "slow_headers":
            assert (seen.body, seen.ended) == (good.body, True)
            assert seen.waited_s == 10
        case "content_type":
            assert seen.headers["Content-Type"].startswith("text/plain")
            assert seen.body == good.body
        case "html":
            assert seen.status == 502
            assert seen.body.startswith(b"<html>")
        case "empty_body":
            assert (seen.status, seen.body, seen.ended) == (200, b"", True)
        case "malformed_json" | "malformed_frame":
            assert seen.ended
            with pytest.raises(json.JSONDecodeError):
                events_of(case, streams, seen.body)
        case "truncate":
            assert seen.ended
            assert len(seen.body) < len(good.body)
            assert good.body.startswith(seen.body)
            assert seen.length == announced
        case "stall":
            assert (seen.body, seen.ended) == (good.body, True)
            assert seen.waited_s == 2
        case "error_event":
            assert seen.ended
            assert (seen.status == 200) == streams
            assert b"error" in seen.body
            assert seen.body != good.body
        case "half_frame":
            assert not seen.ended
            assert seen.body
            assert len(seen.body) < len(good.body)
            assert good.body.startswith(seen.body)
        case "split_utf8":
            pass
        case "duplicate_frames":
            assert seen.ended
            assert len(seen.body) > len(good.body)
        case "reorder_frames":
            assert seen.ended
            assert seen.body != good.body
            assert sorted(seen.body) == sorted(good.body)
        case "no_finish":
            assert seen.ended
            assert len(seen.body) < len(good.body)
        case "no_terminator":
            assert seen.ended == streams
            assert (len(seen.body) < len(good.body)) == streams
        case "silence":
            assert seen.body == good.body
            assert seen.ended == streams
            assert seen.waited_s == 2
        case _:
            raise AssertionError(kind)


@pytest.mark.parametrize(
    ("case", "streams"),
    [
        pytest.param(case, streams, id=f"{name}-{streams}")
        for name, case in SPOKEN.items()
        for streams in (False, True)
    ],
)
def test_character_comes_in_two_pieces(
    case: Case, streams: bool, make_app: MakeApp, clock: FakeClock
) -> None:
    seen = see(make_app(YAML), clock, case, body_of(case, streams), "split_utf8; after=0%")

    with pytest.raises(UnicodeDecodeError):
        next(piece for piece in seen.pieces if b"\xc3" in piece).decode()
    assert seen.body.decode()
    assert seen.waited_s == pytest.approx(0.02)


@pytest.mark.parametrize("kind", ["reset", "truncate", "stall", "error_event", "half_frame"])
@pytest.mark.parametrize("place", ["50%", "3 chunks", "400ms"])
@pytest.mark.parametrize("case", SPOKEN.values(), ids=SPOKEN)
def test_what_is_due_before_a_fault_comes_before_it(
    case: SpokenCase, kind: str, place: str, make_app: MakeApp, clock: FakeClock
) -> None:
    slow = YAML.replace("defaults: {", "defaults: {timing: {rate: 5 words/s, chunk: word}, ")
    body = body_of(case, True)
    good = see(make_app(slow), clock, case, body)

    seen = see(make_app(slow), clock, case, body, f"{kind}; after={place}")

    chunks = {"50%": 4, "3 chunks": 3, "400ms": 2}[place]
    before = b"".join(good.pieces[: chunks + case.opens])
    assert seen.body.startswith(before[: -len(good.pieces[chunks])])
    assert len(seen.body) < len(good.body)


def test_every_fault_is_checked() -> None:
    assert {*ERROR_FAULTS, *WIRE_FAULTS, *MISBEHAVIOURS} == set(FAULTS)


CALLING = [kind for kind in MISBEHAVIOURS if kind not in (
    "empty_answer", "refusal", "filtered", "reasoning_only", "code_fence", "wrong_language",
    "injection",
)]  # fmt: skip


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("kind", [kind for kind in CALLING if kind != "bad_enum"])
@pytest.mark.parametrize("case", CHATS.values(), ids=CHATS)
def test_model_errs_in_a_tool_call(
    case: ChatCase, kind: str, streams: bool, make_app: MakeApp, clock: FakeClock
) -> None:
    body = body_of(case, streams, "call")
    good = see(make_app(YAML), clock, case, body)

    seen = see(make_app(YAML), clock, case, body, kind)

    assert seen.status == 200
    assert seen.ended
    assert "x-mockllm-warning" not in seen.headers
    assert seen.body != good.body
    events_of(case, streams, seen.body)


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("kind", [kind for kind in MISBEHAVIOURS if kind not in CALLING])
@pytest.mark.parametrize("case", CHATS.values(), ids=CHATS)
def test_model_errs_in_its_answer(
    case: ChatCase, kind: str, streams: bool, make_app: MakeApp, clock: FakeClock
) -> None:
    body = body_of(case, streams, "data")
    good = see(make_app(YAML), clock, case, body)

    seen = see(make_app(YAML), clock, case, body, kind)

    assert seen.status == 200
    assert seen.ended
    assert seen.body != good.body
    events_of(case, streams, seen.body)


@WAYS
@pytest.mark.parametrize("kind", ["unknown_tool", "bad_enum"])
def test_mistake_that_an_answer_has_no_place_for_is_told(
    case: Case, streams: bool, kind: str, make_app: MakeApp, clock: FakeClock
) -> None:
    body = body_of(case, streams)
    good = see(make_app(YAML), clock, case, body)

    seen = see(make_app(YAML), clock, case, body, kind)

    assert seen.body == good.body
    assert f"the fault {kind} did not happen" in seen.headers["x-mockllm-warning"]
