"""Who may change anything under `/_mockllm`."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from mockllm.admin.guard import TOKEN_VARIABLE, refusal

TOKEN = "s3cret"
BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1"])
@pytest.mark.parametrize("token", [None, "", TOKEN])
def test_program_on_this_machine_may(peer: str, token: str | None) -> None:
    assert refusal({"user-agent": "curl"}, peer, token) is None


def test_loopback_of_a_socket_for_both_families_may() -> None:
    assert refusal({}, "::ffff:127.0.0.1", None) is None


@pytest.mark.parametrize(
    ("headers", "peer"),
    [
        (BEARER, "192.0.2.1"),
        ({**BEARER, "origin": "https://example.org"}, "127.0.0.1"),
        ({**BEARER, "x-forwarded-for": "192.0.2.1"}, "127.0.0.1"),
        ({"authorization": TOKEN}, "192.0.2.1"),
    ],
)
def test_who_has_the_token_may(headers: dict[str, str], peer: str) -> None:
    assert refusal(headers, peer, TOKEN) is None


@pytest.mark.parametrize(
    ("headers", "peer", "reason"),
    [
        ({"origin": "https://example.org"}, "127.0.0.1", "a web page"),
        ({"origin": "null"}, "127.0.0.1", "a web page"),
        ({"origin": ""}, "127.0.0.1", "a web page"),
        ({"forwarded": "for=192.0.2.1"}, "127.0.0.1", "through a proxy"),
        ({"x-forwarded-for": "192.0.2.1"}, "127.0.0.1", "through a proxy"),
        ({"x-forwarded-host": "a"}, "127.0.0.1", "through a proxy"),
        ({"x-real-ip": "192.0.2.1"}, "127.0.0.1", "through a proxy"),
        ({"via": "1.1 proxy"}, "127.0.0.1", "through a proxy"),
        ({}, "192.0.2.1", "on this machine"),
        ({}, "10.0.0.1", "on this machine"),
        ({}, "2001:db8::1", "on this machine"),
        ({}, "", "on this machine"),
        ({}, "unix:", "on this machine"),
    ],
)
@pytest.mark.parametrize("token", [None, "", TOKEN])
def test_others_may_not_and_are_told_why(
    headers: dict[str, str], peer: str, reason: str, token: str | None
) -> None:
    found = refusal(headers, peer, token)

    assert found is not None
    assert reason in found
    assert TOKEN_VARIABLE in found


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", "Bearer s3cre", "Bearer s3crät"])
def test_wrong_token_is_none(given: str) -> None:
    assert refusal({"authorization": given}, "192.0.2.1", TOKEN) is not None


@pytest.mark.parametrize("token", [None, ""])
def test_empty_token_opens_nothing(token: str | None) -> None:
    assert refusal({"authorization": "Bearer "}, "192.0.2.1", token) is not None


def test_refusal_is_403_with_the_reason(app: Flask) -> None:
    response = app.test_client().delete(
        "/_mockllm/sessions/a", headers={"Origin": "https://example.org"}
    )
    body: Any = response.json

    assert response.status_code == 403
    assert "a web page" in body["error"]


def test_who_asks_from_elsewhere_is_refused(app: Flask) -> None:
    response = app.test_client().delete(
        "/_mockllm/sessions/a", environ_overrides={"REMOTE_ADDR": "192.0.2.1"}
    )

    assert response.status_code == 403


def test_peer_that_is_unknown_is_refused(app: Flask) -> None:
    client = app.test_client()
    client.environ_base.pop("REMOTE_ADDR")

    assert client.delete("/_mockllm/sessions/a").status_code == 403


def test_token_of_the_environment_is_taken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)

    response = app.test_client().delete(
        "/_mockllm/sessions/a",
        headers={"Authorization": f"Bearer {TOKEN}"},
        environ_overrides={"REMOTE_ADDR": "192.0.2.1"},
    )

    assert response.status_code == 200


@pytest.mark.parametrize("path", ["/", "/health", "/_mockllm/health"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_questions_are_answered_to_everybody(path: str, method: str, app: Flask) -> None:
    response = app.test_client().open(
        path,
        method=method,
        headers={"Origin": "https://example.org"},
        environ_overrides={"REMOTE_ADDR": "192.0.2.1"},
    )

    assert response.status_code == 200
