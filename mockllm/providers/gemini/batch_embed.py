"""`POST .../models/{model}:batchEmbedContents`.

Source: https://ai.google.dev/api/embeddings and google-genai 3.4 (`models.py`), read 2026-11-22.

Departures: as `:embedContent`; all vectors are as long as the first is asked to be.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.model import Encoding, Request, VectorReply
from mockllm.core.raw import Raw
from mockllm.errors import InvalidRequest
from mockllm.providers.gemini import dialect, embedding_request, judgements, proto_json, schema

NAME = embedding_request.NAME
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON}
JUDGEMENTS = judgements.BATCH_EMBED

headers = dialect.headers
render_error = dialect.render_error
stream = None
error_frame = None

_decoder = msgspec.json.Decoder(schema.BatchEmbedRequest)


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        RequestError: the body is not JSON, lacks `requests`, or has a member of the wrong type.
    """
    body = proto_json.decode(raw.body, _decoder)
    if not body.requests:
        raise InvalidRequest("missing", ("requests",))
    return embedding_request.request_of(raw, body.model, body.requests, ("requests",))


def render(exchange: Exchange) -> bytes:
    """Return the vectors, in the order of the requests."""
    _, replies = exchange.answered_by(VectorReply)
    return msgspec.json.encode({"embeddings": [{"values": reply.values} for reply in replies]})
