"""What holds for every operation of every provider."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from msgspec import structs

from mockllm.core.protocol import Frame, apart
from mockllm.core.tokens import pieces
from mockllm.errors import InternalError
from mockllm.providers.registry import OPERATIONS
from tests.clock import FakeClock
from tests.conftest import MakeApp, runtime_of
from tests.contract.cases import Case, ChatCase, SpokenCase
from tests.contract.every_case import CASES, CHATS, SPOKEN


def every(cases: Mapping[str, Case]) -> pytest.MarkDecorator:
    """Return what asks for each of these cases."""
    return pytest.mark.parametrize("case", cases.values(), ids=list(cases))


EVERY = every(CASES)
EVERY_SPOKEN = every(SPOKEN)
STOPPED = {name: case for name, case in SPOKEN.items() if case.stop is not None}
EVERY_STOPPED = every(STOPPED)
EVERY_CHAT = every(CHATS)
NAMED = {name: case for name, case in SPOKEN.items() if case.has_ids}
BOUNDED = {name: case for name, case in SPOKEN.items() if case.bounds_limit}
IN_PARTS = {name: case for name, case in CHATS.items() if case.takes_parts}
EVERY_ARGUING = every({name: case for name, case in CHATS.items() if case.argued})
PROMPTS = pytest.mark.parametrize(
    "prompt", ["what is 2+2?", "say it all", "say nothing", "something else"]
)


def ask(app: Flask, case: Case, body: Any, headers: dict[str, str] | None = None) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return app.test_client().post(case.url(body), data=data, headers=headers)


def test_every_operation_has_a_case() -> None:
    assert sorted(CASES) == sorted(OPERATIONS)


@EVERY_SPOKEN
@PROMPTS
def test_fold_of_the_stream_equals_the_whole(
    case: SpokenCase, prompt: str, make_app: MakeApp
) -> None:
    text = open_yaml("seed: 7")
    whole = ask(make_app(text), case, case.body(prompt)).json
    streamed = ask(make_app(text), case, {**case.body(prompt), "stream": True})

    folded = case.fold(list(case.streams.events(streamed.data)))

    assert case.settled(folded) == case.settled(whole)


def open_yaml(settings: str) -> str:
    return (
        "responses:\n"
        '  "what is 2+2?": "2+2 equals 9."\n'
        '  "say it all": "Grüße, 👩‍🚀 \\"quoted\\"\\nand a new line."\n'
        '  "say nothing": ""\n'
        f"settings: {{{settings}}}\n"
    )


@every(NAMED)
def test_ids_are_one_a_stream_and_differ_between_requests(case: SpokenCase, app: Flask) -> None:
    ids = set()
    for _ in range(2):
        streamed = ask(app, case, {**case.body("count"), "stream": True})
        ids |= {
            found
            for event in case.streams.events(streamed.data)
            for holder in (event, event.get("message", {}), event.get("response", {}))
            if (found := holder.get(case.id))
        }

    assert len(ids) == 2


@EVERY_SPOKEN
@pytest.mark.parametrize("stream", [False, True])
def test_same_seed_and_requests_give_the_same_bytes(
    case: SpokenCase, stream: bool, make_app: MakeApp
) -> None:
    text = open_yaml("seed: 7, lag_enabled: true")
    bodies = [{**case.body(prompt), "stream": stream} for prompt in ("what is 2+2?",) * 2]

    first, second = (
        [ask(app, case, body).data for body in bodies] for app in (make_app(text), make_app(text))
    )

    assert [without_created(each) for each in first] == [without_created(each) for each in second]
    assert first[0] != first[1]


def without_created(data: bytes) -> bytes:
    return re.sub(rb'"created(_at)?":("[^"]*"|\d+),', b"", data)


@EVERY_SPOKEN
def test_streams_go_a_code_point_at_a_time(case: SpokenCase, app: Flask) -> None:
    whole = ask(app, case, case.body("say it all")).json
    streamed = ask(app, case, {**case.body("say it all"), "stream": True})

    pieces = [piece for event in case.streams.events(streamed.data) for piece in case.said(event)]

    assert pieces == list(case.text(whole))


@EVERY_SPOKEN
def test_lagged_stream_leaves_each_piece_when_it_is_due(
    case: SpokenCase, make_app: MakeApp, clock: FakeClock
) -> None:
    app = make_app(open_yaml("lag_enabled: true, lag_factor: 2"))
    started_s = clock.now_s
    response = ask(app, case, {**case.body("what is 2+2?"), "stream": True})

    pieces = list(response.iter_encoded())

    assert len(clock.waits) == len("2+2 equals 9.")
    assert clock.waits == sorted(clock.waits)
    assert 13 * 0.025 <= clock.waits[-1] - started_s <= 13 * 0.075
    assert len(pieces) == case.opens + len(clock.waits)


@EVERY_SPOKEN
def test_lagged_whole_reply_leaves_when_it_is_due(
    case: SpokenCase, make_app: MakeApp, clock: FakeClock
) -> None:
    app = make_app(open_yaml("lag_enabled: true, lag_factor: 2"))
    started_s = clock.now_s

    body = ask(app, case, case.body("what is 2+2?")).data

    assert clock.now_s - started_s == pytest.approx(13 / 20)
    assert case.text(json.loads(body)) == "2+2 equals 9."


@EVERY_SPOKEN
def test_stream_without_lag_is_one_write(case: SpokenCase, app: Flask, clock: FakeClock) -> None:
    response = ask(app, case, {**case.body("count"), "stream": True})

    assert len(list(response.iter_encoded())) == 1
    assert clock.waits == []


@every(IN_PARTS)
def test_prompt_may_be_in_parts_and_history_may_hold_anything(case: ChatCase, app: Flask) -> None:
    parts = [{"type": "new-kind", "x": 1}, {"type": "text", "text": "count"}]
    body = case.body("")
    body[case.messages] = [
        case.message("user", "what is 2+2?"),
        case.message("user", "again"),
        case.message("assistant", "no"),
        case.message("user", parts),
    ]

    assert case.text(ask(app, case, body).json) == "one two three four five"


@EVERY
def test_unknown_parameters_and_tools_pass(case: Case, app: Flask) -> None:
    body = {**case.body("count"), "new_parameter": {"a": 1}, "tools": [{"type": "new"}]}

    assert ask(app, case, body).status_code == 200


@EVERY_STOPPED
def test_stop_sequence_ends_the_text(case: SpokenCase, app: Flask) -> None:
    assert case.stop is not None
    whole = ask(app, case, {**case.body("count"), **case.stop(["three", ""])}).json

    assert case.text(whole) == "one two "


@EVERY_SPOKEN
def test_token_limit_cuts_and_is_counted(case: SpokenCase, app: Flask) -> None:
    whole = ask(app, case, {**case.body("count"), **case.limit(2)}).json

    assert case.text(whole) == "one two"
    assert case.counts(whole) == (1, 2)


@EVERY_SPOKEN
def test_unknown_prompt_gets_the_default(case: SpokenCase, app: Flask) -> None:
    response = ask(app, case, case.body("nobody knows"))

    assert response.status_code == 200
    assert case.text(response.json) == "I am a mock."


@EVERY_SPOKEN
def test_answers_name_their_source_and_generation(case: SpokenCase, app: Flask) -> None:
    headers = ask(app, case, case.body("count")).headers

    assert headers["x-mockllm-source"].endswith("/responses.yml:5")
    assert headers["x-mockllm-generation"] == "1"


@EVERY
def test_built_in_answer_says_so(case: Case, make_app: MakeApp) -> None:
    headers = ask(make_app("responses: {}"), case, case.body("hi")).headers

    assert headers["x-mockllm-source"] == "built-in"


@EVERY_SPOKEN
def test_streams_are_not_cached_nor_buffered(case: SpokenCase, app: Flask) -> None:
    headers = ask(app, case, {**case.body("count"), "stream": True}).headers

    assert headers["Content-Type"] == case.streams.content_type
    assert headers["Cache-Control"] == "no-cache"
    assert headers["X-Accel-Buffering"] == "no"


BAD_BODIES = {
    "empty": b"",
    "not JSON": b"{",
    "not an object": b"[]",
    "bad UTF-8": b'{"model": "\xff"}',
    "NaN": b'{"model": NaN}',
    "lone surrogate": b'{"model": "\\ud800"}',
    "deep nesting": b'{"model": ' + b"[" * 100_000,
    "model a number": b'{"model": 5, "input": "", "messages": [{"role": "user", "content": ""}]}',
}
BAD_CHATS = {
    "no model": b'{"messages": [{"role": "user", "content": "hi"}]}',
    "no messages": b'{"model": "m"}',
    "empty messages": b'{"model": "m", "messages": []}',
    "messages no list": b'{"model": "m", "messages": 7}',
    "message no object": b'{"model": "m", "messages": ["hi"]}',
    "content a number": b'{"model": "m", "messages": [{"role": "user", "content": 5}]}',
    "part no object": b'{"model": "m", "messages": [{"role": "user", "content": [5]}]}',
    "part without type": b'{"model": "m", "messages": [{"role": "user", "content": [{}]}]}',
    "text a number": b'{"model": "m", "messages": [{"role": "user", "content":'
    b' [{"type": "text", "text": 5}]}]}',
}
NO_MESSAGES = ("no messages", "empty messages")
EVERY_BAD_CHAT = pytest.mark.parametrize(
    ("case", "body"),
    [
        pytest.param(case, body, id=f"{name}-{fault}")
        for name, case in CHATS.items()
        for fault, body in BAD_CHATS.items()
        if not (case.takes_nothing and fault in NO_MESSAGES)
        if case.needs_model or fault != "no model"
    ],
)


@EVERY
@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=list(BAD_BODIES))
@pytest.mark.parametrize("stream", [b"", b'"stream": true, '], ids=["whole", "stream"])
def test_bad_body_gets_400_in_the_dialect(
    case: Case, body: bytes, stream: bytes, app: Flask
) -> None:
    assert_refused(case, body, stream, app)


@EVERY_BAD_CHAT
@pytest.mark.parametrize("stream", [b"", b'"stream": true, '], ids=["whole", "stream"])
def test_bad_chat_gets_400_in_the_dialect(
    case: ChatCase, body: bytes, stream: bytes, app: Flask
) -> None:
    assert_refused(case, renamed(body, case), stream, app)


def renamed(body: bytes, case: ChatCase) -> bytes:
    """Return a bad chat with its messages where this operation has them."""
    named = body.replace(b'"messages"', f'"{case.messages}"'.encode())
    return named.replace(b'"content"', f'"{case.content}"'.encode())


def assert_refused(case: Case, body: bytes, stream: bytes, app: Flask) -> None:
    sent = body.replace(b"{", b"{" + stream, 1) if len(body) > 2 else body
    response = ask(app, case, sent)

    assert response.status_code == 400
    assert response.mimetype == "application/json"
    assert case.error(response.json)


@every(IN_PARTS)
def test_wrong_type_names_the_parameter(case: ChatCase, app: Flask) -> None:
    response = ask(app, case, renamed(BAD_CHATS["text a number"], case))

    message = case.error(response.json)

    wanted = f"{case.messages}[0].{case.content}[0].text"
    assert wanted in message or wanted.replace("[", ".").replace("]", "") in message


@EVERY
def test_body_over_the_limit_gets_413_in_the_dialect(case: Case, make_app: MakeApp) -> None:
    app = make_app(open_yaml("max_body: 1KB"))

    response = ask(app, case, case.body("x" * 2000))

    assert response.status_code == 413
    assert "max_body" in case.error(response.json)


@EVERY
def test_wrong_method_gets_405_in_the_dialect_of_the_path(case: Case, app: Flask) -> None:
    response = app.test_client().put(case.path)

    assert response.status_code == 405
    assert response.headers["Allow"].endswith("POST")
    assert response.json is not None
    assert "POST" in case.error(response.json)


@EVERY
def test_own_mistake_gets_500_in_the_dialect_and_a_traceback_in_the_log(
    case: Case, app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = runtime_of(app)
    snapshot = runtime.live.current
    runtime.live.current = structs.replace(
        snapshot,
        ruleset=structs.replace(snapshot.ruleset, unknown=None),
    )

    response = ask(app, case, case.body("nobody knows"))

    assert response.status_code == 500
    assert "Traceback" not in response.text
    assert case.error(response.json)
    assert "Traceback" in caplog.text


@pytest.mark.parametrize("name", list(SPOKEN))
def test_failure_after_the_first_byte_ends_in_an_error_event(
    name: str, app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, case = OPERATIONS[name], SPOKEN[name]
    stream = operation.stream
    assert stream is not None

    def breaking(exchange: Any) -> Any:
        yield next(iter(stream(exchange)))
        raise ZeroDivisionError

    monkeypatch.setattr(operation, "stream", breaking)

    response = ask(app, case, {**case.body("count"), "stream": True})
    last = list(case.streams.events(response.data))[-1]

    assert response.status_code == 200
    assert case.error(last)
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("name", list(SPOKEN))
def test_roles_of_frames_come_in_order(
    name: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, case = OPERATIONS[name], SPOKEN[name]
    stream = operation.stream
    assert stream is not None
    frames: list[Frame] = []

    def recording(exchange: Any) -> Any:
        for frame in stream(exchange):
            frames.extend(apart([frame]))
            yield frame

    monkeypatch.setattr(operation, "stream", recording)

    paced = {"X-Mockllm-Rate": "1000 tokens/s"}  # or pieces would leave together
    _ = ask(app, case, {**case.body("count"), "stream": True}, paced).data
    order = ["open", "delta", "finish", "end"]
    ranks = [order.index(frame.role) for frame in frames]

    assert ranks == sorted(ranks)
    assert frames[0].role in ("open", "delta")
    assert frames[-1].role in ("finish", "end")
    assert [frame.chunk for frame in frames if frame.chunk is not None] == list(
        range(len(pieces("one two three four five")))
    )


def test_internal_error_tells_nothing_of_the_cause() -> None:
    assert "log" in InternalError().message


@EVERY
def test_long_model_name_is_refused(case: Case, app: Flask) -> None:
    response = ask(app, case, {**case.body("hi"), "model": "m" * 1_001})

    assert response.status_code == 400
    assert "model" in case.error(response.json)


@EVERY_CHAT
def test_too_many_messages_are_refused(case: ChatCase, app: Flask) -> None:
    messages = [case.message("user", "hi")] * 100_001

    response = ask(app, case, {**case.body("hi"), case.messages: messages})

    assert response.status_code == 400
    assert case.messages in case.error(response.json)


@EVERY_STOPPED
def test_too_many_stop_sequences_are_refused(case: SpokenCase, app: Flask) -> None:
    assert case.stop is not None
    response = ask(app, case, {**case.body("hi"), **case.stop(["x"] * 101)})

    assert response.status_code == 400


@every(BOUNDED)
def test_a_negative_limit_is_refused(case: SpokenCase, app: Flask) -> None:
    response = ask(app, case, {**case.body("hi"), **case.limit(-1)})

    assert response.status_code == 400


@EVERY_SPOKEN
@pytest.mark.parametrize("stream", [False, True])
def test_what_was_read_of_a_request_is_not_changed_by_answering_it(
    case: SpokenCase, stream: bool, make_app: MakeApp
) -> None:
    app = make_app(open_yaml("seed: 7"))
    body = json.dumps({**case.body("say it all"), "stream": stream}).encode()
    ask(app, case, body)
    first = runtime_of(app).journal.find()[0].request
    before = repr(first)

    ask(app, case, body)

    assert repr(first) == before == repr(runtime_of(app).journal.find()[0].request)
