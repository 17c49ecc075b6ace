"""The session and the prefix in the URL are taken off before anything routes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from mockllm.core.rules import Settings
from mockllm.web.doors import (
    MAX_SESSION_LENGTH,
    PATH_KEY,
    SESSION_KEY,
    Served,
    client_path,
    open_doors,
    served,
)
from tests.conftest import MakeApp, runtime_of

PATHS = Served(
    frozenset({"/v1/chat", "/v1/messages", "/v1/models", "/other/chat"}),
    frozenset({"/v1/messages", "/v1/models", "/health"}),
    frozenset({"chat", "models"}),
)
CHAT = {"model": "m", "messages": [{"role": "user", "content": "what is 2+2?"}]}


def passed(path: str, script: str | None = None, prefixes: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the environment that reaches the application."""
    seen: dict[str, Any] = {}

    def application(environ: Any, start_response: Any) -> list[bytes]:
        seen.update(environ)
        return []

    environ = {"PATH_INFO": path} | ({} if script is None else {"SCRIPT_NAME": script})
    settings = Settings(prefixes=prefixes)
    doors = open_doors(application, lambda: settings, PATHS)
    doors(environ, lambda *_: None)  # type: ignore[arg-type]
    return seen


@pytest.mark.parametrize(
    ("path", "session", "rest"),
    [
        ("/s/one/v1/messages", "one", "/v1/messages"),
        ("/s/one/", "one", "/"),
        ("/s/one/s/two/v1", "one", "/s/two/v1"),
        ("/s/a b/v1", "a b", "/v1"),
        ("/s/a.b-c_d~e/v1", "a.b-c_d~e", "/v1"),
        ("/s/gr\xc3\xb6\xc3\x9fer/v1", "größer", "/v1"),
        ("/s/\xff/v1", "\ufffd", "/v1"),
        ("/s/one//v1", "one", "//v1"),
        (f"/s/{'x' * MAX_SESSION_LENGTH}/v1", "x" * MAX_SESSION_LENGTH, "/v1"),
    ],
)
def test_session_moves_from_the_path_to_the_script(path: str, session: str, rest: str) -> None:
    environ = passed(path, "/root")

    assert environ[SESSION_KEY] == session
    assert environ["PATH_INFO"] == rest
    assert environ["SCRIPT_NAME"] + environ["PATH_INFO"] == f"/root{path}"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/messages",
        "/",
        "",
        "/s",
        "/s/",
        "/s/one",
        "/s//v1",
        "/S/one/v1",
        "/sessions/one",
        f"/s/{'x' * (MAX_SESSION_LENGTH + 1)}/v1",
    ],
)
def test_other_paths_are_left_as_they_are(path: str) -> None:
    assert passed(path) == {"PATH_INFO": path}


def test_script_may_be_absent() -> None:
    assert passed("/s/one/v1")["SCRIPT_NAME"] == "/s/one"


def test_session_is_decoded_once() -> None:
    assert passed("/s/100%25/v1")[SESSION_KEY] == "100%25"


@pytest.mark.parametrize("path", ["/v1/models", "/health", "/_mockllm/health"])
def test_every_path_is_behind_a_door_too(path: str, app: Flask) -> None:
    assert app.test_client().get(f"/s/one{path}").status_code == 200


def test_unknown_path_is_named_without_the_session(app: Flask) -> None:
    response = app.test_client().post("/s/one/v1/nothing")

    assert response.status_code == 404
    assert "(POST /v1/nothing)" in response.text


def test_wrong_method_behind_a_door_gets_the_dialect_of_the_path(app: Flask) -> None:
    response = app.test_client().get("/s/one/v1/messages")

    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize("path", ["/s/one", "/s/"])
def test_session_alone_is_no_page(path: str, app: Flask) -> None:
    assert app.test_client().get(path).status_code == 404


PREFIXES = ("/gateway/openai/v1", "/v1/account/gw", "/chat/room", "/other", "/llm", "/v1/chat")


@pytest.mark.parametrize(
    ("path", "script", "rest"),
    [
        ("/openai/v1/chat/completions", "/openai", "/v1/chat/completions"),
        ("/api/v1/chat/completions", "/api", "/v1/chat/completions"),
        ("/compatibility/v1/chat/completions", "/compatibility", "/v1/chat/completions"),
        ("/openai/v1/messages", "/openai", "/v1/messages"),
        ("/chat/completions", "", "/v1/chat/completions"),
        ("/models", "", "/v1/models"),
        ("/gateway/openai/v1/chat/completions", "/gateway/openai", "/v1/chat/completions"),
        ("/gateway/openai/v1/messages", "/gateway/openai", "/v1/messages"),
        ("/llm/chat/completions", "/llm", "/v1/chat/completions"),
        ("/llm/v1/chat/completions", "/llm", "/v1/chat/completions"),
        ("/llm/v1/messages", "/llm", "/v1/messages"),
        ("/llm/messages", "/llm", "/v1/messages"),
        ("/v1/account/gw/chat/completions", "/v1/account/gw", "/v1/chat/completions"),
        ("/chat/room/chat/completions", "/chat/room", "/v1/chat/completions"),
        ("/llm/_mockllm/health", "/llm", "/v1/_mockllm/health"),
        ("/openai/v1/v1/chat/completions", "/openai", "/v1/v1/chat/completions"),
        ("/gateway/openai/v1/v1/messages", "/gateway/openai", "/v1/v1/messages"),
        ("/llm/v1/v1/messages", "/llm", "/v1/v1/messages"),
    ],
)
def test_prefix_stands_in_place_of_v1(path: str, script: str, rest: str) -> None:
    environ = passed(path, "/root", PREFIXES)

    assert environ["PATH_INFO"] == rest
    assert environ["SCRIPT_NAME"] == f"/root{script}"
    assert environ[PATH_KEY] == path


@pytest.mark.parametrize(
    "path",
    [
        "/v1/chat/completions",
        "/v1/messages",
        "/v1/v1/chat/completions",
        "/v1/nothing",
        "/messages",
        "/llm",
        "/llmx/v1/messages",
        "/openai/chat/completions",
        "/openai/v1",
        "/other/chat",
        "/other/chat/completions",
        "/unknown/v1/messages",
        "//chat/completions",
        "/_mockllm/health",
        "/health",
        "/",
        "",
    ],
)
def test_path_without_a_prefix_is_left_as_it_is(path: str) -> None:
    assert passed(path, prefixes=PREFIXES) == {"PATH_INFO": path}


def test_session_stands_before_the_prefix() -> None:
    environ = passed("/s/one/llm/chat/completions", prefixes=("/llm",))

    assert environ[SESSION_KEY] == "one"
    assert environ["SCRIPT_NAME"] == "/s/one/llm"
    assert environ["PATH_INFO"] == "/v1/chat/completions"
    assert client_path(environ) == "/llm/chat/completions"


def test_client_path_is_decoded() -> None:
    assert client_path({"PATH_INFO": "/v1/gr\xc3\xbc\xc3\x9fe"}) == "/v1/grüße"


def test_what_needs_no_v1_is_read_from_the_routes(app: Flask) -> None:
    found = served(app.url_map, bare=("openai", "shared"))

    assert {"chat", "models"} <= found.bare
    assert "messages" not in found.bare
    assert {"/v1/chat", "/v1/messages"} <= found.taken
    assert {"/v1/messages", "/_mockllm/health", "/api/chat"} <= found.exact


@pytest.mark.parametrize(
    "prefix", ["/v1", "/openai/v1", "/api/v1", "", "/llm", "/llm/v1", "/gateway/openai/v1"]
)
def test_every_prefix_gets_the_same_answer(prefix: str, make_app: MakeApp) -> None:
    app = make_app(
        "responses: {what is 2+2?: Nine.}\nsettings: {prefixes: [/llm, /gateway/openai/v1/]}"
    )

    for before in ("", "/s/one"):
        response = app.test_client().post(f"{before}{prefix}/chat/completions", json=CHAT)

        assert response.status_code == 200
        assert "Nine." in response.text


def test_prefixes_are_those_of_the_newest_rules(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app("settings: {prefixes: [/one]}")
    client = app.test_client()
    before = client.get("/one/models").status_code, client.get("/two/models").status_code

    (tmp_path / "responses.yml").write_text("settings: {prefixes: [/two]}")
    runtime_of(app).live.reload()
    after = client.get("/one/models").status_code, client.get("/two/models").status_code

    assert (before, after) == ((200, 404), (404, 200))


def test_rules_and_logs_see_the_path_that_was_sent(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app('rules: [{when: {path: "/openai/v1/*"}, reply: Yours.}]')

    with caplog.at_level("INFO", logger="mockllm.requests"):
        text = app.test_client().post("/s/one/openai/v1/chat/completions", json=CHAT).text

    assert "Yours." in text
    assert "POST /openai/v1/chat/completions 200" in caplog.text


def test_wrong_method_is_named_with_the_path_that_was_sent(app: Flask) -> None:
    response = app.test_client().put("/chat/completions")

    assert response.status_code == 405
    assert "Not allowed to PUT on /chat/completions." in response.text


def test_no_prefix_leads_to_our_own_pages(make_app: MakeApp) -> None:
    app = make_app("settings: {prefixes: [/llm]}")

    assert app.test_client().get("/llm/_mockllm/health").status_code == 404
    assert app.test_client().get("/openai/v1/_mockllm/health").status_code == 404


@pytest.mark.parametrize(
    ("path", "wire"),
    [
        ("/api/chat", "application/x-ndjson"),
        ("/s/one/api/chat", "application/x-ndjson"),
        ("/api/chat/completions", "application/json"),
        ("/api/v1/chat/completions", "application/json"),
    ],
)
def test_prefix_that_begins_another_vendors_path_hides_nothing(
    path: str, wire: str, make_app: MakeApp
) -> None:
    app = make_app("settings: {prefixes: [/api]}")

    response = app.test_client().post(path, json=CHAT)

    assert (response.status_code, response.mimetype) == (200, wire)
