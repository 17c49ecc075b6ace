"""Rules that are sent while the server runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from mockllm.admin import rules as module
from mockllm.admin.guard import TOKEN_VARIABLE
from mockllm.config.body import MAX_BYTES
from mockllm.state import run_time_rules
from tests.clock import FakeClock
from tests.conftest import MakeApp, runtime_of

URL = "/_mockllm/rules"
SUNNY = {"rules": [{"when": {"contains": "2+2"}, "reply": "Sunny."}]}


def send(app: Flask, content: Any, method: str = "PUT") -> TestResponse:
    data = content if isinstance(content, str | bytes) else json.dumps(content)
    return app.test_client().open(URL, method=method, data=data)


def add(app: Flask, content: Any) -> TestResponse:
    return send(app, content, "POST")


def listed(app: Flask, session: str = "") -> Any:
    return app.test_client().get(f"{URL}?session={session}").json


def ask(app: Flask, session: str | None = None, text: str = "what is 2+2?") -> str:
    """Return what is said to a session."""
    response = app.test_client().post(
        "/v1/chat/completions",
        json={"model": "gpt-4o", "messages": [{"role": "user", "content": text}]},
        headers={} if session is None else {"x-mockllm-session": session},
    )
    body: Any = response.json
    return str(body["choices"][0]["message"]["content"])


def saying(*texts: str, **more: Any) -> dict[str, Any]:
    """Return a body with a rule for everything for each text: the first hides the others."""
    rules = [{"when": {"always": True}, "reply": text} for text in texts]
    return {"rules": rules, **more}


def test_rules_that_are_sent_are_told(app: Flask) -> None:
    response = send(app, {
        "rules": [{"name": "sums", "when": {"contains": "2+2"}, "reply": "4"}],
        "responses": {"hello": "Hi."},
        "session": "a",
        "ttl": "10m",
    })  # fmt: skip

    assert response.status_code == 200
    assert response.json == {
        "session": "a",
        "expires_in_s": 600.0,
        "rules": [
            {"id": "run-time/1.1", "name": "sums"},
            {"id": "run-time/1.2", "name": "hello"},
        ],
        "problems": [],
    }


def test_rules_added_are_created(app: Flask) -> None:
    response = add(app, SUNNY)
    body: Any = response.json

    assert (response.status_code, body["session"], body["expires_in_s"]) == (201, None, None)


def test_yaml_is_taken_as_in_a_file(app: Flask) -> None:
    send(
        app,
        "rules:\n- when: {regex: 'is (?P<what>.*)\\?'}\n  reply: {template: '{{ match.what }}!'}",
    )

    assert ask(app) == "2+2!"


def test_everyone_has_them_before_the_files(app: Flask) -> None:
    send(app, SUNNY)

    assert [ask(app), ask(app, "a")] == ["Sunny.", "Sunny."]


def test_session_s_own_go_before_everyone_s_and_are_nobody_else_s(app: Flask) -> None:
    send(app, saying("mine", session="a"))
    send(app, saying("ours"))

    assert [ask(app, "a"), ask(app, "b"), ask(app)] == ["mine", "ours", "ours"]


def test_those_without_a_session_are_the_session_default(app: Flask) -> None:
    send(app, saying("mine", session="default"))

    assert [ask(app), ask(app, "a")] == ["mine", "2+2 equals 9."]


def test_newest_goes_first_and_the_older_behind_it(app: Flask) -> None:
    add(app, {"rules": [{"when": {"contains": "2"}, "reply": "old"}]})
    add(app, {"rules": [{"when": {"contains": "2+2"}, "times": 1, "reply": "new"}]})

    assert [ask(app), ask(app)] == ["new", "old"]


def test_put_stands_in_place_of_all_that_the_session_has(app: Flask) -> None:
    add(app, saying("one", session="a"))
    add(app, saying("ours"))
    send(app, {"rules": [], "session": "a"})

    assert ask(app, "a") == "ours"


def test_responses_that_are_sent_go_before_the_files_rules(make_app: MakeApp) -> None:
    app = make_app("rules: [{when: {always: true}, reply: file}]\n")
    send(app, {"responses": {"hello": "sent"}})

    assert [ask(app, text="hello"), ask(app, text="Hello")] == ["sent", "file"]


def test_texts_compare_as_the_settings_say(make_app: MakeApp) -> None:
    app = make_app("settings: {match: normalized}\n")
    send(app, {"responses": {"Hello": "sent"}})

    assert ask(app, text="HELLO ") == "sent"


def test_responses_end_an_agent_s_loop_as_in_a_file(app: Flask) -> None:
    send(app, {"responses": {"go": {"tool_calls": [{"name": "f"}]}}})
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages: list[Any] = [{"role": "user", "content": "go"}]
    client, body = app.test_client(), {"model": "gpt-4o", "messages": messages}
    first: Any = client.post("/v1/chat/completions", json=body).json
    messages += [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "done"},
    ]
    second: Any = client.post("/v1/chat/completions", json=body).json

    assert first["choices"][0]["finish_reason"] == "tool_calls"
    assert second["choices"][0]["message"]["content"] == "I am a mock."


def test_profiles_of_the_files_may_be_named(make_app: MakeApp) -> None:
    app = make_app("settings: {profiles: {crawl: {first_token: 3s}}}\n")

    taken = send(app, {"responses": {"a": {"text": "b", "timing": "crawl"}}})
    refused: Any = send(app, {"responses": {"a": {"text": "b", "timing": "craw"}}}).json

    assert taken.status_code == 200
    assert refused["problems"][0]["hint"] == "did you mean 'crawl'?"


def test_states_are_read_though_no_file_has_any(app: Flask) -> None:
    send(app, {
        "rules": [
            {"when": {"state": "paid"}, "reply": "Thanks."},
            {"when": {"contains": "2+2"}, "goto": "paid", "reply": "4"},
        ]
    })  # fmt: skip

    assert [ask(app), ask(app), ask(app, "b")] == ["4", "Thanks.", "4"]


def test_same_rule_sent_again_counts_anew(app: Flask) -> None:
    body = {"rules": [{"name": "n", "when": {"always": True}, "replies": ["1", "2"]}]}

    said = []
    for _ in range(2):
        send(app, body)
        said += [ask(app), ask(app)]

    assert said == ["1", "2", "1", "2"]


def test_rules_expire(app: Flask, clock: FakeClock) -> None:
    add(app, saying("lasting"))
    add(app, saying("brief", ttl="90s"))

    clock.now_s += 60
    assert [each.get("expires_in_s") for each in listed(app)["rules"]] == [30.0, None]
    assert ask(app) == "brief"

    clock.now_s += 30
    assert ask(app) == "lasting"
    assert len(listed(app)["rules"]) == 1


def test_reload_leaves_them_alone(app: Flask) -> None:
    send(app, SUNNY)
    live = runtime_of(app).live
    Path(live.paths[0]).write_text("responses: {a: b}\n", encoding="utf-8")

    live.reload()

    assert [ask(app), ask(app, text="a")] == ["Sunny.", "b"]
    assert [each["hits"] for each in listed(app)["rules"]] == [1]


def test_forgetting_a_session_forgets_its_rules(app: Flask) -> None:
    send(app, saying("mine", session="a"))
    send(app, saying("ours"))

    forgotten = app.test_client().delete("/_mockllm/sessions/a").json

    assert forgotten == {"session": "a", "forgotten": True}
    assert ask(app, "a") == "ours"


def test_rules_are_deleted_by_name_id_and_session(app: Flask) -> None:
    add(app, {"rules": [{"name": "x", "when": {"contains": "+"}, "reply": "x"}], "session": "a"})
    add(app, {"responses": {"what is 2+2?": "4", "b": "c"}, "session": "a"})
    client = app.test_client()

    def deleted(query: str) -> Any:
        return client.delete(f"{URL}?{query}").json

    assert deleted("session=a&name=nothing") == {"session": "a", "name": "nothing", "deleted": 0}
    assert deleted("name=x") == {"session": None, "name": "x", "deleted": 0}
    assert deleted("session=a&name=run-time/2.1")["deleted"] == 1
    assert ask(app, "a") == "x"
    assert deleted("session=a&name=x")["deleted"] == 1
    assert ask(app, "a") == "2+2 equals 9."
    assert deleted("session=a") == {"session": "a", "name": None, "deleted": 1}
    assert listed(app)["rules"] == []


def test_everyone_s_are_deleted_without_a_session(app: Flask) -> None:
    send(app, SUNNY)
    send(app, saying("mine", session="a"))

    assert app.test_client().delete(URL).json == {"session": None, "name": None, "deleted": 1}
    assert [ask(app), ask(app, "a")] == ["2+2 equals 9.", "mine"]


def test_every_rule_is_listed_as_it_is_tried(make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n- {name: one, when: {contains: one}, reply: '1'}\n"
        "- {when: {contains: two}, reply: '2'}\nresponses: {a: b, c: d}\n"
    )
    add(app, {"rules": [{"name": "ours", "when": {"contains": "3"}, "reply": "3"}]})
    add(app, {"rules": [{"name": "old", "when": {"contains": "4"}, "reply": "4"}], "session": "a"})
    add(app, '{\n"responses": {"new": "5"}, "session": "a", "ttl": "1m"}')
    for text in ("one", "one", "a", "3", "4", "?"):
        ask(app, "a", text)
    file = str(runtime_of(app).live.paths[0])

    own = {"session": "a", "expires_in_s": None}
    assert listed(app) == {
        "rules": [
            {"id": "run-time/3.1", "name": "new", "file": "run-time/3", "line": 2, "hits": 0}
            | own | {"expires_in_s": 60.0},
            {"id": "run-time/2.1", "name": "old", "file": "run-time/2", "line": 1, "hits": 1} | own,
            {"id": "run-time/1.1", "name": "ours", "file": "run-time/1", "line": 1, "hits": 1}
            | own | {"session": None},
            {"name": "one", "file": file, "line": 2, "hits": 2},
            {"name": "rule at line 3", "file": file, "line": 3, "hits": 0},
        ],
        "responses": {
            "count": 2,
            "hits": 1,
            "answered": [{"prompt": "a", "file": file, "line": 4, "hits": 1}],
        },
        "unknown_response": {"hits": 1},
        "automatic": {"hits": 0},
    }  # fmt: skip


def test_rules_are_listed_as_a_session_sees_them(app: Flask) -> None:
    send(app, saying("mine", session="a"))
    send(app, saying("theirs", session="b"))
    send(app, saying("ours"))

    assert [each["session"] for each in listed(app, "a")["rules"]] == ["a", None]


def test_those_asked_most_often_are_listed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ANSWERS", 1)
    for text in ("count", "say it all", "say it all"):
        ask(app, text=text)

    found = listed(app)["responses"]

    assert [each["prompt"] for each in found["answered"]] == ["say it all"]
    assert (found["count"], found["hits"]) == (4, 3)


def test_automatic_answers_are_counted(app: Flask) -> None:
    tool = {"type": "function", "function": {"name": "f"}}
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}], "tools": [tool]}

    app.test_client().post("/v1/chat/completions", json=body | {"tool_choice": "required"})

    assert listed(app)["automatic"] == {"hits": 1}


def test_each_input_counts_for_the_rule_that_answers_it(app: Flask) -> None:
    send(app, {"responses": {"cat": {"embedding": [1]}, "dog": {"embedding": [2]}}})

    app.test_client().post("/v1/embeddings", json={"model": "m", "input": ["cat", "dog", "cat"]})

    assert [each["hits"] for each in listed(app)["rules"]] == [2, 1]


def test_source_and_strict_reasons_name_what_was_sent(make_app: MakeApp) -> None:
    app = make_app("settings: {strict: true}\n")
    send(app, '{"rules":\n[{"name": "sums", "when": {"contains": "2 + 2"}, "reply": "4"}]}')
    client = app.test_client()

    def answer(text: str) -> TestResponse:
        messages = [{"role": "user", "content": text}]
        return client.post("/v1/chat/completions", json={"model": "m", "messages": messages})

    refused: Any = answer("what is 2 +2").json
    assert answer("2 + 2").headers["x-mockllm-source"] == "run-time/1:2"
    assert "run-time/1:2 'sums'" in refused["error"]["message"]


def test_explanation_sees_a_session_s_rules(app: Flask) -> None:
    send(app, {**saying("mine", session="a")})
    body = {"model": "m", "messages": [{"role": "user", "content": "count"}]}
    client = app.test_client()

    own: Any = client.post("/_mockllm/explain?session=a", json=body).json
    other: Any = client.post("/_mockllm/explain", json=body).json

    assert own["answer"] == {"name": "rule at line 1", "file": "run-time/1", "line": 1}
    assert other["answer"]["name"] == "count"


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize(
    ("content", "line", "column", "code"),
    [
        ('{"rules": [\n  {"when": {"contain": "x"}, "reply": "y"}]}', 2, 13, "MOCK003"),
        ('{"rules": [{"when": {"regex": "("}, "reply": "y"}]}', 1, 31, "MOCK022"),
        ('{"responses": {"a": {"file": "setup.cfg"}}}', 1, 30, "MOCK026"),
        ('{"responses": {"a": "b"}, "settings": {}}', 1, 27, "MOCK003"),
        ('{"responses": {"a": "b"}, "ttl": 5}', 1, 34, "MOCK006"),
        ('{"session": "a"}', 1, 1, "MOCK004"),
        ('{"rules": [}', 1, 12, "MOCK001"),
        ("", 1, 1, "MOCK010"),
    ],
)
def test_what_is_wrong_is_located_and_changes_nothing(
    content: str, line: int, column: int, code: str, method: str, app: Flask
) -> None:
    send(app, SUNNY)
    before = listed(app)

    response = send(app, content, method)
    body: Any = response.json

    assert (response.status_code, body["error"]) == (400, "nothing was changed")
    (problem,) = body["problems"]
    assert (problem["file"], problem["level"]) == ("body", "error")
    assert (problem["line"], problem["column"], problem["code"]) == (line, column, code)
    assert listed(app) == before


def test_warnings_come_with_what_is_taken(app: Flask) -> None:
    response: Any = send(app, saying("one", "two")).json

    (problem,) = response["problems"]
    assert (problem["level"], problem["code"], problem["file"]) == ("warning", "MOCK029", "body")
    assert "at body:1:12 always does first" in problem["message"]
    assert len(response["rules"]) == 2


def test_body_that_is_too_large_is_refused(app: Flask) -> None:
    response = send(app, b" " * (MAX_BYTES + 1))

    assert response.status_code == 413


@pytest.mark.parametrize(("name", "bound"), [("MAX_RULES", 1), ("MAX_BYTES", 100)])
def test_only_so_much_is_held(
    name: str, bound: int, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_time_rules, name, bound)
    send(app, SUNNY)

    response = add(app, {**SUNNY, "session": "b"})

    assert response.status_code == 409
    assert response.json == {
        "error": "too many rules have been sent, or they take too much; delete some"
    }
    assert [ask(app), len(listed(app)["rules"])] == ["Sunny.", 1]


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_only_those_who_may_change_rules(
    method: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "s3cret")
    far = {"REMOTE_ADDR": "192.0.2.1"}
    client = app.test_client()

    refused = client.open(URL, method=method, json=SUNNY, environ_overrides=far)
    taken = client.open(
        URL,
        method=method,
        json=SUNNY,
        headers={"Authorization": "Bearer s3cret"},
        environ_overrides=far,
    )

    assert refused.status_code == 403
    assert taken.status_code in (200, 201)
