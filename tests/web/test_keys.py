"""`settings.api_keys`: who is let in, and that no key is told to anybody."""

from __future__ import annotations

import logging

import pytest
from flask import Flask

from tests.conftest import MakeApp

YAML = """\
responses:
  hello: hi
settings:
  api_keys: [test-key-1, test-key-2]
  max_body: 1KB
"""
CHAT = ("POST", "/v1/chat/completions")
MESSAGES = ("POST", "/v1/messages")
BODY = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]}
NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header"
    " using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with"
    " blank username) if you're accessing the API from your browser and are prompted for a"
    " username and password. You can obtain an API key from"
    " https://platform.openai.com/account/api-keys."
)
WRONG_KEY = (
    "Incorrect API key provided. You can find your API key at"
    " https://platform.openai.com/account/api-keys."
)
ANTHROPIC = {"anthropic-version": "2023-06-01"}


@pytest.fixture
def keyed(make_app: MakeApp) -> Flask:
    return make_app(YAML)


@pytest.mark.parametrize("path", [CHAT[1], MESSAGES[1]])
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer test-key-1"},
        {"Authorization": "bearer  test-key-2"},
        {"Authorization": "BEARER test-key-2 "},
        {"X-Api-Key": "test-key-1"},
        {"Api-Key": "test-key-2"},
        {"Authorization": "Bearer ", "X-Api-Key": "test-key-1"},
        {"Authorization": "test-key-1"},
    ],
)
def test_key_is_taken_in_each_header(keyed: Flask, path: str, headers: dict[str, str]) -> None:
    assert keyed.test_client().post(path, json=BODY, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "message", "code"),
    [
        ({}, NO_KEY, None),
        ({"Authorization": "Bearer"}, NO_KEY, None),
        ({"Authorization": "Bearer sk-other"}, WRONG_KEY, "invalid_api_key"),
        ({"Authorization": "Bearer test-key-1x"}, WRONG_KEY, "invalid_api_key"),
        ({"X-Api-Key": "TEST-KEY-1"}, WRONG_KEY, "invalid_api_key"),
    ],
)
def test_other_key_is_refused_as_openai_does(
    keyed: Flask, headers: dict[str, str], message: str, code: str | None
) -> None:
    answer = keyed.test_client().post(CHAT[1], json=BODY, headers=headers)

    assert answer.status_code == 401
    assert answer.json == {
        "error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    }


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "x-api-key header is required"),
        ({"X-Api-Key": "sk-other"}, "invalid x-api-key"),
        ({"Authorization": "Bearer sk-other"}, "invalid x-api-key"),
    ],
)
def test_other_key_is_refused_as_anthropic_does(
    keyed: Flask, headers: dict[str, str], message: str
) -> None:
    answer = keyed.test_client().post(MESSAGES[1], json=BODY, headers=headers)

    assert answer.status_code == 401
    assert answer.json
    assert answer.json["error"] == {"type": "authentication_error", "message": message}


GENERATE = "/v1beta/models/m:generateContent"
CONTENTS = {"contents": [{"parts": [{"text": "hello"}]}]}


@pytest.mark.parametrize(
    ("query", "headers"),
    [("", {"X-Goog-Api-Key": "test-key-1"}), ("?key=test-key-2", {})],
)
def test_key_is_taken_where_gemini_has_it(
    keyed: Flask, query: str, headers: dict[str, str]
) -> None:
    answer = keyed.test_client().post(GENERATE + query, json=CONTENTS, headers=headers)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("headers", "status", "word", "reason"),
    [
        ({}, 403, "PERMISSION_DENIED", None),
        ({"X-Goog-Api-Key": "other"}, 400, "INVALID_ARGUMENT", "API_KEY_INVALID"),
    ],
)
def test_other_key_is_refused_as_gemini_does(
    keyed: Flask, headers: dict[str, str], status: int, word: str, reason: str | None
) -> None:
    answer = keyed.test_client().post(GENERATE, json=CONTENTS, headers=headers)

    assert answer.status_code == status
    assert answer.json
    error = answer.json["error"]
    assert (error["code"], error["status"]) == (status, word)
    assert error.get("details", [{}])[0].get("reason") == reason


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/v1/responses", {}),
        ("POST", "/v1/embeddings", {}),
        ("GET", "/v1/responses/resp_1", {}),
        ("GET", "/v1/chat/completions", {}),
        ("GET", "/v1/models", {}),
        ("GET", "/v1/models", ANTHROPIC),
        ("DELETE", "/v1/models/m", {}),
        ("GET", "/v1/nothing", {}),
        ("GET", "/v1/nothing", ANTHROPIC),
        ("PUT", "/v1/chat/completions", {}),
        ("POST", "/s/one/v1/chat/completions", {}),
    ],
)
def test_key_is_looked_at_before_anything_else(
    keyed: Flask, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = keyed.test_client().open(path, method=method, headers=headers, data="no JSON")

    assert answer.status_code == 401


def test_key_is_looked_at_before_the_size(keyed: Flask) -> None:
    assert keyed.test_client().post(CHAT[1], data="x" * 2_000).status_code == 401


@pytest.mark.parametrize("path", ["/", "/health", "/_mockllm/health"])
def test_mockllms_own_pages_need_no_key(keyed: Flask, path: str) -> None:
    assert keyed.test_client().get(path).status_code == 200


def test_mockllms_own_actions_need_no_key(keyed: Flask) -> None:
    client = keyed.test_client()

    assert client.post("/_mockllm/explain", json=BODY).status_code == 200
    assert client.delete("/_mockllm/sessions/one").status_code == 200


def test_preflight_needs_no_key(keyed: Flask) -> None:
    headers = {"Origin": "https://e.com", "Access-Control-Request-Method": "POST"}

    assert keyed.test_client().options(CHAT[1], headers=headers).status_code == 204


def test_web_page_can_read_that_its_key_is_wrong(keyed: Flask) -> None:
    answer = keyed.test_client().post(CHAT[1], json=BODY, headers={"Origin": "https://e.com"})

    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("key", ["sk-secret", "test-key-1"])
@pytest.mark.parametrize(("method", "path"), [CHAT, MESSAGES, ("GET", "/v1/models")])
def test_no_key_is_told(
    keyed: Flask, key: str, method: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client = keyed.test_client()
    headers = {"Authorization": f"Bearer {key}"}

    answer = client.open(path, method=method, json=BODY, headers=headers)
    explained = client.post("/_mockllm/explain", json=BODY, headers=headers)
    health = client.get("/health", headers=headers)

    said = [f"{each.headers}{each.text}" for each in (answer, explained, health)]
    assert caplog.messages
    assert not any("secret" in each or "test-key" in each for each in (*said, *caplog.messages))
