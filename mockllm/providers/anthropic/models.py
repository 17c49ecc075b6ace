"""`GET /v1/models` and `GET /v1/models/{id}`, Anthropic's shape.

Source: anthropic-sdk-python 2.12 (`types/model_info.py`), read 2026-11-22. Departure: any model
name is served, so that every name can be retrieved; the list holds some that programs commonly
ask for, and does not page.
"""

from __future__ import annotations

from typing import Any

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.objects import Objects
from mockllm.core.protocol import Whole
from mockllm.providers.anthropic import dialect

_MODELS = {
    "claude-opus-5-5": "Claude Opus 5.5",
    "claude-sonnet-5-5": "Claude Sonnet 5.5",
    "claude-haiku-5-5": "Claude Haiku 5.5",
    "mock-llm": "Mock LLM",
}
"""The listed names, as people are shown them."""

_RELEASED = "1970-01-01T00:00:00Z"  # what the API gives for an unknown date


def list_models(_: Exchange, _objects: Objects) -> Whole:
    """Return the list of models."""
    page = {
        "data": [_model(name, display_name) for name, display_name in _MODELS.items()],
        "has_more": False,
        "first_id": next(iter(_MODELS)),
        "last_id": next(reversed(_MODELS)),
    }
    return _whole(page)


def retrieve_model(name: str, _: Exchange, _objects: Objects) -> Whole:
    """Return the model of this name."""
    return _whole(_model(name, _MODELS.get(name, name)))


def _model(name: str, display_name: str) -> dict[str, Any]:
    return {
        "type": "model",
        "id": name,
        "display_name": display_name,
        "created_at": _RELEASED,
        "lifecycle": "active",
        "deprecated_at": None,
        "retires_at": None,
        "line": None,
        "capabilities": None,
        "max_input_tokens": None,
        "max_tokens": None,
    }


def _whole(body: dict[str, Any]) -> Whole:
    return Whole(200, (("Content-Type", dialect.JSON),), msgspec.json.encode(body))
