"""`GET /v1/models` and `GET /v1/models/{id}`, Anthropic's shape.

Source: anthropic-sdk-python 2.12 (`types/model_info.py`, `model_capabilities.py`,
`model_list_params.py`), read 2026-11-22. Departures: unless `settings.models` lists them, any model
name is served, so that every name can be retrieved; the list holds some that programs commonly ask
for; each of them can do everything but batches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.objects import Objects
from mockllm.core.offered import model_of, offered
from mockllm.core.protocol import Whole
from mockllm.core.rules import Capability, Model
from mockllm.providers.anthropic import dialect
from mockllm.providers.anthropic.listing import page

_MODELS = {
    "claude-opus-5-5": ("Claude Opus 5.5", "opus"),
    "claude-sonnet-5-5": ("Claude Sonnet 5.5", "sonnet"),
    "claude-haiku-5-5": ("Claude Haiku 5.5", "haiku"),
    "mock-llm": ("Mock LLM", None),
}
"""The listed names, as people are shown them, and the line that they belong to."""

_RELEASED = "1970-01-01T00:00:00Z"  # what the API gives for an unknown date
_MAX_INPUT_TOKENS = 1_000_000
_MAX_TOKENS = 128_000
_NAMED: Mapping[Capability, str] = {
    "vision": "image_input",
    "files": "pdf_input",
    "json_schema": "structured_outputs",
    "reasoning": "thinking",
}
"""The capabilities of the settings that the API lists."""

_YES = {"supported": True}
_CAPABILITIES: Mapping[str, Any] = {
    "batch": {"supported": False},
    "citations": _YES,
    "code_execution": _YES,
    "context_management": {
        **_YES,
        "clear_thinking_20251015": _YES,
        "clear_tool_uses_20250919": _YES,
        "compact_20260112": _YES,
    },
    "effort": {**_YES, "low": _YES, "medium": _YES, "high": _YES, "xhigh": _YES, "max": _YES},
    "image_input": _YES,
    "pdf_input": _YES,
    "server_tools": {**_YES, "code_execution": _YES, "web_search": _YES},
    "structured_outputs": _YES,
    "thinking": {
        **_YES,
        "types": {"adaptive": _YES, "between_tools": _YES, "disabled": _YES, "enabled": _YES},
    },
}


def list_models(exchange: Exchange, _: Objects) -> Whole:
    """Return a page of the list of models.

    Raises:
        InvalidRequest: the query asks for a page that there is not.
    """
    members = parse_qsl(exchange.raw.query, keep_blank_values=True)
    stages = {value for name, value in members if name in ("lifecycle", "lifecycle[]")}
    known = offered(exchange.settings, dialect.NAME)
    models = map(Model, _MODELS) if known is None else known
    listed = [_model(each) for each in models if not stages or each.lifecycle in stages]
    return _whole(page(listed, dict(members)))


def retrieve_model(name: str, exchange: Exchange, _: Objects) -> Whole:
    """Return the model of this name.

    Raises:
        ModelNotFound: `settings.models` has none.
    """
    return _whole(_model(model_of(exchange.settings, dialect.NAME, name) or Model(name)))


def _model(model: Model) -> dict[str, Any]:
    display_name, line = _MODELS.get(model.name, (model.name, None))
    retired = _RELEASED if model.lifecycle == "retired" else None
    return {
        "type": "model",
        "id": model.name,
        "display_name": display_name,
        "created_at": _RELEASED,
        "lifecycle": model.lifecycle,
        "deprecated_at": None if model.lifecycle == "active" else _RELEASED,
        "retires_at": retired,
        "line": line,
        "capabilities": _capabilities(model.capabilities),
        "max_input_tokens": model.context_tokens or _MAX_INPUT_TOKENS,
        "max_tokens": model.max_output_tokens or _MAX_TOKENS,
    }


def _capabilities(able: Sequence[Capability] | None) -> Mapping[str, Any]:
    """Return what a model can do; everything that the settings do not leave out."""
    missing = set(_NAMED) - set(_NAMED if able is None else able)
    return {**_CAPABILITIES, **{_NAMED[each]: _refused(_NAMED[each]) for each in missing}}


def _refused(capability: str) -> Any:
    """Return a capability as one that the model has not, nor anything below it."""

    def without(value: Any) -> Any:
        if not isinstance(value, dict):
            return False
        return {key: without(each) for key, each in value.items()}

    return without(_CAPABILITIES[capability])


def _whole(body: dict[str, Any]) -> Whole:
    return Whole(200, (("Content-Type", dialect.JSON),), msgspec.json.encode(body))
