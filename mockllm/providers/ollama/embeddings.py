"""`POST /api/embeddings`, which `/api/embed` has superseded.

Source: ollama-python 0.6.3 (`_types.py`), read 2026-11-22. Departure: vectors are as long as one,
as those of `/api/embed` are, where the server leaves them as they come.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.model import Encoding, Request, Text, VectorReply
from mockllm.core.raw import Raw
from mockllm.providers.ollama import dialect, judgements, keep_alive, schema
from mockllm.providers.ollama.embed import dimensions
from mockllm.providers.ollama.request import require
from mockllm.wire import typed

NAME = "embedding"
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON}

JUDGEMENTS = judgements.EMBEDDINGS
headers = dialect.headers
render_error = dialect.render_error
stream = None
error_frame = None

_NOTHING = b'{"embedding":[]}'
_decoder = msgspec.json.Decoder(schema.EmbeddingsRequest)


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        NothingAsked: there is nothing to embed.
        RequestError: the body is not JSON, lacks `model`, or has a member of the wrong type.
    """
    body = typed.decode(raw.body, _decoder)
    keep_alive.seconds(body.keep_alive)
    model = require(body.model)
    if not body.prompt:
        raise dialect.NothingAsked(lambda _: _NOTHING)
    return Request(
        operation=NAME,
        provider=dialect.NAME,
        model=model,
        inputs=((Text(body.prompt),),),
        dimensions=dimensions(model),
        wire=body,
    )


def render(exchange: Exchange) -> bytes:
    """Return the vector."""
    _, replies = exchange.answered_by(VectorReply)
    return msgspec.json.encode({"embedding": replies[0].values})
