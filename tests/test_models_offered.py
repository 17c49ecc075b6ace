"""`settings.models` over HTTP: what is listed, found, served and refused."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.conftest import MakeApp

YAML = """\
responses:
  hello: hi
settings:
  seed: 7
  models:
    - gpt-4o
    - {name: claude-opus-4-7, provider: anthropic, aliases: [claude-opus-latest]}
    - {name: gpt-4-0314, provider: openai, lifecycle: retired}
    - {name: gpt-4, provider: openai, aliases: [gpt-four], lifecycle: deprecated}
"""
HELLO = {"max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]}
CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"


@pytest.fixture
def listing(make_app: MakeApp) -> Flask:
    return make_app(YAML)


@pytest.mark.parametrize(
    ("path", "model"),
    [
        (CHAT, "gpt-4o"),
        (CHAT, "gpt-4"),
        (CHAT, "gpt-four"),
        (MESSAGES, "gpt-4o"),
        (MESSAGES, "claude-opus-4-7"),
        (MESSAGES, "claude-opus-latest"),
    ],
)
def test_listed_model_is_served_under_the_name_asked_for(
    listing: Flask, path: str, model: str
) -> None:
    answer = listing.test_client().post(path, json=HELLO | {"model": model})

    assert answer.status_code == 200
    assert answer.json
    assert answer.json["model"] == model


@pytest.mark.parametrize("validation", ["ignore", "warn", "reject"])
@pytest.mark.parametrize("model", ["gpt-5", "gpt-4-0314", "claude-opus-4-7"])
def test_other_model_is_openais_404(make_app: MakeApp, validation: str, model: str) -> None:
    app = make_app(f"{YAML}  validation: {validation}\n")

    answer = app.test_client().post(CHAT, json=HELLO | {"model": model})

    assert answer.status_code == 404
    assert answer.json == {
        "error": {
            "message": f"The model `{model}` does not exist or you do not have access to it.",
            "type": "invalid_request_error",
            "param": None,
            "code": "model_not_found",
        }
    }


@pytest.mark.parametrize("model", ["claude-9", "gpt-4", "gpt-4-0314"])
def test_other_model_is_anthropics_404(listing: Flask, model: str) -> None:
    answer = listing.test_client().post(MESSAGES, json=HELLO | {"model": model})

    assert answer.status_code == 404
    assert answer.json
    assert answer.json["error"] == {"type": "not_found_error", "message": f"model: {model}"}


@pytest.mark.parametrize("method", ["generateContent", "streamGenerateContent?alt=sse"])
@pytest.mark.parametrize("model", ["gemini-9", "gpt-4", "gpt-4-0314"])
def test_other_model_is_geminis_404(listing: Flask, method: str, model: str) -> None:
    body = {"contents": [{"parts": [{"text": "hello"}]}]}

    client = listing.test_client()

    assert client.post(f"/v1beta/models/gpt-4o:{method}", json=body).status_code == 200
    answer = client.post(f"/v1beta/models/{model}:{method}", json=body)
    assert answer.status_code == 404
    assert answer.json
    assert answer.json["error"]["status"] == "NOT_FOUND"
    assert f"models/{model} is not found" in answer.json["error"]["message"]


def test_gemini_lists_and_retrieves_what_is_offered(listing: Flask) -> None:
    client = listing.test_client()

    answer = client.get("/v1beta/models")

    assert answer.json
    assert [each["name"] for each in answer.json["models"]] == ["models/gpt-4o"]
    assert client.get("/v1beta/models/gpt-4o").status_code == 200
    assert client.get("/v1beta/models/gpt-4").status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/responses", {"input": "hello"}),
        ("/v1/completions", {"prompt": "hello"}),
        ("/v1/embeddings", {"input": "hello"}),
        ("/v1/moderations", {"input": "hello"}),
    ],
)
def test_every_endpoint_looks_for_the_model(
    listing: Flask, path: str, body: dict[str, str]
) -> None:
    client = listing.test_client()

    assert client.post(path, json=body | {"model": "gpt-4o"}).status_code == 200
    assert client.post(path, json=body | {"model": "gpt-5"}).status_code == 404


def test_list_has_the_providers_models_in_order(listing: Flask) -> None:
    answer = listing.test_client().get("/v1/models")

    assert answer.json
    assert [each["id"] for each in answer.json["data"]] == ["gpt-4o", "gpt-4-0314", "gpt-4"]


def test_alias_is_retrieved_as_its_model(listing: Flask) -> None:
    answer = listing.test_client().get("/v1/models/gpt-four")

    assert answer.json
    assert answer.json["id"] == "gpt-4"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_unlisted_model_is_neither_retrieved_nor_deleted(listing: Flask, method: str) -> None:
    answer = listing.test_client().open("/v1/models/gpt-5", method=method)

    assert answer.status_code == 404


def test_listed_model_is_deleted_and_stays(listing: Flask) -> None:
    client = listing.test_client()

    assert client.delete("/v1/models/gpt-4o").json == {
        "id": "gpt-4o",
        "object": "model",
        "deleted": True,
    }
    assert client.get("/v1/models/gpt-4o").status_code == 200
