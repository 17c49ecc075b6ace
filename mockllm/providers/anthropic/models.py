"""`GET /v1/models` and `GET /v1/models/{id}`, Anthropic's shape.

Source: anthropic-sdk-python 2.12 (`types/model_info.py`, `model_capabilities.py`,
`model_list_params.py`), read 2026-11-22. Departures: any model name is served, so that every name
can be retrieved; the list holds some that programs commonly ask for; each of them can do
everything but batches.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.objects import Objects
from mockllm.core.protocol import Whole
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
_ACTIVE = "active"
_MAX_INPUT_TOKENS = 1_000_000
_MAX_TOKENS = 128_000
_YES = {"supported": True}
_CAPABILITIES = {
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
    """Return a page of the list of models; all of them are active.

    Raises:
        InvalidRequest: the query asks for a page that there is not.
    """
    members = parse_qsl(exchange.raw.query, keep_blank_values=True)
    stages = {value for name, value in members if name in ("lifecycle", "lifecycle[]")}
    listed = [] if stages and _ACTIVE not in stages else [_model(name) for name in _MODELS]
    return _whole(page(listed, dict(members)))


def retrieve_model(name: str, _: Exchange, _objects: Objects) -> Whole:
    """Return the model of this name."""
    return _whole(_model(name))


def _model(name: str) -> dict[str, Any]:
    display_name, line = _MODELS.get(name, (name, None))
    return {
        "type": "model",
        "id": name,
        "display_name": display_name,
        "created_at": _RELEASED,
        "lifecycle": _ACTIVE,
        "deprecated_at": None,
        "retires_at": None,
        "line": line,
        "capabilities": _CAPABILITIES,
        "max_input_tokens": _MAX_INPUT_TOKENS,
        "max_tokens": _MAX_TOKENS,
    }


def _whole(body: dict[str, Any]) -> Whole:
    return Whole(200, (("Content-Type", dialect.JSON),), msgspec.json.encode(body))
