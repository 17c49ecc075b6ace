"""Web pages may call the vendors' APIs, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from mockllm.web.cors import MAX_REQUESTED
from tests.conftest import MakeApp

ORIGIN = {"Origin": "https://page.example"}
CHAT = "/v1/chat/completions"
ALLOW = "Access-Control-Allow-Origin"
EXPOSE = "Access-Control-Expose-Headers"
STAINLESS = (
    "authorization,content-type,anthropic-version,anthropic-dangerous-direct-browser-access,"
    "openai-organization,x-stainless-lang,x-stainless-retry-count"
)


def ask(stream: bool = False, prompt: str = "count") -> dict[str, Any]:
    messages = [{"role": "user", "content": prompt}]
    return {"model": "m", "stream": stream, "messages": messages}


def preflight(app: Flask, path: str = CHAT, **more: str) -> Any:
    names = {name.replace("_", "-"): value for name, value in more.items()}
    headers = {**ORIGIN, "Access-Control-Request-Method": "POST", **names}
    return app.test_client().options(path, headers=headers)


@pytest.mark.parametrize("path", [CHAT, "/v1/messages", "/chat/completions", "/s/one/v1/models"])
def test_preflight_lets_every_page_ask(path: str, app: Flask) -> None:
    response = preflight(app, path)

    assert (response.status_code, response.data) == (204, b"")
    assert response.headers[ALLOW] == "*"
    assert {"GET", "POST", "DELETE"} <= set(
        response.headers["Access-Control-Allow-Methods"].split(", ")
    )
    assert response.headers["Access-Control-Max-Age"] == "7200"
    assert "Access-Control-Allow-Headers" not in response.headers
    assert "Access-Control-Allow-Private-Network" not in response.headers


def test_preflight_allows_what_the_sdks_send(app: Flask) -> None:
    allowed = preflight(app, Access_Control_Request_Headers=STAINLESS).headers

    assert allowed["Access-Control-Allow-Headers"] == STAINLESS.replace(",", ", ")


@pytest.mark.parametrize(
    ("requested", "allowed"),
    [
        ("x-a, <b>, x-c", "x-a, x-c"),
        ("x-a,,x b,x:c", "x-a"),
        (f"x-a, {'x' * 101}", "x-a"),
        ("größe", None),
        ("", None),
    ],
)
def test_preflight_repeats_no_more_than_names(
    requested: str, allowed: str | None, app: Flask
) -> None:
    response = preflight(app, Access_Control_Request_Headers=requested)

    assert response.headers.get("Access-Control-Allow-Headers") == allowed


def test_preflight_allows_so_many_headers(app: Flask) -> None:
    requested = ",".join(f"x-{number}" for number in range(MAX_REQUESTED + 1))

    response = preflight(app, Access_Control_Request_Headers=requested)

    allowed = response.headers["Access-Control-Allow-Headers"].split(", ")
    assert len(allowed) == MAX_REQUESTED


def test_preflight_opens_a_private_network_when_asked(app: Flask) -> None:
    response = preflight(app, Access_Control_Request_Private_Network="true")

    assert response.headers["Access-Control-Allow-Private-Network"] == "true"


def test_options_that_are_no_preflight_are_answered_as_ever(app: Flask) -> None:
    response = app.test_client().options(CHAT, headers=ORIGIN)

    assert response.status_code == 200
    assert response.headers[ALLOW] == "*"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [CHAT, "/v1/messages"])
def test_answer_may_be_read_with_its_headers(path: str, stream: bool, app: Flask) -> None:
    response = app.test_client().post(path, json=ask(stream), headers=ORIGIN)

    exposed = response.headers[EXPOSE].split(", ")
    assert response.headers[ALLOW] == "*"
    assert {"x-mockllm-source", "x-mockllm-generation"} <= set(exposed)
    assert {"x-request-id", "request-id"} & set(exposed)
    assert "content-type" not in exposed


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/nothing", b"", 404),
        ("PUT", CHAT, b"", 405),
        ("POST", CHAT, b"{", 400),
        ("POST", "/v1/messages", b"[]", 400),
        ("POST", CHAT, b"x" * 2000, 413),
    ],
)
def test_refusal_may_be_read(
    method: str, path: str, body: bytes, status: int, make_app: MakeApp
) -> None:
    app = make_app("settings: {max_body: 1KB}")

    response = app.test_client().open(path, method=method, data=body, headers=ORIGIN)

    assert response.status_code == status
    assert response.headers[ALLOW] == "*"
    assert response.headers[EXPOSE]


def test_headers_of_a_rules_error_are_exposed(make_app: MakeApp) -> None:
    app = make_app(
        "rules: [{when: {always: true},"
        " reply: {error: {kind: rate_limit, retry_after: 2s}, headers: {x-region: eu}}}]"
    )

    response = app.test_client().post(CHAT, json=ask(), headers=ORIGIN)

    assert response.status_code == 429
    assert {"retry-after", "x-region"} <= set(response.headers[EXPOSE].split(", "))


def test_what_a_rule_says_of_itself_stays(make_app: MakeApp) -> None:
    app = make_app(
        "responses: {count: {text: a, headers: {access-control-allow-origin: https://a.example}}}"
    )

    response = app.test_client().post(CHAT, json=ask(), headers=ORIGIN)

    assert response.headers.getlist(ALLOW) == ["https://a.example"]


def test_programs_without_an_origin_get_no_such_headers(app: Flask) -> None:
    response = app.test_client().post(CHAT, json=ask())

    assert ALLOW not in response.headers
    assert EXPOSE not in response.headers


def test_setting_turns_it_off(make_app: MakeApp) -> None:
    app = make_app("settings: {cors: false}")

    answer = app.test_client().post(CHAT, json=ask(), headers=ORIGIN)

    assert ALLOW not in answer.headers
    assert ALLOW not in preflight(app).headers


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    [
        "/_mockllm/health",
        "//_mockllm/health",
        "///_mockllm/health",
        "/_mockllm/explain",
        "/_mockllm/sessions/one",
        "/_mockllm/nothing",
        "/_mockllm",
        "/s/x/_mockllm/health",
        "/s/x//_mockllm/health",
        "/s/x/_mockllm/sessions/one",
        "/health",
        "//health",
        "/s/x/health",
    ],
)
def test_our_own_pages_are_closed_to_pages(method: str, path: str, app: Flask) -> None:
    headers = {**ORIGIN, "Access-Control-Request-Method": "DELETE"}

    response = app.test_client().open(
        "/", method=method, headers=headers, environ_overrides={"PATH_INFO": path}
    )

    assert not [name for name, _ in response.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/_mockllm/health",
        "/openai/v1/_mockllm/health",
        "/openai/v1//_mockllm/health",
        "/llm/_mockllm/health",
        "/llm//_mockllm/health",
        "/llm/v1/../_mockllm/health",
        "/v1/../_mockllm/health",
        "/s/x/s/y/_mockllm/health",
        "//s/x/_mockllm/health",
        "/s/x/llm/_mockllm/health",
        "/_MOCKLLM/health",
        "/%5fmockllm/health",
        "/_mockllm%2fhealth",
        "/./_mockllm/health",
        "\\_mockllm\\health",
    ],
)
def test_no_trick_shows_a_page_what_is_ours(path: str, make_app: MakeApp) -> None:
    app = make_app("settings: {prefixes: [/llm]}")

    response = app.test_client().get("/", headers=ORIGIN, environ_overrides={"PATH_INFO": path})

    assert response.status_code == 404
