"""An unknown path is answered with what mends it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from mockllm.web.advice import MAX_LENGTH, advice
from tests.conftest import MakeApp

KNOWN = ("/v1/chat/completions", "/v1/completions", "/v1/messages", "/v1/models", "/api/chat")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "/v1/v1/chat/completions",
            "the base URL already ends in /v1: leave that off, for the client itself asks for"
            " /v1/chat/completions",
        ),
        (
            "/v1/chat/completions/chat/completions",
            "the base URL already ends in /chat/completions: leave that off, for the client itself"
            " asks for /chat/completions",
        ),
        (
            "/v1/chat/completions/models",
            "the base URL already ends in /chat/completions: leave that off, for the client itself"
            " asks for /models",
        ),
        (
            "/v1/messages/v1/messages",
            "the base URL already ends in /v1/messages: leave that off, for the client itself asks"
            " for /v1/messages",
        ),
        (
            "/gateway/v1/chat/completions",
            "mockllm has /v1/chat/completions; settings.prefixes: [/gateway] would answer here too",
        ),
        (
            "/gateway/messages",
            "mockllm has /v1/messages; settings.prefixes: [/gateway] would answer here too",
        ),
        ("/v1/chat/completion", "did you mean /v1/chat/completions?"),
        ("/v1/completion", "did you mean /v1/completions?"),
        ("/v1//messages", "did you mean /v1/messages?"),
        ("/v1/messages/", "did you mean /v1/messages?"),
        ("/V1/MESSAGES", "did you mean /v1/messages?"),
        ("/v2/chat/completions", "mockllm has /v1/chat/completions; settings.prefixes: [/v2]"),
        ("/messages", "did you mean /v1/messages?"),
        ("/s/models", "did you mean /v1/models?"),
        ("/größe/models", ""),
        ("/_mockllm/v1/messages", ""),
        ("/v1/no/such", ""),
        ("/v1", ""),
        ("/", ""),
        ("", ""),
    ],
)
def test_mistake_in_a_path_is_named(path: str, said: str) -> None:
    found = advice(path, path, KNOWN)

    assert found.startswith(said) if said else found == ""


@pytest.mark.parametrize(
    ("path", "sent", "near"),
    [
        ("/v1/chat/completion", "/chat/completion", "/chat/completions"),
        ("/v1/chat/completion", "/llm/chat/completion", "/llm/chat/completions"),
        ("/v1/mesages", "/llm/v1/mesages", "/llm/v1/messages"),
    ],
)
def test_near_path_keeps_the_prefix_of_the_client(path: str, sent: str, near: str) -> None:
    assert advice(path, sent, KNOWN) == f"did you mean {near}?"


@pytest.mark.parametrize(("slashes", "said"), [(0, "did you mean /v1/messages?"), (1, "")])
def test_long_paths_get_no_advice(slashes: int, said: str) -> None:
    path = "/v1/messages".ljust(MAX_LENGTH + slashes, "/")

    assert advice(path, path, KNOWN) == said


def test_advice_follows_openais_words(app: Flask) -> None:
    body: Any = app.test_client().post("/openai/v1/v1/chat/completions").json

    assert body["error"]["message"].startswith(
        "Invalid URL (POST /openai/v1/v1/chat/completions): the base URL already ends in /v1: "
    )


def test_advice_follows_anthropics_words(app: Flask) -> None:
    headers = {"anthropic-version": "2023-06-01"}

    body: Any = app.test_client().post("/v1/v1/messages", headers=headers).json

    assert body["error"]["message"] == (
        "Not Found (POST /v1/v1/messages): the base URL already ends in /v1: leave that off, for"
        " the client itself asks for /v1/messages"
    )


@pytest.mark.parametrize("path", ["/helth", "/_mockllm/helth", "/x/health"])
def test_our_own_pages_are_not_advertised(path: str, app: Flask) -> None:
    body: Any = app.test_client().get(path).json

    assert body["error"]["message"] == f"Invalid URL (GET {path})"


def test_advised_prefix_is_one_that_works(make_app: MakeApp) -> None:
    body: Any = make_app("{}").test_client().get("/a/b/models").json
    app = make_app("settings: {prefixes: [/a/b]}")

    assert "settings.prefixes: [/a/b]" in body["error"]["message"]
    assert app.test_client().get("/a/b/models").status_code == 200


@pytest.mark.parametrize("prefix", ["/gateway", "/gateway/openai"])
def test_only_what_stands_below_a_version_is_advised_behind_a_prefix(
    prefix: str, app: Flask
) -> None:
    body = app.test_client().post(f"{prefix}/responses").get_json()

    assert f"mockllm has /v1/responses; settings.prefixes: [{prefix}]" in body["error"]["message"]
