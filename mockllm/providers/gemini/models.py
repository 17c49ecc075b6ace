"""`GET /v1beta/models` and `GET /v1beta/models/{model}`.

Source: https://ai.google.dev/api/models, read 2026-11-22. Departures: unless
`settings.models` lists them, any model name is served, so that every name can be retrieved; the
list holds some that programs commonly ask for.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.objects import Objects
from mockllm.core.offered import model_of, offered
from mockllm.core.protocol import Whole
from mockllm.core.rules import Model
from mockllm.errors import InvalidRequest
from mockllm.providers.gemini import dialect

_MODELS = {
    "gemini-3-pro-preview": "Gemini 3 Pro Preview",
    "gemini-2.5-pro": "Gemini 2.5 Pro",
    "gemini-2.5-flash": "Gemini 2.5 Flash",
    "gemini-2.5-flash-lite": "Gemini 2.5 Flash-Lite",
    "gemini-embedding-001": "Gemini Embedding 001",
    "mock-llm": "Mock LLM",
}
"""The listed names, as people are shown them."""

_DEFAULT_PAGE_SIZE = 50
_MAX_PAGE_SIZE = 1_000
_MAX_DIGITS = 10


def list_models(exchange: Exchange, _: Objects) -> Whole:
    """Return a page of the list of models.

    Raises:
        InvalidRequest: the query asks for a page that there is not.
    """
    query = dict(parse_qsl(exchange.raw.query))
    size = _number(query, "pageSize", _DEFAULT_PAGE_SIZE) or _DEFAULT_PAGE_SIZE
    start = _number(query, "pageToken", 0)
    known = offered(exchange.settings, dialect.NAME)
    models = list(map(Model, _MODELS)) if known is None else list(known)
    end = start + min(size, _MAX_PAGE_SIZE)
    page: dict[str, Any] = {"models": [_model(each) for each in models[start:end]]}
    if end < len(models):
        page["nextPageToken"] = str(end)
    return _whole(page)


def retrieve_model(name: str, exchange: Exchange, _: Objects) -> Whole:
    """Return the model of this name.

    Raises:
        ModelNotFound: `settings.models` has none.
    """
    name = name.removeprefix("models/")
    return _whole(_model(model_of(exchange.settings, dialect.NAME, name) or Model(name)))


def _number(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or len(text) > _MAX_DIGITS:
        raise InvalidRequest("value", (name,), "that is a number of this list", text[:_MAX_DIGITS])
    return int(text)


def _model(model: Model) -> dict[str, Any]:
    embeds = "embedding" in model.name
    methods = ["embedContent", "batchEmbedContents"] if embeds else ["generateContent"]
    shown: dict[str, Any] = {
        "name": f"models/{model.name}",
        "version": "001",
        "displayName": _MODELS.get(model.name, model.name),
        "description": "Answers what mockllm's rules say.",
        "inputTokenLimit": model.context_tokens or (2_048 if embeds else 1_048_576),
        "outputTokenLimit": model.max_output_tokens or (1 if embeds else 65_536),
        "supportedGenerationMethods": [*methods, "countTokens"],
    }
    if embeds:
        return shown
    sampling = {"temperature": 1, "topP": 0.95, "topK": 64, "maxTemperature": 2}
    thinks = model.capabilities is None or "reasoning" in model.capabilities
    return {**shown, **sampling, "thinking": thinks}


def _whole(body: dict[str, Any]) -> Whole:
    return Whole(200, (("Content-Type", dialect.JSON),), msgspec.json.encode(body))
