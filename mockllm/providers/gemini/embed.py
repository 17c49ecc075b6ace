"""`POST .../models/{model}:embedContent`.

Source: https://ai.google.dev/api/embeddings and google-genai 3.4 (`models.py`), read 2026-11-22.

Departures: any model takes `outputDimensionality`, up to 4,096; `taskType` and `title` change
nothing; a vector is of length 1 whatever its dimensions.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.model import Encoding, Request, VectorReply
from mockllm.core.raw import Raw
from mockllm.providers.gemini import dialect, embedding_request, judgements, proto_json, schema

NAME = embedding_request.NAME
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON}
JUDGEMENTS = judgements.EMBED

headers = dialect.headers
render_error = dialect.render_error
stream = None
error_frame = None

_decoder = msgspec.json.Decoder(schema.EmbedRequest)


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        RequestError: the body is not JSON, lacks `content`, or has a member of the wrong type.
    """
    body = proto_json.decode(raw.body, _decoder)
    return embedding_request.request_of(raw, body.model, [body])


def render(exchange: Exchange) -> bytes:
    """Return the vector."""
    _, (reply,) = exchange.answered_by(VectorReply)
    return msgspec.json.encode({"embedding": {"values": reply.values}})
