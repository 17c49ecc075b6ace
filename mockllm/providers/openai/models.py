"""`/v1/models`, OpenAI's shape.

Source: openai-python 3.54 (`types/model.py`, `types/model_deleted.py`), read 2026-11-22.
Departure: unless `settings.models` lists them, any model name is served, so that every name can be
retrieved, and deleted as well, which changes nothing; the list holds some that programs commonly
ask for.
"""

from __future__ import annotations

from typing import Any

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.objects import Objects
from mockllm.core.offered import model_of, offered
from mockllm.core.protocol import Whole
from mockllm.providers.openai import dialect
from mockllm.providers.openai.extras import mistral, vllm

_MODELS = (
    "mock-llm",
    "gpt-6-sol",
    "gpt-5.5",
    "gpt-5.4-mini",
    "gpt-4o",
    "gpt-4o-mini",
    "gpt-3.5-turbo-instruct",
    "text-embedding-3-large",
    "text-embedding-3-small",
    "omni-moderation-latest",
)
_CREATED = 1_727_346_171


def list_models(exchange: Exchange, _: Objects) -> Whole:
    """Return the list of models."""
    models = offered(exchange.settings, dialect.NAME)
    names = _MODELS if models is None else [model.name for model in models]
    return _whole({"object": "list", "data": [_model(name, exchange) for name in names]})


def retrieve_model(name: str, exchange: Exchange, _: Objects) -> Whole:
    """Return the model of this name.

    Raises:
        ModelNotFound: `settings.models` has none.
    """
    known = model_of(exchange.settings, dialect.NAME, name)
    return _whole(_model(known.name if known else name, exchange))


def delete_model(name: str, exchange: Exchange, _: Objects) -> Whole:
    """Return that the model of this name is deleted; it stays where it is.

    Raises:
        ModelNotFound: `settings.models` has none.
    """
    model_of(exchange.settings, dialect.NAME, name)
    return _whole({"id": name, "object": "model", "deleted": True})


def _model(name: str, exchange: Exchange) -> dict[str, Any]:
    model: dict[str, Any] = {
        "id": name,
        "object": "model",
        "created": _CREATED,
        "owned_by": "mockllm",
    }
    for extra in (vllm, mistral):
        if extra.NAME in exchange.settings.openai_extras:
            model = extra.model(model)
    return model


def _whole(body: dict[str, Any]) -> Whole:
    return Whole(200, (("Content-Type", dialect.JSON),), msgspec.json.encode(body))
