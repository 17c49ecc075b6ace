"""Faults that are set while the server runs."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from mockllm.admin.guard import TOKEN_VARIABLE
from mockllm.config.body import MAX_BYTES
from mockllm.state import outages
from tests.clock import FakeClock
from tests.conftest import MakeApp

URL = "/_mockllm/faults"


def put(app: Flask, content: Any) -> TestResponse:
    if isinstance(content, str | bytes):
        return app.test_client().put(URL, data=content)
    return app.test_client().put(URL, json=content)


def listed(app: Flask) -> list[dict[str, Any]]:
    found: Any = app.test_client().get(URL).json
    faults: list[dict[str, Any]] = found["faults"]
    return faults


def ask(app: Flask, session: str | None = None, text: str = "what is 2+2?") -> TestResponse:
    return app.test_client().post(
        "/v1/chat/completions",
        json={"model": "gpt-4o", "messages": [{"role": "user", "content": text}]},
        headers={} if session is None else {"x-mockllm-session": session},
    )


def test_nothing_is_set_at_first(app: Flask) -> None:
    assert listed(app) == []


def test_faults_that_are_set_are_told_and_listed(app: Flask) -> None:
    response = put(app, {"faults": [{"fault": {"kind": "truncate", "after": "3 chunks"}}]})

    expected = {
        "session": None,
        "heals_in_s": 600.0,
        "faults": [{"kind": "truncate", "after": {"amount": 3.0, "unit": "chunks"}}],
    }
    assert (response.status_code, response.json) == (200, expected)
    assert listed(app) == [expected]


def test_everyone_has_them(app: Flask) -> None:
    put(app, {"faults": [{"error": "overloaded"}]})

    assert [ask(app).status_code, ask(app, "a").status_code] == [503, 503]


def test_session_has_its_own_alone(app: Flask) -> None:
    put(app, {"faults": [{"error": "overloaded"}], "session": "a"})

    assert [ask(app, each).status_code for each in ("a", "b", None)] == [503, 200, 200]


def test_session_s_own_go_before_everyone_s(app: Flask) -> None:
    put(app, {"faults": [{"error": "overloaded"}]})
    put(app, {"faults": [{"error": "rate_limit"}], "session": "a"})

    assert [ask(app, each).status_code for each in ("a", "b")] == [429, 503]


def test_later_ones_stand_in_place_of_the_earlier(app: Flask) -> None:
    put(app, {"faults": [{"error": "overloaded"}]})
    put(app, {"faults": [{"error": {"status": 418}}], "ttl": "5m"})

    assert listed(app) == [
        {"session": None, "heals_in_s": 300.0, "faults": [{"kind": "invalid", "status": 418}]}
    ]


def test_they_heal_by_themselves(app: Flask, clock: FakeClock) -> None:
    put(app, {"faults": [{"error": "overloaded"}], "ttl": "90s"})

    clock.now_s += 60
    assert [each["heals_in_s"] for each in listed(app)] == [30.0]
    assert ask(app).status_code == 503

    clock.now_s += 30
    assert listed(app) == []
    assert ask(app).status_code == 200


def test_entry_holds_in_its_window(app: Flask, clock: FakeClock) -> None:
    put(app, {"faults": [{"error": "overloaded", "from": "10s", "for": "20s"}]})

    statuses = []
    for _ in range(4):
        statuses.append(ask(app).status_code)
        clock.now_s += 10

    assert statuses == [200, 503, 503, 200]


def test_first_entry_that_the_request_meets_is_taken(app: Flask) -> None:
    put(app, {
        "faults": [
            {"error": "server", "probability": "0%"},
            {"error": "rate_limit", "when": {"contains": "2+2"}},
            {"error": "overloaded"},
        ]
    })  # fmt: skip

    assert [ask(app).status_code, ask(app, text="count").status_code] == [429, 503]


def test_conditions_compare_as_the_settings_say(make_app: MakeApp) -> None:
    app = make_app("settings: {match: normalized}\n")
    put(app, {"faults": [{"error": "server", "when": {"equals": "HELLO"}}]})

    assert ask(app, text="hello").status_code == 500


def test_character_that_json_escapes_is_told_again(app: Flask) -> None:
    put(app, {"faults": [{"error": {"kind": "server", "message": "no \N{GRINNING FACE}"}}]})
    body: Any = ask(app).json

    assert body["error"]["message"] == "no \N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("content", "line", "column", "code"),
    [
        ('{"faults": [\n  {"error": "overladed"}]}', 2, 13, "MOCK006"),
        ('{"faults": [{"fault": {"kind": "html", "after": "50%"}}]}', 1, 40, "MOCK031"),
        ('{"faults": [{"error": "server"}], "tll": "5m"}', 1, 35, "MOCK003"),
        ('{"faults": [{"error": "server"}], "ttl": 5}', 1, 42, "MOCK006"),
        ('{"ttl": "5m"}', 1, 1, "MOCK004"),
        ('{"faults": [}', 1, 13, "MOCK001"),
        (b"\xff", 1, 1, "MOCK008"),
        ("", 1, 1, "MOCK010"),
    ],
)
def test_what_is_wrong_is_located_and_changes_nothing(
    content: str | bytes, line: int, column: int, code: str, app: Flask
) -> None:
    put(app, {"faults": [{"error": "overloaded"}]})
    before = listed(app)

    response = put(app, content)
    body: Any = response.json

    assert response.status_code == 400
    assert body["error"] == "nothing was changed"
    (problem,) = body["problems"]
    assert (problem["file"], problem["level"]) == ("body", "error")
    assert (problem["line"], problem["column"], problem["code"]) == (line, column, code)
    assert listed(app) == before


def test_body_that_is_too_large_is_refused(app: Flask) -> None:
    response = put(app, b" " * (MAX_BYTES + 1))

    assert response.status_code == 413
    assert response.json == {"error": "the body is larger than 1,048,576 bytes"}


def test_only_so_many_sessions_have_faults(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "MAX_OUTAGES", 1)
    put(app, {"faults": [{"error": "server"}], "session": "a"})

    response = put(app, {"faults": [{"error": "server"}], "session": "b"})

    assert response.status_code == 409
    assert response.json == {"error": "too many sessions have faults; delete some"}


def test_faults_are_deleted_by_their_session(app: Flask) -> None:
    put(app, {"faults": [{"error": "server"}]})
    put(app, {"faults": [{"error": "server"}], "session": "a b"})
    client = app.test_client()

    assert client.delete(f"{URL}?session=a+b").json == {"session": "a b", "deleted": True}
    assert client.delete(f"{URL}?session=a+b").json == {"session": "a b", "deleted": False}
    assert [each["session"] for each in listed(app)] == [None]
    assert client.delete(URL).json == {"session": None, "deleted": True}
    assert ask(app).status_code == 200


def test_what_has_healed_cannot_be_deleted(app: Flask, clock: FakeClock) -> None:
    put(app, {"faults": [{"error": "server"}], "ttl": "1s"})
    clock.now_s += 1

    assert app.test_client().delete(URL).json == {"session": None, "deleted": False}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_only_those_who_may_change_faults(
    method: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "s3cret")
    far = {"REMOTE_ADDR": "192.0.2.1"}
    client = app.test_client()

    refused = client.open(URL, method=method, json={"faults": []}, environ_overrides=far)
    taken = client.open(
        URL,
        method=method,
        json={"faults": []},
        headers={"Authorization": "Bearer s3cret"},
        environ_overrides=far,
    )

    assert (refused.status_code, taken.status_code) == (403, 200)


def test_anybody_may_ask_which_are_set(app: Flask) -> None:
    response = app.test_client().get(URL, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})

    assert response.json == {"faults": []}
