"""Limits from YAML to the vendors' headers and their 429."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.clock import FakeClock
from tests.conftest import MakeApp, runtime_of
from tests.contract.every_case import CASES, CHATS

OPENAI, ANTHROPIC = CHATS["openai.chat"], CHATS["anthropic.messages"]


def post(
    app: Flask, case: Any = OPENAI, prompt: str = "p", key: str = "k", **more: Any
) -> TestResponse:
    session, buffered = more.pop("session", ""), more.pop("buffered", True)
    headers = {"Authorization": f"Bearer {key}"}
    if session:
        headers["X-Mockllm-Session"] = session
    body = {**case.body(prompt), **more}
    return app.test_client().post(case.path, json=body, headers=headers, buffered=buffered)


def limited(per: str, what: str) -> str:
    said = "{text: one two three, timing: {rate: 1 token/s}}" if "concurrent" in what else "one"
    return f"settings: {{limits: [{{per: {per}, {what}}}]}}\nresponses: {{p: {said}}}"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_request_beyond_the_limit_gets_the_vendor_s_429(case: Any, make_app: MakeApp) -> None:
    app = make_app(limited("api_key", "requests: 2/m"))

    found = [post(app, case) for _ in range(3)]

    assert [response.status_code for response in found] == [200, 200, 429]
    assert case.error(found[2].json or {})
    assert found[2].headers["retry-after"] == "30"


def test_bucket_is_refilled_continuously_and_retry_after_is_true(
    make_app: MakeApp, clock: FakeClock
) -> None:
    app = make_app(limited("api_key", "requests: 2/m"))
    post(app)
    post(app)
    refused = post(app)

    clock.now_s += int(refused.headers["retry-after"]) - 1
    assert post(app).status_code == 429
    clock.now_s += 1
    assert post(app).status_code == 200
    assert post(app).status_code == 429


def test_openai_says_what_is_left(make_app: MakeApp) -> None:
    app = make_app(
        "settings: {limits: [{per: api_key, requests: 60/m, tokens: 90k/m}]}\n"
        "responses: {p: {text: one two three}}"
    )

    headers = post(app).headers

    assert headers["x-ratelimit-limit-requests"] == "60"
    assert headers["x-ratelimit-remaining-requests"] == "59"
    assert headers["x-ratelimit-reset-requests"] == "1s"
    assert headers["x-ratelimit-limit-tokens"] == "90000"
    assert headers["x-ratelimit-remaining-tokens"] == str(90_000 - 1 - 3)
    assert headers["x-ratelimit-reset-tokens"] == "3ms"


def test_anthropic_says_what_is_left(make_app: MakeApp) -> None:
    app = make_app(limited("api_key", "requests: 60/h, tokens: 90k/m"))

    headers = post(app, ANTHROPIC).headers

    assert headers["anthropic-ratelimit-requests-limit"] == "60"
    assert headers["anthropic-ratelimit-requests-remaining"] == "59"
    assert headers["anthropic-ratelimit-requests-reset"] == "2023-11-14T22:16:00Z"
    assert headers["anthropic-ratelimit-tokens-limit"] == "90000"


def test_streams_and_refused_requests_say_it_too(make_app: MakeApp) -> None:
    app = make_app(limited("api_key", "requests: 1/m"))

    streamed, refused = post(app, stream=True), post(app)

    assert streamed.headers["x-ratelimit-remaining-requests"] == "0"
    assert refused.headers["x-ratelimit-remaining-requests"] == "0"
    assert refused.headers["x-ratelimit-reset-requests"] == "1m0s"
    assert refused.headers["retry-after-ms"] == "60000"
    assert "on requests per min (RPM): Limit 1. Please try again in 1m0s." in refused.text


def test_tokens_of_the_answer_count_and_may_overdraw(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app(
        "settings: {limits: [{per: model, tokens: 10/s}]}\n"
        "responses: {p: {text: x, usage: {output_tokens: 40}}}"
    )

    assert post(app).status_code == 200  # 1 of input, 40 of output: 31 beyond
    refused = post(app)
    assert refused.status_code == 429
    assert refused.headers["x-ratelimit-remaining-tokens"] == "0"
    assert refused.headers["retry-after"] == "4"
    clock.now_s += 4
    assert post(app).status_code == 200


@pytest.mark.parametrize(
    ("per", "other"),
    [("api_key", {"key": "another"}), ("model", {"model": "gpt-5"}), ("session", {"session": "b"})],
)
def test_limit_is_of_each_key_model_or_session(
    per: str, other: dict[str, Any], make_app: MakeApp
) -> None:
    app = make_app(limited(per, "requests: 1/h"))

    assert post(app).status_code == 200
    assert post(app).status_code == 429
    assert post(app, **other).status_code == 200
    assert post(app, **other).status_code == 429


def test_sessions_never_share_a_limit(make_app: MakeApp) -> None:
    app = make_app(limited("api_key", "requests: 1/h"))

    found = [post(app, session=session).status_code for session in ("a", "a", "b", "b")]

    assert found == [200, 429, 200, 429]


def test_forgotten_session_begins_anew(make_app: MakeApp) -> None:
    app = make_app(limited("api_key", "requests: 1/h"))
    post(app, session="a")

    app.test_client().delete("/_mockllm/sessions/a")

    assert post(app, session="a").status_code == 200


def test_refused_request_counts_no_answer(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app(
        "settings: {limits: [{per: api_key, requests: 1/m}]}\n"
        "rules: [{when: {contains: p}, replies: [one, two]}]"
    )

    post(app)
    post(app)
    clock.now_s += 60

    assert OPENAI.text(post(app).json or {}) == "two"


def test_answers_under_way_are_counted_and_leave(make_app: MakeApp) -> None:
    app = make_app(limited("api_key", "concurrent: 2"))
    under_way = [post(app, stream=True, buffered=False) for _ in range(2)]

    refused = post(app)
    assert refused.status_code == 429
    assert "2 concurrent requests" in OPENAI.error(refused.json or {})
    for response in under_way:
        list(response.response)
    assert [post(app).status_code for _ in range(3)] == [200, 200, 200]


def test_request_that_fails_leaves_too(make_app: MakeApp) -> None:
    text = limited("api_key", "concurrent: 1").replace("settings: {", "settings: {strict: true, ")
    app = make_app(text)

    assert [post(app, prompt="nobody").status_code for _ in range(3)] == [404, 404, 404]


def test_without_limits_nothing_is_said(make_app: MakeApp) -> None:
    assert "x-ratelimit-limit-requests" not in post(make_app("responses: {p: hi}")).headers


def ended_pid() -> int:
    """Return the number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


@pytest.mark.parametrize(
    ("holder", "status"),
    [
        pytest.param(lambda: (ended_pid(), "key"), 200, id="killed"),
        pytest.param(lambda: (os.getpid(), "key of an earlier process"), 200, id="number-again"),
        pytest.param(lambda: (os.getppid(), "key"), 429, id="alive"),
        pytest.param(lambda: (1, "key"), 429, id="somebody-else-s"),
    ],
)
def test_answers_under_way_count_while_their_process_lives(
    holder: Callable[[], tuple[int, str]],
    status: int,
    make_app: MakeApp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(limited("session", "concurrent: 1"))
    found = holder()
    with monkeypatch.context() as another:
        another.setattr(runtime_of(app), "holder", lambda: found)
        held = post(app, stream=True, buffered=False)

    assert (held.status_code, post(app).status_code) == (200, status)


def test_answers_of_two_processes_are_counted_and_released(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(limited("session", "concurrent: 2"))
    with monkeypatch.context() as another:
        another.setattr(runtime_of(app), "holder", lambda: (os.getppid(), "key"))
        theirs = post(app, stream=True, buffered=False)
    ours = post(app, stream=True, buffered=False)
    refused = post(app).status_code

    ours.close()
    granted = post(app).status_code

    assert (theirs.status_code, refused, granted) == (200, 429, 200)
