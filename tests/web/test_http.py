"""What every URL does, whoever's it is."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from tests.conftest import MakeApp, runtime_of

ANTHROPIC = {"anthropic-version": "2023-06-01"}


def test_index_names_the_health_page(app: Flask) -> None:
    response = app.test_client().get("/")

    assert response.status_code == 200
    assert response.content_type == "text/plain; charset=utf-8"
    assert "/_mockllm/health" in response.text


def test_head_of_the_index_is_fine(app: Flask) -> None:
    response = app.test_client().head("/")

    assert (response.status_code, response.data) == (200, b"")


@pytest.mark.parametrize("path", ["/health", "/_mockllm/health"])
def test_health(path: str, app: Flask) -> None:
    client = app.test_client()
    client.get("/v1/models")  # the first request starts the watcher

    health: Any = client.get(path).json

    assert health["status"] == "ok"
    assert health["generation"] == 1
    assert health["answers"] == 4
    assert health["problems"] == []
    assert health["open_streams"] == 0
    assert health["watcher"]["alive"] is True


def test_health_shows_warnings_too(make_app: MakeApp) -> None:
    app = make_app("responses: {yes: no}")

    health: Any = app.test_client().get("/health").json

    assert health["status"] == "ok"
    assert [problem["code"] for problem in health["problems"]] == ["MOCK013", "MOCK013"]


def test_health_counts_open_streams(app: Flask) -> None:
    client = app.test_client()
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "count"}]}
    stream = client.post("/v1/messages", json=body).iter_encoded()
    next(stream)

    during: Any = client.get("/health").json
    list(stream)
    after: Any = client.get("/health").json

    assert (during["open_streams"], after["open_streams"]) == (1, 0)


@pytest.mark.parametrize("path", ["/v1/no/such", "/v1", "/nothing"])
def test_unknown_path_gets_404_in_openais_dialect(path: str, app: Flask) -> None:
    response = app.test_client().post("/", environ_overrides={"PATH_INFO": path})

    assert response.status_code == 404
    assert response.json == {
        "error": {
            "message": f"Invalid URL (POST {path})",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }
    }


@pytest.mark.parametrize("header", ["anthropic-version", "x-api-key", "anthropic-beta"])
def test_unknown_path_gets_404_in_anthropics_dialect_for_its_clients(
    header: str, app: Flask
) -> None:
    body: Any = app.test_client().get("/v1/no/such", headers={header: "x"}).json

    assert body["type"] == "error"
    assert body["error"] == {
        "type": "not_found_error",
        "message": "Not Found (GET /v1/no/such)",
    }


def test_wrong_method_on_a_shared_path_gets_the_dialect_of_the_headers(app: Flask) -> None:
    client = app.test_client()

    openais: Any = client.delete("/v1/models").json
    anthropics: Any = client.delete("/v1/models", headers=ANTHROPIC).json

    assert openais["error"]["code"] == "method_not_supported"
    assert anthropics["type"] == "error"


def test_models_have_the_shape_of_the_client(app: Flask) -> None:
    client = app.test_client()

    openais: Any = client.get("/v1/models").json
    anthropics: Any = client.get("/v1/models", headers=ANTHROPIC).json

    assert openais["object"] == "list"
    assert {model["object"] for model in openais["data"]} == {"model"}
    assert anthropics["has_more"] is False
    assert {model["type"] for model in anthropics["data"]} == {"model"}


def test_every_answer_has_a_request_id(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/v1/models").headers["x-request-id"].startswith("req_")
    assert client.get("/nope", headers=ANTHROPIC).headers["request-id"].startswith("req_01")


def test_body_that_ends_early_gets_400(app: Flask) -> None:
    response = app.test_client().post(
        "/v1/chat/completions", data=b"{", environ_overrides={"CONTENT_LENGTH": "100"}
    )

    assert response.status_code == 400
    assert "announced length" in response.text


def test_what_flask_itself_refuses_is_json(app: Flask) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}

    response = app.test_client().get("/v1/models", headers=upgrade)

    assert response.status_code == 400
    assert response.json is not None


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/chat/completions", "/v1/messages"])
def test_websocket_on_a_path_that_takes_none_gets_405(path: str, app: Flask) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}

    response = app.test_client().get(path, headers=upgrade)

    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    assert response.json is not None


def test_source_is_percent_encoded(tmp_path: Any, clock: Any) -> None:
    from mockllm.app import create_app

    file = tmp_path / "mein größter Ordner.yml"
    file.write_text("responses: {hi: Hello.}")
    app = create_app(file, clock)
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}

    headers = app.test_client().post("/v1/messages", json=body).headers
    runtime_of(app).stop()

    assert headers["x-mockllm-source"].endswith("/mein%20gr%C3%B6%C3%9Fter%20Ordner.yml:1")


@pytest.mark.parametrize(("size", "status"), [(1024, 400), (1025, 413)])
def test_body_of_unknown_length_is_bounded(size: int, status: int, make_app: MakeApp) -> None:
    app = make_app("settings: {max_body: 1KB}")

    response = app.test_client().post(
        "/v1/messages",
        input_stream=BytesIO(b"x" * size),
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert response.status_code == status


def test_body_that_its_server_ends_early_gets_400(app: Flask) -> None:
    response = app.test_client().post(
        "/v1/chat/completions",
        input_stream=BytesIO(b"{}"),
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": "100"},
    )

    assert response.status_code == 400
    assert "announced length" in response.text


@pytest.mark.parametrize("path", ["/v1/models", "/v1/no/such"])
def test_a_head_request_is_closed_as_any_other(
    path: str, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="mockllm.requests"):
        response = app.test_client().head(path)

    assert response.data == b""
    assert f"HEAD {path} {response.status_code}" in caplog.text


def test_options_are_no_html(app: Flask) -> None:
    response = app.test_client().options("/v1/messages")

    assert response.status_code == 200
    assert response.content_type == "text/plain; charset=utf-8"


def test_exchange_that_cannot_be_written_down_is_not_closed_twice(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    written: list[object] = []

    def write(exchange: object) -> None:
        written.append(exchange)
        raise OSError("disk full")

    monkeypatch.setattr(runtime_of(app).journal, "write", write)

    with pytest.raises(OSError, match="disk full"):
        app.test_client().post("/v1/chat/completions", json=asked)

    assert len(written) == 1
