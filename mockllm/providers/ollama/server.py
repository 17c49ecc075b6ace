"""What Ollama's server does besides models' answers: its version, and pulling models.

Source: https://docs.ollama.com/api, read 2026-11-22. Departure: every model is there already.
"""

from __future__ import annotations

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.objects import Objects
from mockllm.core.protocol import Whole
from mockllm.providers.ollama import dialect, schema
from mockllm.providers.ollama.request import require
from mockllm.wire import ndjson, typed

VERSION = "0.34.4"
"""Of the server that is imitated: clients ask for it to know what they may use."""

_STEPS = ("pulling manifest", "verifying sha256 digest", "writing manifest", "success")
_decoder = msgspec.json.Decoder(schema.NamedRequest)


def version(_: Exchange, _objects: Objects) -> Whole:
    """Return the server's version."""
    return dialect.whole(200, {"version": VERSION})


def pull_model(exchange: Exchange, _: Objects) -> Whole:
    """Return that a model has been pulled, step by step unless `stream` is false.

    Raises:
        RequestError: the body is not JSON, or names no model.
    """
    body = typed.decode(exchange.raw.body, _decoder)
    require(body.model or body.name)
    if body.stream is False:
        return dialect.whole(200, {"status": _STEPS[-1]})
    lines = b"".join(ndjson.line({"status": step}) for step in _STEPS)
    return Whole(200, (("Content-Type", ndjson.CONTENT_TYPE),), lines)
