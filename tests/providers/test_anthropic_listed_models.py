"""Anthropic's models, as `settings.models` lists them."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.conftest import MakeApp

HEADERS = {"anthropic-version": "2023-06-01"}
MODELS = """\
settings:
  models:
    - gpt-4o
    - {name: claude-a, aliases: [a], provider: anthropic, context_tokens: 9, max_output_tokens: 5}
    - {name: claude-b, lifecycle: deprecated, capabilities: [tools, vision]}
    - {name: gpt-b, provider: openai}
    - {name: claude-old, lifecycle: retired}
"""


def fetched(app: Flask, path: str) -> Any:
    return app.test_client().get(path, headers=HEADERS).json


def test_models_of_the_settings_are_listed_in_their_order(make_app: MakeApp) -> None:
    listed = fetched(make_app(MODELS), "/v1/models")["data"]

    assert [model["id"] for model in listed] == ["gpt-4o", "claude-a", "claude-b", "claude-old"]


def test_list_can_be_of_one_lifecycle(make_app: MakeApp) -> None:
    listed = fetched(make_app(MODELS), "/v1/models?lifecycle=deprecated")["data"]

    assert [model["id"] for model in listed] == ["claude-b"]
    assert listed[0]["deprecated_at"] is not None


def test_alias_names_its_model_and_its_bounds_are_told(make_app: MakeApp) -> None:
    model = fetched(make_app(MODELS), "/v1/models/a")

    assert (model["id"], model["max_input_tokens"], model["max_tokens"]) == ("claude-a", 9, 5)
    assert model["capabilities"]["thinking"]["supported"] is True


def test_what_a_model_cannot_do_is_told(make_app: MakeApp) -> None:
    capabilities = fetched(make_app(MODELS), "/v1/models/claude-b")["capabilities"]

    assert capabilities["image_input"]["supported"] is True
    assert capabilities["structured_outputs"]["supported"] is False
    assert capabilities["thinking"]["types"]["adaptive"]["supported"] is False


def test_other_models_are_not_found(make_app: MakeApp) -> None:
    app = make_app(MODELS)

    found = [fetched(app, f"/v1/models/{name}") for name in ("gpt-b", "claude-old", "claude-x")]

    assert [body["error"]["type"] for body in found] == ["not_found_error"] * 3
