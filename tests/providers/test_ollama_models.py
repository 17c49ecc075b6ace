"""The models that Ollama lists and shows, and what else its server does."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.contract.cases import ndjson_events


def fetched(app: Flask, path: str) -> Any:
    response = app.test_client().get(path)
    assert response.status_code == 200
    assert response.content_type == "application/json; charset=utf-8"
    return response.json


def shown(app: Flask, **body: Any) -> Any:
    return app.test_client().post("/api/show", json=body).json


def test_list_has_models_with_their_details(app: Flask) -> None:
    models = fetched(app, "/api/tags")["models"]

    assert "llama3.2:latest" in [model["name"] for model in models]
    assert all(model["model"] == model["name"] for model in models)
    assert models[0]["details"] == {
        "parent_model": "",
        "format": "gguf",
        "family": "mock",
        "families": ["mock"],
        "parameter_size": "8.0B",
        "quantization_level": "Q4_K_M",
    }
    assert len({model["digest"] for model in models}) == len(models)


def test_listed_models_are_loaded(app: Flask) -> None:
    listed = fetched(app, "/api/tags")["models"]
    loaded = fetched(app, "/api/ps")["models"]

    assert [model["digest"] for model in loaded] == [model["digest"] for model in listed]
    assert all(model["size_vram"] == model["size"] for model in loaded)


@pytest.mark.parametrize(
    ("name", "family", "capabilities"),
    [
        ("qwen3", "qwen3", ["completion", "tools", "thinking", "vision"]),
        ("gpt-oss:20b", "gptoss", ["completion", "tools", "thinking", "vision"]),
        ("nomic-embed-text", "nomic-bert", ["embedding"]),
        ("my-own", "mock", ["completion", "tools", "thinking", "vision"]),
        ("my-embedder", "mock", ["embedding"]),
    ],
)
def test_any_model_is_shown(name: str, family: str, capabilities: list[str], app: Flask) -> None:
    model = shown(app, model=name)

    assert model["capabilities"] == capabilities
    assert model["model_info"]["general.architecture"] == family
    assert model["model_info"][f"{family}.context_length"] == 131_072


def test_model_is_shown_by_its_old_name(app: Flask) -> None:
    assert shown(app, name="m") == shown(app, model="m")


def test_version_is_told(app: Flask) -> None:
    assert fetched(app, "/api/version") == {"version": "0.34.4"}


def test_pulling_ends_in_success(app: Flask) -> None:
    response = app.test_client().post("/api/pull", json={"model": "m"})

    assert response.mimetype == "application/x-ndjson"
    assert list(ndjson_events(response.data))[-1] == {"status": "success"}


def test_pulling_may_be_told_in_one_piece(app: Flask) -> None:
    response = app.test_client().post("/api/pull", json={"name": "m", "stream": False})

    assert response.json == {"status": "success"}
