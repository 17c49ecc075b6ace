"""What the requests came to, as an admin page says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from mockllm.admin.verify import MAX_SHOWN
from mockllm.app import create_app
from mockllm.config.body import MAX_BYTES
from tests.clock import FakeClock
from tests.conftest import MakeApp, runtime_of
from tests.docs.asking import PROVIDERS, Conversation, asks, concerns

URL = "/_mockllm/verify"
LOOP = Path(__file__).parents[2] / "responses" / "examples" / "agent-loop.yml"
KEY = "sk-proj-" + "aB3_" * 8
YAML = """\
settings: {strict: true}
rules:
  - name: pay
    when: {contains: pay}
    reply: "Paid."
    expect: {exactly: 1, each: {system_contains: terse}}
  - {name: log-in, when: {contains: log in}, reply: "Welcome."}
"""


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(YAML)


def ask(app: Flask, prompt: str, system: str = "be terse", **headers: str) -> None:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": prompt}]
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"model": "gpt-4o", "messages": messages}
    app.test_client().post("/v1/chat/completions", json=body, headers=sent, buffered=True)


def verify(app: Flask, body: Any = None, query: str = "") -> TestResponse:
    content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    return app.test_client().post(f"{URL}{query}", data=content)


def told(app: Flask, body: Any = None, query: str = "") -> Any:
    response = verify(app, body, query)
    assert response.status_code == 200, response.text
    return response.json


def test_report_of_a_good_run(app: Flask) -> None:
    ask(app, "log in")
    ask(app, "pay 3")

    found = told(app)

    (expectation,) = found["expectations"]
    assert found | {"expectations": []} == {
        "passed": True,
        "has_warnings": False,
        "session": None,
        "requests": 2,
        "forgotten": 0,
        "expectations": [],
        "verdicts": [],
        "unmatched": [],
        "unused": [],
        "warnings": [],
        "problems": [],
    }
    assert (expectation["rule"], expectation["met"], expectation["count"]) == ("pay", True, 1)
    assert expectation["expected"] == "exactly 1, each with system_contains"
    assert expectation["source"].endswith("responses.yml:3")
    assert expectation["requests"][0]["prompt"] == "pay 3"


def test_report_of_a_bad_run(app: Flask) -> None:
    ask(app, "pay 3", "be long")
    ask(app, "pay 4")
    ask(app, "what else?")

    found = told(app)

    assert found["passed"] is False
    assert [each["why"] for each in found["expectations"][0]["failures"]] == [
        "expected exactly 1 request, got 2",
        "system_contains: wanted 'terse', got 'be long'",
    ]
    assert found["expectations"][0]["failures"][1]["request"]["prompt"] == "pay 3"
    assert [each["rule"] for each in found["unused"]] == ["log-in"]
    (unmatched,) = found["unmatched"]
    assert (unmatched["level"], unmatched["request"]["prompt"]) == ("error", "what else?")


def test_unmatched_request_comes_with_its_near_misses(app: Flask) -> None:
    ask(app, "lag in")

    near = told(app)["unmatched"][0]["near"][0]

    assert near["rule"] == "log-in"
    assert near["source"].endswith("responses.yml:7")
    assert near["why"] == "contains: wanted 'log in', got 'lag in'"


def test_verdicts_say_what_mends_them(app: Flask) -> None:
    ask(app, "what else?")
    ask(app, "what else?")

    (verdict,) = told(app)["verdicts"]

    assert (verdict["verdict"], verdict["level"]) == ("retried_in_vain", "error")
    assert verdict["fix"].startswith("retry only 408")
    assert verdict["manual"] == "docs/verification.md#retried_in_vain"
    assert verdict["count"] == len(verdict["requests"]) == 2
    assert told(app, {"ignore": ["retried_in_vain"]})["verdicts"] == []


def test_waiting_shorter_than_told_is_seen(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app(
        "rules: [{when: {always: true}, reply: {error: {status: 429, retry_after: 2s}}}]"
    )
    ask(app, "hello")
    clock.now_s += 1.0
    ask(app, "hello")

    (verdict,) = told(app)["verdicts"]

    assert verdict["message"] == "tried again after 1 s, told to wait 2 s"


def test_only_the_first_requests_are_shown(app: Flask) -> None:
    for number in range(MAX_SHOWN + 1):
        ask(app, f"pay {number}", "be long")

    (expectation,) = told(app)["expectations"]

    assert expectation["count"] == MAX_SHOWN + 1
    assert len(expectation["requests"]) == len(expectation["failures"]) == MAX_SHOWN


def test_session_is_verified_by_itself(app: Flask) -> None:
    ask(app, "pay 1", X_Mockllm_Session="a")
    ask(app, "pay 2", X_Mockllm_Session="b")

    assert (told(app)["passed"], told(app)["requests"]) == (False, 2)
    found = told(app, query="?session=a")
    assert (found["passed"], found["session"], found["requests"]) == (True, "a", 1)


def test_question_is_answered(app: Flask) -> None:
    ask(app, "pay 1")
    ask(app, "log in")

    for exactly, passed in ((1, True), (2, False)):
        found = told(app, {"when": {"contains": "pay"}, "exactly": exactly})
        assert found["passed"] is passed
        assert (found["expectations"][0]["rule"], found["unused"]) == (None, [])


def test_question_knows_rules_that_have_answered_and_are_gone(app: Flask) -> None:
    ask(app, "log in")
    runtime = runtime_of(app)
    file = Path(runtime.live.paths[0])
    file.write_text("responses: {hello: Hi.}")
    runtime.live.catch_up()

    assert told(app, {"when": {"always": True}, "after_rule": "log-in"})["passed"] is False
    assert verify(app, {"when": {"always": True}, "after_rule": "pay"}).status_code == 400


def test_forgotten_session_is_told_with_those_that_there_are(app: Flask) -> None:
    assert verify(app, query="?session=a").json == {
        "error": "there is no request of session a: none came, or they are forgotten;"
        " there are no requests at all"
    }
    ask(app, "pay", X_Mockllm_Session="b")
    ask(app, "pay")

    response = verify(app, query="?session=a")

    assert response.status_code == 404
    assert (response.json or {})["error"].endswith("; there are requests of default, b")


def test_requests_that_are_no_longer_kept_are_counted(app: Flask) -> None:
    ask(app, "pay 1")
    runtime_of(app).journal.forget()

    assert (told(app)["forgotten"], told(app)["requests"]) == (1, 0)


@pytest.mark.parametrize(
    ("body", "place", "message"),
    [
        (b'{"when": {"contains": "a"},\n "exacly": 2}', (2, 2), "unknown key 'exacly' here"),
        (b'{"when":\n {"contian": "a"}}', (2, 3), "unknown key 'contian' in 'when'"),
        (b"{oops", (1, 1), "while parsing a flow mapping"),
    ],
)
def test_wrong_body_is_told_with_line_and_column(
    app: Flask, body: bytes, place: tuple[int, int], message: str
) -> None:
    ask(app, "pay 1")

    response = verify(app, body)

    assert response.status_code == 400
    found: Any = response.json
    assert found["error"] == "nothing was verified"
    (problem,) = found["problems"]
    assert (problem["line"], problem["column"]) == place
    assert problem["message"].startswith(message)
    assert told(app)["requests"] == 1


def test_unknown_parameter_is_told(app: Flask) -> None:
    response = verify(app, query="?sesion=a")

    assert (response.status_code, response.json) == (
        400,
        {"error": "there is no parameter sesion; there is session"},
    )


def test_body_that_is_too_large_is_refused(app: Flask) -> None:
    assert verify(app, b" " * (MAX_BYTES + 1)).status_code == 413


def test_only_those_who_may_ask(app: Flask) -> None:
    response = app.test_client().post(URL, headers={"X-Forwarded-For": "10.0.0.1"})

    assert response.status_code == 403


def test_report_holds_no_keys(app: Flask) -> None:
    own = "my-own-secret-key-1"
    ask(app, f"pay with {KEY} and {own}", f"{own} {KEY}", Authorization=f"Bearer {own}")
    ask(app, f"log on with {KEY} or {own}", Authorization=f"Bearer {own}")

    text = verify(app).text

    assert "leaked_key" in text
    assert "[redacted]" in text
    assert KEY[:12] not in text
    assert own not in text


def test_session_that_is_named_by_a_key_is_not_told(make_app: MakeApp) -> None:
    app = make_app("settings: {session_by: api_key}")
    ask(app, "hello", Authorization="Bearer short")

    (unmatched,) = told(app)["unmatched"]

    assert unmatched["request"]["session"] == "[redacted]"
    assert "short" not in verify(app, query="?session=a").text


def test_long_prompt_is_cut(app: Flask) -> None:
    ask(app, "pay " + "x" * 500)

    (request,) = told(app)["expectations"][0]["requests"]

    assert len(request["prompt"]) == 200
    assert request["prompt"].endswith("x…")


def test_request_that_could_not_be_read_is_counted(app: Flask) -> None:
    for _ in range(2):
        app.test_client().post("/v1/chat/completions", data=b"{oops", buffered=True)

    (verdict,) = told(app)["verdicts"]

    assert (verdict["verdict"], verdict["requests"][0]["model"]) == ("retried_in_vain", None)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_loop_of_a_good_agent_is_clean_with_every_vendor(provider: str) -> None:
    app = create_app(LOOP)
    conversation = Conversation(app.test_client(), provider)
    steps = [each for each in asks(LOOP) if concerns(each, provider)]

    seen = []
    for step in steps:
        conversation.send(step)
        seen.append([each["verdict"] for each in told(app)["verdicts"]])
    runtime_of(app).stop()

    assert seen == [["missing_result"], ["unended_loop"], []]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_arguments_that_an_agent_changes_are_seen_with_every_vendor(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(LOOP)
    conversation = Conversation(app.test_client(), provider)
    first, second, *_ = [each for each in asks(LOOP) if concerns(each, provider)]

    conversation.send(first)
    answer = json.dumps(conversation._answer)
    conversation._answer = json.loads(answer.replace("Rome", "Oslo"))
    conversation.send(second)
    found = told(app)["verdicts"]
    runtime_of(app).stop()

    names = [each["verdict"] for each in found]
    assert names == ["changed_arguments", "changed_arguments", "unended_loop"]
    assert "Oslo" in found[0]["message"]


@pytest.mark.parametrize("stream", [False, True])
def test_truncated_answer_that_is_taken_for_all_is_seen(make_app: MakeApp, stream: bool) -> None:
    app = make_app('responses: {hello: "One two three four five."}')
    client = app.test_client()
    messages = [{"role": "user", "content": "hello"}]
    body = {"model": "m", "messages": messages, "stream": stream}
    client.post(
        "/v1/chat/completions", json=body, headers={"x-mockllm-fault": "truncate"}, buffered=True
    )
    messages += [{"role": "assistant", "content": "One two"}, {"role": "user", "content": "next"}]
    client.post("/v1/chat/completions", json=body, buffered=True)

    (verdict,) = [each for each in told(app)["verdicts"] if each["level"] == "error"]

    assert verdict["verdict"] == "took_truncated"
    assert verdict["message"].startswith("went on with 7 of 24 characters")


def test_state_of_then_is_looked_at(make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        "- {name: a, when: {contains: log in}, reply: x, goto: ready}\n"
        "- {name: b, when: {contains: pay}, reply: y, goto: done, expect: {each: {state: ready}}}\n"
    )
    ask(app, "log in")
    ask(app, "pay")

    assert told(app)["passed"] is True
