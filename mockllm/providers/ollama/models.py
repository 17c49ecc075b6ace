"""The models that are there: `/api/tags`, `/api/show`, `/api/ps`.

Sources: ollama-python 0.6.3 (`_types.py`) and https://docs.ollama.com/api, read 2026-11-22.
Departures: unless `settings.models` lists them, any model name is served, so that every name is
shown; the list holds some that programs commonly ask for. All of them are loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct

from mockllm.core.exchange import Exchange
from mockllm.core.objects import Objects
from mockllm.core.offered import model_of, offered
from mockllm.core.protocol import Whole
from mockllm.core.rules import Capability, Model
from mockllm.providers.ollama import dialect, schema
from mockllm.providers.ollama.embed import dimensions
from mockllm.providers.ollama.request import require
from mockllm.wire import typed

_CHAT = ("completion", "tools", "thinking", "vision")
_EMBEDDING = ("embedding",)
_ABLE: Mapping[str, Capability] = {
    "tools": "tools",
    "thinking": "reasoning",
    "vision": "vision",
}
"""What the settings call it."""

_MODIFIED = "2026-01-01T00:00:00Z"
_CONTEXT_LENGTH = 131_072
_LOADED_LENGTH = 4_096
_FOREVER = "2318-01-01T00:00:00Z"  # what the server gives for a model that stays loaded
_decoder = msgspec.json.Decoder(schema.NamedRequest)


class _Model(Struct, frozen=True):
    family: str
    parameters: str
    size_bytes: int
    capabilities: tuple[str, ...] = _CHAT


_MODELS = {
    "mock-llm:latest": _Model("mock", "8.0B", 4_920_753_328),
    "llama3.2:latest": _Model("llama", "3.2B", 2_019_393_189),
    "qwen3:latest": _Model("qwen3", "8.2B", 5_225_388_164),
    "gpt-oss:20b": _Model("gptoss", "20.9B", 13_793_441_244),
    "gemma3:latest": _Model("gemma3", "4.3B", 3_338_801_804),
    "nomic-embed-text:latest": _Model("nomic-bert", "137M", 274_302_450, _EMBEDDING),
}


def list_models(exchange: Exchange, _: Objects) -> Whole:
    """Return the list of models."""
    listed = [{**_identity(name), "modified_at": _MODIFIED} for name in _names(exchange)]
    return dialect.whole(200, {"models": listed})


def list_loaded(exchange: Exchange, _: Objects) -> Whole:
    """Return the list of models that are loaded."""
    loaded = [
        {
            **_identity(name),
            "expires_at": _FOREVER,
            "size_vram": _model(name).size_bytes,
            "context_length": _LOADED_LENGTH,
        }
        for name in _names(exchange)
    ]
    return dialect.whole(200, {"models": loaded})


def show_model(exchange: Exchange, _: Objects) -> Whole:
    """Return what a model is.

    Raises:
        RequestError: the body is not JSON, or names no model.
        ModelNotFound: `settings.models` has none of this name.
    """
    body = typed.decode(exchange.raw.body, _decoder)
    name = require(body.model or body.name)
    known = model_of(exchange.settings, dialect.NAME, name)
    model = _model(name)
    length = "embedding_length"
    shown = {
        "modelfile": f"# Modelfile of mockllm\nFROM {name}\n",
        "parameters": "",
        "template": "{{ .Prompt }}",
        "license": "Apache-2.0",
        "details": _details(model),
        "model_info": {
            "general.architecture": model.family,
            "general.basename": name.partition(":")[0],
            f"{model.family}.context_length": (known and known.context_tokens) or _CONTEXT_LENGTH,
            f"{model.family}.{length}": dimensions(name),
        },
        "capabilities": _capabilities(model, known),
        "modified_at": _MODIFIED,
    }
    return dialect.whole(200, shown)


def _names(exchange: Exchange) -> list[str]:
    known = offered(exchange.settings, dialect.NAME)
    return list(_MODELS) if known is None else [model.name for model in known]


def _capabilities(shown: _Model, known: Model | None) -> list[str]:
    """Return what a model can do, without what the settings know that it cannot."""
    able = known.capabilities if known else None
    return [
        each
        for each in shown.capabilities
        if able is None or each not in _ABLE or _ABLE[each] in able
    ]


def _model(name: str) -> _Model:
    """Return a model, whose tag may be missing; of any name, those that embed by their name."""
    known = _MODELS.get(name) or _MODELS.get(f"{name}:latest")
    if known is not None:
        return known
    embeds = "embed" in name
    return _Model("mock", "8.0B", 4_920_753_328, _EMBEDDING if embeds else _CHAT)


def _identity(name: str) -> dict[str, Any]:
    model = _model(name)
    return {
        "name": name,
        "model": name,
        "size": model.size_bytes,
        "digest": sha256(name.encode()).hexdigest(),
        "details": _details(model),
    }


def _details(model: _Model) -> dict[str, Any]:
    return {
        "parent_model": "",
        "format": "gguf",
        "family": model.family,
        "families": [model.family],
        "parameter_size": model.parameters,
        "quantization_level": "Q4_K_M",
    }
