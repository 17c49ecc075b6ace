"""`GET /v1/models`.

Source: openai-python 3.54 (`types/model.py`), read 2026-11-22. Departure: any model name is
served; the list holds some that programs commonly ask for.
"""

from __future__ import annotations

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.objects import Objects
from mockllm.core.protocol import Whole
from mockllm.providers.openai import dialect

_MODELS = ("mock-llm", "gpt-6-sol", "gpt-5.5", "gpt-5.4-mini", "gpt-4o", "gpt-4o-mini")
_CREATED = 1_727_346_171


def list_models(_: Exchange, _objects: Objects) -> Whole:
    """Return the list of models."""
    listed = [
        {"id": name, "object": "model", "created": _CREATED, "owned_by": "mockllm"}
        for name in _MODELS
    ]
    body = msgspec.json.encode({"object": "list", "data": listed})
    return Whole(200, (("Content-Type", dialect.JSON),), body)
