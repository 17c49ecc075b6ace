"""Gemini's embeddings, token counts and models."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.conftest import MakeApp

MODEL = "/v1beta/models/gemini-embedding-001"
GOOGLE = {"x-goog-api-key": "k"}
TEXT = {"parts": [{"text": "what is 2+2?"}]}


def ask(app: Flask, path: str, **body: Any) -> Any:
    return app.test_client().post(path, json=body).get_json()


@pytest.mark.parametrize(
    ("path", "members", "length"),
    [
        (MODEL, {}, 3072),
        ("/v1/models/text-embedding-004", {}, 768),
        (MODEL, {"outputDimensionality": 5}, 5),
        (MODEL, {"output_dimensionality": 5}, 5),
        (MODEL, {"embedContentConfig": {"outputDimensionality": 5}}, 5),
    ],
)
def test_vector_is_as_long_as_asked(path: str, members: Any, length: int, app: Flask) -> None:
    found = ask(app, f"{path}:embedContent", content=TEXT, **members)

    assert len(found["embedding"]["values"]) == length


def test_vectors_of_a_batch_are_those_of_each(app: Flask) -> None:
    texts = [{"parts": [{"text": text}]} for text in ("a", "b")]

    batch = ask(app, f"{MODEL}:batchEmbedContents", requests=[{"content": each} for each in texts])
    single = [ask(app, f"{MODEL}:embedContent", content=each)["embedding"] for each in texts]

    assert batch["embeddings"] == single


@pytest.mark.parametrize("requests", [None, [], [{}], [{"content": TEXT}] * 101])
def test_empty_and_large_batches_are_refused(requests: Any, app: Flask) -> None:
    found = ask(app, f"{MODEL}:batchEmbedContents", requests=requests)

    assert found["error"]["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"systemInstruction": {"parts": [{"text": "Be kind."}]}},
        {"tools": [{"functionDeclarations": [{"name": "f", "description": "Adds."}]}]},
    ],
)
def test_count_is_what_the_answer_reports(app: Flask, members: Any) -> None:
    body = {"contents": [TEXT], **members}
    usage = ask(app, "/v1beta/models/m:generateContent", **body)["usageMetadata"]

    plain = ask(app, "/v1beta/models/m:countTokens", **body)
    wrapped = ask(app, "/v1beta/models/m:countTokens", generateContentRequest=body)

    assert plain["totalTokens"] == wrapped["totalTokens"] == usage["promptTokenCount"]


def test_counting_consumes_no_answer(make_app: MakeApp) -> None:
    app = make_app("rules: [{when: {always: true}, replies: [first, second]}]")
    ask(app, "/v1beta/models/m:countTokens", contents=[TEXT])

    found = ask(app, "/v1beta/models/m:generateContent", contents=[TEXT])

    assert found["candidates"][0]["content"]["parts"] == [{"text": "first"}]


def test_shared_list_of_models_is_googles_for_its_clients(app: Flask) -> None:
    client = app.test_client()
    theirs = client.get("/v1/models", headers=GOOGLE).get_json()

    assert theirs == client.get("/v1beta/models").get_json()
    assert "data" in client.get("/v1/models").get_json()


def test_model_of_any_name(app: Flask) -> None:
    client = app.test_client()
    theirs = client.get("/v1/models/my-own", headers=GOOGLE).get_json()

    assert theirs == client.get("/v1beta/models/my-own").get_json()
    assert theirs["name"] == "models/my-own"


def test_pages_follow_each_other(app: Flask) -> None:
    client = app.test_client()
    first = client.get("/v1beta/models?pageSize=2").get_json()
    second = client.get(f"/v1beta/models?pageSize=2&pageToken={first['nextPageToken']}").get_json()

    assert len(first["models"]) == len(second["models"]) == 2
    assert first["models"] != second["models"]


@pytest.mark.parametrize("query", ["pageSize=x", "pageToken=-1", f"pageToken={'9' * 30}"])
def test_page_that_there_is_not_is_refused(query: str, app: Flask) -> None:
    response = app.test_client().get(f"/v1beta/models?{query}")

    assert response.status_code == 400


def test_models_of_google_cannot_be_deleted(app: Flask) -> None:
    assert app.test_client().delete("/v1/models/m", headers=GOOGLE).status_code == 405


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        ("{status: 401}", 401, "UNAUTHENTICATED"),
        ("{status: 504}", 504, "DEADLINE_EXCEEDED"),
        ("{status: 529}", 529, "UNAVAILABLE"),
        ("{status: 418}", 418, "INVALID_ARGUMENT"),
    ],
)
def test_canonical_code_goes_with_the_status(
    error: str, code: int, status: str, make_app: MakeApp
) -> None:
    app = make_app(f"defaults: {{unknown_response: {{error: {error}}}}}")

    found = ask(app, "/v1beta/models/m:generateContent", contents=[TEXT])["error"]

    assert (found["code"], found["status"]) == (code, status)


def test_broken_json_is_told_in_the_dialect(app: Flask) -> None:
    response = app.test_client().post("/v1beta/models/m:generateContent", data=b'{"a_b": ')

    assert response.status_code == 400
    assert response.get_json()["error"]["message"].startswith("Invalid JSON payload received.")


def test_unknown_path_is_told_in_the_dialect(app: Flask) -> None:
    response = app.test_client().get("/v1beta/corpora", headers=GOOGLE)

    assert response.get_json()["error"]["status"] == "NOT_FOUND"


@pytest.mark.parametrize("folder", ["/v1beta/models", "/v1/publishers/google/models"])
def test_method_that_is_not_there_is_not_found(folder: str, app: Flask) -> None:
    answer = app.test_client().post(f"{folder}/m:predict", json={})

    assert answer.status_code == 404
    assert answer.json == {
        "error": {
            "code": 404,
            "message": f"Not found: POST {folder}/m:predict",
            "status": "NOT_FOUND",
        }
    }
