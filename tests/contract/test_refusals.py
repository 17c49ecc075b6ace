"""Keys, models and paths that are not there, for every operation of every provider."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import MakeApp
from tests.contract.cases import Case
from tests.contract.every_case import CASES

EVERY = pytest.mark.parametrize("name", CASES)
KEYED = "responses: {hello: hi}\nsettings: {api_keys: [mine]}\n"
LISTED = "responses: {hello: hi}\nsettings: {models: [only, mock-llm-2]}\n"
OFFERED = "responses: {hello: hi}\nsettings: {models: [mock-llm]}\n"
SIGNS = {
    "openai": {},
    "anthropic": {"anthropic-version": "2023-06-01"},
    "azure": {"api-key": "mine"},
    "gemini": {"x-goog-api-key": "mine"},
    "ollama": {},
}
"""The headers by which each provider's clients are known where the path does not tell."""


def asked(app: Flask, case: Case, stream: bool = False, **headers: str) -> TestResponse:
    body: Any = {**case.body("hello"), **({"stream": True} if stream else {})}
    data = json.dumps(case.sent(body)).encode()
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return app.test_client().post(case.url(body), data=data, headers=named)


def provider_of(name: str) -> str:
    return name.partition(".")[0]


@EVERY
@pytest.mark.parametrize("stream", [False, True])
def test_other_model_gets_404_in_the_dialect(name: str, stream: bool, make_app: MakeApp) -> None:
    response = asked(make_app(LISTED), CASES[name], stream)

    assert response.status_code == 404
    assert response.mimetype == "application/json"
    error = CASES[name].error(response.json or {})
    assert "mock-llm" in error or "deployment" in error


@EVERY
def test_model_that_is_offered_is_served(name: str, make_app: MakeApp) -> None:
    assert asked(make_app(OFFERED), CASES[name]).status_code == 200


@EVERY
@pytest.mark.parametrize("stream", [False, True])
def test_other_key_is_refused_in_the_dialect(name: str, stream: bool, make_app: MakeApp) -> None:
    app = make_app(KEYED)

    response = asked(app, CASES[name], stream, authorization="Bearer other")

    assert response.status_code == (400 if provider_of(name) == "gemini" else 401)
    assert response.mimetype == "application/json"
    assert CASES[name].error(response.json or {})
    assert "other" not in response.text


@EVERY
def test_key_that_is_listed_is_taken(name: str, make_app: MakeApp) -> None:
    response = asked(make_app(KEYED), CASES[name], authorization="Bearer mine")

    assert response.status_code == 200


@EVERY
def test_path_that_is_not_there_gets_404_in_the_dialect(name: str, app: Flask) -> None:
    path, _, query = CASES[name].path.partition("?")

    response = app.test_client().post(
        f"{path}x?{query}", json=CASES[name].body("hello"), headers=SIGNS[provider_of(name)]
    )

    assert response.status_code == 404
    assert response.mimetype == "application/json"
    assert CASES[name].error(response.json or {})
