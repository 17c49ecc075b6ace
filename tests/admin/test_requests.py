"""The journal: what was asked, what was answered, and why."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from mockllm.admin.requests import MAX_BODY_BYTES, events
from mockllm.core.near import NearMiss, near_misses
from tests.clock import FakeClock
from tests.conftest import MakeApp, runtime_of
from tests.contract.every_case import CASES, CHATS

OPENAI = CHATS["openai.chat"]
YAML = """\
settings: {strict: true}
responses: {hello: "Hi there."}
rules:
  - {name: weather, when: {contains: weather}, reply: {tool_calls: [{name: get}]}}
  - {name: broken, when: {contains: fail}, reply: {error: server}}
"""


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(YAML)


def post(
    app: Flask, prompt: str = "hello", path: str = OPENAI.path, **headers: str
) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": prompt}]}
    return app.test_client().post(path, json=body, headers=sent, buffered=True)


def journal(app: Flask, query: str = "") -> Any:
    return app.test_client().get(f"/_mockllm/requests?{query}").json


def entries(app: Flask, query: str = "") -> list[Any]:
    found: list[Any] = journal(app, query)["requests"]
    return found


def test_entry_says_what_was_asked_and_answered(app: Flask, clock: FakeClock) -> None:
    post(app)

    (entry,) = entries(app)

    assert entry["session"] == "default"
    assert entry["received_at"] == "2023-11-14T22:15:00.000+00:00"
    assert (entry["method"], entry["path"]) == ("POST", OPENAI.path)
    assert (entry["provider"], entry["operation"]) == ("openai", "chat")
    assert (entry["model"], entry["stream"], entry["prompt"]) == ("gpt-4o", False, "hello")
    assert entry["body"]["messages"] == [{"role": "user", "content": "hello"}]
    assert entry["matched"] is True
    assert entry["rule"]["name"] == "hello"
    assert entry["rule"]["source"].endswith("responses.yml:2")
    assert entry["replies"] == [{"text": "Hi there.", "tool_calls": [], "finish": "stop"}]
    assert entry["usage"]["output_tokens"] == 3
    assert (entry["status"], entry["outcome"], entry["error"]) == (200, "completed", None)
    assert entry["response_headers"]["x-mockllm-generation"] == "1"
    assert (entry["generation"], entry["took_ms"]) == (1, 0)
    assert entry["sent_bytes"] > 100


def test_request_that_nothing_answers_is_there_with_the_nearest_rules(app: Flask) -> None:
    post(app, "hello ")

    (entry,) = entries(app)

    assert (entry["matched"], entry["rule"], entry["status"]) == (False, None, 404)
    assert entry["near"][0]["name"] == "hello"
    assert entry["near"][0]["actual"] == "white space at the end"
    assert "No rule matches" in entry["error"]


@pytest.mark.parametrize(
    "settings", ["models: [another]", "limits: [{per: model, tokens: 1/h}]", "validation: reject"]
)
def test_request_that_is_refused_before_any_rule_is_asked_has_no_nearest(
    settings: str, make_app: MakeApp
) -> None:
    app = make_app(f"settings: {{{settings}}}\nresponses: {{hello there you: Hi.}}")
    body = {**OPENAI.body("hello there  you"), "temperature": 9}

    app.test_client().post(OPENAI.path, json=body, buffered=True)

    (entry,) = entries(app)
    assert entry["status"] in (400, 404, 429)
    assert entry["near"] == []


def test_nearest_rules_are_looked_for_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    def noted(*asked: Any) -> list[NearMiss]:
        looked.append(asked)
        return near_misses(*asked)

    for module in ("mockllm.answering", "mockllm.service"):
        monkeypatch.setattr(f"{module}.near_misses", noted)
    post(app, "hello ")

    assert len(looked) == 1
    assert entries(app)[0]["near"][0]["name"] == "hello"


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/v1/nothing", "POST", 404), ("/v1/messages", "GET", 405), ("/v1/models", "GET", 200)],
)
def test_request_of_any_path_is_there(app: Flask, path: str, method: str, status: int) -> None:
    app.test_client().open(path, method=method, buffered=True)

    (entry,) = entries(app)

    assert (entry["path"], entry["method"], entry["status"]) == (path, method, status)


def test_malformed_request_is_there(app: Flask) -> None:
    app.test_client().post(OPENAI.path, data=b"{oops", buffered=True)

    (entry,) = entries(app)

    assert (entry["body"], entry["body_bytes"], entry["status"]) == ("{oops", 5, 400)
    assert entry["model"] is None


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_operation_is_written_once(case: Any, make_app: MakeApp) -> None:
    app = make_app("responses: {}")

    app.test_client().post(case.path, json=case.body("p"), buffered=True)

    (entry,) = entries(app)
    assert entry["outcome"] == "completed"
    assert entry["path"] == case.path.partition("?")[0]


def test_fault_is_recorded_with_whether_it_happened(app: Flask) -> None:
    post(app, X_Mockllm_Fault="truncate")
    post(app, X_Mockllm_Fault="bad_enum")

    second, first = entries(app)

    assert first["fault"] == {"kind": "truncate", "source": "header", "happened": True}
    assert (first["outcome"], second["outcome"]) == ("faulted", "completed")
    assert second["fault"]["happened"] is False
    assert "did not happen" in second["warnings"][0]


def test_client_that_left_is_told(make_app: MakeApp) -> None:
    app = make_app("responses: {hello: {text: Hi there., timing: {rate: 1 token/s}}}")
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hello"}]}
    response = app.test_client().post(OPENAI.path, json=body, buffered=False)
    next(iter(response.response))
    response.close()

    assert entries(app)[0]["outcome"] == "client_left"


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer sk-secret"},
        {"X_Api_Key": "sk-secret"},
        {"Api_Key": "sk-secret"},
        {"X_Goog_Api_Key": "sk-secret"},
        {"X_Amz_Security_Token": "sk-secret"},
    ],
)
def test_keys_are_redacted(app: Flask, headers: dict[str, str]) -> None:
    post(app, **headers)

    assert "sk-secret" not in json.dumps(journal(app))
    assert "[redacted]" in json.dumps(journal(app))


def test_key_in_the_query_is_redacted(app: Flask) -> None:
    post(app, path=f"{OPENAI.path}?key=sk-secret&alt=sse")

    assert entries(app)[0]["query"] == "key=[redacted]&alt=sse"


def test_long_body_is_cut_and_says_so(app: Flask) -> None:
    post(app, "x" * MAX_BODY_BYTES)

    (entry,) = entries(app)

    assert len(entry["body"]) == MAX_BODY_BYTES
    assert entry["body_is_cut"]
    assert entry["body_bytes"] > MAX_BODY_BYTES


@pytest.mark.parametrize(
    ("query", "prompts"),
    [
        ("", ["fail now", "nobody", "weather?", "hello"]),
        ("session=a", ["weather?"]),
        ("rule=weather", ["weather?"]),
        ("status=404", ["nobody"]),
        ("status=5xx", ["fail now"]),
        ("matched=true", ["fail now", "weather?", "hello"]),
        ("matched=false", ["nobody"]),
        ("operation=chat&provider=openai", ["fail now", "nobody", "weather?", "hello"]),
        ("operation=embedding", []),
        ("outcome=client_left", []),
        ("text=bod", ["nobody"]),
        ("limit=2", ["fail now", "nobody"]),
        ("limit=2&offset=2", ["weather?", "hello"]),
        ("offset=9", []),
    ],
)
def test_requests_are_found_by_filters_newest_first(
    app: Flask, query: str, prompts: list[str]
) -> None:
    post(app, "hello")
    post(app, "weather?", X_Mockllm_Session="a")
    post(app, "nobody")
    post(app, "fail now")

    response = app.test_client().get(f"/_mockllm/requests?{query}")

    found: Any = response.json
    assert [entry["prompt"] for entry in found["requests"]] == prompts
    is_paged = "limit" in query or "offset" in query
    assert response.headers["X-Total-Count"] == str(4 if is_paged else len(prompts))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("sesion=a", "there is no filter sesion; there are session, operation"),
        ("status=ok", "status takes 429 or 4xx, not 'ok'"),
        ("matched=yes", "matched takes true or false, not 'yes'"),
        ("outcome=fine", "outcome takes completed, client_left, faulted, failed"),
        ("limit=-1", "limit takes a number, not '-1'"),
        ("limit=5000", "limit is at most 1000"),
    ],
)
def test_filter_that_there_is_not_is_told(app: Flask, query: str, words: str) -> None:
    response = app.test_client().get(f"/_mockllm/requests?{query}")

    assert response.status_code == 400
    assert words in (response.json or {})["error"]


@pytest.mark.parametrize("case", CHATS.values(), ids=CHATS)
def test_request_is_found_by_the_provider_s_id(case: Any, make_app: MakeApp) -> None:
    app = make_app("responses: {}")
    response = app.test_client().post(case.path, json=case.body("p"), buffered=True)
    ids = [
        value
        for name, value in response.headers
        if name.lower() in ("x-request-id", "request-id", "apim-request-id")
    ]
    own = entries(app)[0]["id"]

    for name in [own, *ids]:
        found: Any = app.test_client().get(f"/_mockllm/requests/{name}").json
        assert found["id"] == own


def test_request_that_never_came_is_told(app: Flask) -> None:
    response = app.test_client().get("/_mockllm/requests/req_1")

    assert response.status_code == 404
    assert "there is no request req_1" in (response.json or {})["error"]


def test_requests_are_deleted_by_the_same_filters(app: Flask) -> None:
    post(app, X_Mockllm_Session="a")
    post(app, X_Mockllm_Session="b")

    client = app.test_client()
    assert client.delete("/_mockllm/requests?session=a").json == {"deleted": 1}
    assert [entry["session"] for entry in entries(app)] == ["b"]
    assert client.delete("/_mockllm/requests?sesion=a").status_code == 400
    assert client.delete("/_mockllm/requests").json == {"deleted": 1}


@pytest.mark.parametrize("path", ["requests", "requests/x", "events"])
def test_reading_passes_the_guard(app: Flask, path: str) -> None:
    headers = {"X-Forwarded-For": "10.0.0.1"}

    response = app.test_client().get(f"/_mockllm/{path}", headers=headers)

    assert response.status_code == 403
    assert app.test_client().get("/_mockllm/health", headers=headers).status_code == 200


def test_events_tell_each_request_as_it_ends(app: Flask, clock: FakeClock) -> None:
    post(app, "before")
    runtime = runtime_of(app)
    stream = events(runtime)
    assert next(stream).startswith(":")

    post(app, "weather?")
    told = json.loads(next(stream).removeprefix("data: "))

    assert told["prompt"] == "weather?"
    assert told["line"].startswith("POST /v1/chat/completions 200 gpt-4o <- ")
    assert next(stream) == ":\n\n"  # after 15 s of silence
    runtime.has_to_stop = True
    assert list(stream) == []
