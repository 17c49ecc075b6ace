"""Timing from YAML to the client: profiles, precedence, headers, load."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.clock import FakeClock
from tests.conftest import MakeApp, runtime_of
from tests.contract.every_case import CASES, CHATS, SPOKEN

OPENAI = CHATS["openai.chat"]
YAML = """\
settings:
  profiles:
    mine: {first_token: 1s, rate: 2 tokens/s}
    slower: {profile: mine, first_token: 3s}
  models:
    - {name: gpt-4o, timing: {first_token: 7s}}
    - m
defaults: {timing: mine, unknown_response: "one two three"}
responses:
  "slow": {text: "one two three", timing: slower}
  "own": {text: "one two three", timing: {first_token: 5s}}
  "fast": {text: "one two three", timing: instant}
  "fail": {error: server}
"""


def post(app: Flask, prompt: str, model: str = "m", **more: Any) -> TestResponse:
    headers = more.pop("headers", {})
    body = {"model": model, "messages": [{"role": "user", "content": prompt}], **more}
    return app.test_client().post(OPENAI.path, json=body, headers=headers, buffered=True)


@pytest.mark.parametrize(
    ("prompt", "model", "taken_s"),
    [
        ("anything", "m", 2.0),  # 1 s, and two more tokens
        ("slow", "m", 4.0),
        ("own", "m", 5.0),
        ("fast", "m", 0.0),
        ("anything", "gpt-4o", 7.0),
        ("slow", "gpt-4o", 4.0),
        ("fail", "m", 1.0),
    ],
)
@pytest.mark.parametrize("streams", [False, True], ids=["whole", "streamed"])
def test_reply_goes_before_model_and_model_before_defaults(
    prompt: str, model: str, taken_s: float, streams: bool, make_app: MakeApp, clock: FakeClock
) -> None:
    app = make_app(YAML)
    began_s = clock.now_s

    post(app, prompt, model, stream=streams)

    assert clock.now_s - began_s == pytest.approx(taken_s)


@pytest.mark.parametrize("case", SPOKEN.values(), ids=SPOKEN)
def test_every_stream_takes_as_long_as_the_whole(
    case: Any, make_app: MakeApp, clock: FakeClock
) -> None:
    text = (
        "settings: {seed: 1}\n"
        "defaults: {unknown_response: one two three four}\n"
        "responses: {p: {text: one two three four,"
        " timing: {first_token: {p50: 300ms, p95: 900ms}, rate: 3 words/s, jitter: 30%}}}\n"
    )
    taken = []
    for streams in (False, True):
        clock.now_s = 100.0
        app = make_app(text)
        body = {**case.body("p"), "stream": streams}
        assert app.test_client().post(case.url(body), json=body).data
        taken.append(clock.now_s - 100.0)

    whole_s, streamed_s = taken
    assert whole_s > 1
    # the drawn times are another request's: its body says that it streams
    assert streamed_s == pytest.approx(whole_s, rel=2)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_operation_takes_its_time(case: Any, make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app("defaults: {timing: {first_token: 2s}}\nresponses: {}")

    app.test_client().post(case.path, json=case.body("p"), buffered=True)

    assert clock.now_s == pytest.approx(102.0)


@pytest.mark.parametrize(
    ("headers", "taken_s"),
    [
        ({"X-Mockllm-First-Token": "250ms"}, 1.25),
        ({"X-Mockllm-Rate": "1 token/s"}, 3.0),
        ({"X-Mockllm-First-Token": "0s", "X-Mockllm-Rate": "4 words/s"}, 0.5),
    ],
)
def test_headers_of_a_test_go_before_everything(
    headers: dict[str, str], taken_s: float, make_app: MakeApp, clock: FakeClock
) -> None:
    app = make_app(YAML)

    post(app, "anything", headers=headers)

    assert clock.now_s - 100 == pytest.approx(taken_s)


def test_headers_work_without_any_timing(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app("responses: {hi: one two three}")

    post(app, "hi", headers={"X-Mockllm-Rate": "2 tokens/s"})

    assert clock.now_s - 100 == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("X-Mockllm-First-Token", "soon", "'soon' is no time; write for example 300ms"),
        ("X-Mockllm-First-Token", "99999d", "'99999d' is no time"),
        ("X-Mockllm-Rate", "60", "'60' is no rate; write for example 60 tokens/s"),
    ],
)
def test_header_that_is_no_time_is_told(
    name: str, text: str, words: str, make_app: MakeApp
) -> None:
    response = post(make_app(YAML), "anything", headers={name: text})

    assert response.status_code == 400
    assert name.lower() in OPENAI.error(response.json or {})
    assert words in OPENAI.error(response.json or {})


def test_timing_replaces_the_lag(make_app: MakeApp, clock: FakeClock) -> None:
    lagged = "settings: {lag_enabled: true, lag_factor: 1}\n"
    app = make_app(lagged + 'responses: {a: {text: "0123456789", timing: fast}, b: "0123456789"}')

    post(app, "a", headers={"X-Mockllm-First-Token": "0s"})
    assert clock.now_s - 100 < 0.1
    post(app, "b")
    assert clock.now_s - 100 > 1


LOADED = """\
defaults:
  timing: {first_token: 4s, load: {max_concurrent: 2, slowdown: 3%s}}
"""


def test_answers_under_way_slow_each_other_down(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app(LOADED % "")
    begun = [open_stream(app) for _ in range(3)]

    due = []
    for pieces in begun:
        list(pieces)
        due.append(clock.now_s - 100)

    # alone 4 s; beside another three times as long; the third waits for the first
    assert due == pytest.approx([4.0, 12.0, 16.0])


def test_too_many_are_refused(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app(LOADED % ", beyond: reject")
    begun = [open_stream(app) for _ in range(2)]

    refused = post(app, "p")

    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "4"
    assert "2 concurrent requests" in OPENAI.error(refused.json or {})
    for pieces in begun:
        list(pieces)
    assert post(app, "p").status_code == 200


def test_client_that_left_counts_no_longer(make_app: MakeApp) -> None:
    app = make_app(LOADED % ", beyond: reject")
    for _ in range(5):
        response = stream(app)
        next(iter(response.response))
        response.close()

    assert post(app, "p").status_code == 200
    assert not runtime_of(app).open_streams


def stream(app: Flask) -> TestResponse:
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "p"}]}
    return app.test_client().post(OPENAI.path, json=body, buffered=False)


def open_stream(app: Flask) -> Any:
    """Return the pieces of a stream that has begun and waits for its first token."""
    response = stream(app)
    return iter(response.response)
