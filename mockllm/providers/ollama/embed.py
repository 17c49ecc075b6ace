"""`POST /api/embed`.

Sources: ollama-python 0.6.3 (`_types.py`) and https://docs.ollama.com/api/embed, read 2026-11-22.

Departures: `model` is echoed; any model takes `dimensions`, up to 4,096, more than its own too;
one request takes 2,048 inputs, and all its vectors together 6,291,456 numbers; nothing is
truncated.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.model import Encoding, Part, Request, Text, VectorReply
from mockllm.core.raw import Raw
from mockllm.errors import InvalidRequest
from mockllm.providers.ollama import dialect, judgements, keep_alive, schema
from mockllm.providers.ollama.request import require
from mockllm.providers.ollama.said import durations
from mockllm.wire import typed

NAME = "embedding"
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON}
MAX_NUMBERS = schema.MAX_INPUTS * 3_072

JUDGEMENTS = judgements.EMBED
headers = dialect.headers
render_error = dialect.render_error
stream = None
error_frame = None

_MOST_DIMENSIONS = 768
_DIMENSIONS = {
    "all-minilm": 384,
    "bge-m3": 1_024,
    "mxbai-embed-large": 1_024,
    "qwen3-embedding": 4_096,
    "snowflake-arctic-embed": 1_024,
    "snowflake-arctic-embed2": 1_024,
}
_TOLD = ("total_duration", "load_duration", "prompt_eval_count")
_decoder = msgspec.json.Decoder(schema.EmbedRequest)


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        NothingAsked: there is nothing to embed.
        RequestError: the body is not JSON, lacks `model`, has a member of the wrong type, or asks
            for too much.
    """
    body = typed.decode(raw.body, _decoder)
    keep_alive.seconds(body.keep_alive)
    model = require(body.model)
    texts = [body.input] if isinstance(body.input, str) and body.input else body.input or []
    if not texts:
        nothing = msgspec.json.encode({"model": model, "embeddings": []})
        raise dialect.NothingAsked(lambda _: nothing)
    size = body.dimensions or dimensions(model)
    if size * len(texts) > MAX_NUMBERS:
        raise InvalidRequest("value", ("input",), f"of at most {MAX_NUMBERS // size} items")
    inputs: tuple[tuple[Part, ...], ...] = tuple((Text(each),) for each in texts)
    return Request(
        operation=NAME,
        provider=dialect.NAME,
        model=model,
        inputs=inputs,
        dimensions=size,
        wire=body,
    )


def dimensions(model: str) -> int:
    """Return how long a model's vectors are, whatever its tag."""
    return _DIMENSIONS.get(model.partition(":")[0], _MOST_DIMENSIONS)


def render(exchange: Exchange) -> bytes:
    """Return the vectors, in the order of the inputs."""
    request, replies = exchange.answered_by(VectorReply)
    took = durations(exchange)
    return msgspec.json.encode(
        {
            "model": request.model,
            "embeddings": [reply.values for reply in replies],
            **{name: took[name] for name in _TOLD},
        }
    )
