"""`GET /v1/models`, Anthropic's shape.

Source: anthropic-sdk-python 2.12 (`types/model_info.py`), read 2026-11-22. Departure: any model
name is served; the list holds some that programs commonly ask for, and does not page.
"""

from __future__ import annotations

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.objects import Objects
from mockllm.core.protocol import Whole
from mockllm.providers.anthropic import dialect

_MODELS = (
    ("claude-opus-5-5", "Claude Opus 5.5"),
    ("claude-sonnet-5-5", "Claude Sonnet 5.5"),
    ("claude-haiku-5-5", "Claude Haiku 5.5"),
    ("mock-llm", "Mock LLM"),
)
_RELEASED = "1970-01-01T00:00:00Z"  # what the API gives for an unknown date


def list_models(_: Exchange, _objects: Objects) -> Whole:
    """Return the list of models."""
    listed = [
        {
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
        for name, display_name in _MODELS
    ]
    page = {
        "data": listed,
        "has_more": False,
        "first_id": _MODELS[0][0],
        "last_id": _MODELS[-1][0],
    }
    return Whole(200, (("Content-Type", dialect.JSON),), msgspec.json.encode(page))
