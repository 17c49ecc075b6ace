"""The session in the URL is taken off before anything routes."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from mockllm.web.doors import MAX_SESSION_LENGTH, SESSION_KEY, open_doors


def passed(path: str, script: str | None = None) -> dict[str, Any]:
    """Return the environment that reaches the application."""
    seen: dict[str, Any] = {}

    def application(environ: Any, start_response: Any) -> list[bytes]:
        seen.update(environ)
        return []

    environ = {"PATH_INFO": path} | ({} if script is None else {"SCRIPT_NAME": script})
    open_doors(application)(environ, lambda *_: None)  # type: ignore[arg-type]
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
