"""`POST /v1/embeddings`.

Sources: openai-python 3.54 (`types/create_embedding_response.py`, `types/embedding.py`,
`types/embedding_create_params.py`), read 2026-11-22.

Departures: `model` is echoed; any model takes `dimensions`, up to 4,096; a text of more than 8,192
tokens is embedded, since its tokens are only estimated here; all vectors of a request together
have at most 6,291,456 numbers, which is 2,048 of 3,072.
"""

from __future__ import annotations

import sys
from array import array
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import msgspec

from mockllm.core import tokens
from mockllm.core.exchange import Exchange
from mockllm.core.model import Encoding, Request, VectorReply
from mockllm.core.raw import Raw
from mockllm.errors import InvalidRequest, RequestError
from mockllm.providers.openai import dialect, embeddings_schema, judgements
from mockllm.providers.openai.extras import mistral
from mockllm.providers.openai.inputs import Given, given, too_long
from mockllm.wire import typed

NAME = "embedding"
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON}
MAX_NUMBERS = embeddings_schema.MAX_INPUTS * 3_072
MAX_TOKENS = 300_000

JUDGEMENTS = judgements.EMBEDDINGS
headers = dialect.headers
render_error = dialect.render_error
stream = None
error_frame = None

_DIMENSIONS = {"text-embedding-3-large": 3_072}
_MOST_DIMENSIONS = 1_536
_FORMATS = ("float", "base64")
_decoder = msgspec.json.Decoder(embeddings_schema.EmbeddingRequest)


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        RequestError: the body is not JSON, lacks `model` or `input`, has a member of the wrong
            type, or asks for too much.
    """
    return request_of(typed.decode(raw.body, _decoder))


def request_of(body: embeddings_schema.EmbeddingRequest) -> Request:
    """Return the neutral request of a decoded body.

    Raises:
        RequestError: as `parse`, for a value that is not allowed and for too much.
    """
    if body.encoding_format not in (None, *_FORMATS):
        expected = "among 'float' and 'base64'"
        raise InvalidRequest("value", ("encoding_format",), expected, body.encoding_format or "")
    _refuse_empty(body.input)
    found = given(body.input, "input", embeddings_schema.MAX_INPUTS)
    dimensions = body.dimensions or _DIMENSIONS.get(body.model, _MOST_DIMENSIONS)
    if dimensions * len(found.parts) > MAX_NUMBERS:
        raise too_long(("input",), MAX_NUMBERS // dimensions, len(found.parts))
    _refuse_many_tokens(found)
    return Request(
        operation=NAME,
        provider=dialect.NAME,
        model=body.model,
        inputs=found.parts,
        input_tokens=found.tokens,
        dimensions=dimensions,
        wire=body,
    )


def _refuse_empty(sent: Any) -> None:
    """Refuse nothing at all, and a text without a letter; the hint is ours."""
    if sent in ("", []):
        hint = "an empty array" if sent == [] else "an empty string"
    elif isinstance(sent, list) and "" in sent:
        hint = f"an empty string, as input[{sent.index('')}] is"
    else:
        return
    raise RequestError(
        "'$.input' is invalid. Please check the API reference:"
        f" https://platform.openai.com/docs/api-reference. (HINT: It cannot be {hint}.)"
    )


def _refuse_many_tokens(found: Given) -> None:
    counted = 0
    for number, parts in enumerate(found.parts):
        counted += found.tokens[number] if found.tokens else tokens.content_tokens(parts)
        if counted > MAX_TOKENS:
            raise RequestError(
                f"Requested more than {MAX_TOKENS} tokens, max {MAX_TOKENS} tokens per request"
            )


def render(exchange: Exchange) -> bytes:
    """Return a list of `embedding` objects, in the order of the inputs."""
    request, replies = exchange.answered_by(VectorReply)
    as_base64 = request.wire.encoding_format == "base64"
    vectors = [
        {
            "object": "embedding",
            "index": index,
            "embedding": _base64(reply.values) if as_base64 else reply.values,
        }
        for index, reply in enumerate(replies)
    ]
    counted = exchange.usage.input_tokens
    usage = {"prompt_tokens": counted, "total_tokens": counted}
    found = {"object": "list", "data": vectors, "model": request.model, "usage": usage}
    is_mistrals = mistral.NAME in exchange.settings.openai_extras
    if is_mistrals and request.provider == dialect.NAME:
        found = mistral.embeddings(found, exchange)
    return msgspec.json.encode(found)


def _base64(values: tuple[float, ...]) -> str:
    """Return numbers as little-endian 32-bit floats; those too large for them are infinite."""
    packed = array("f", values)
    if sys.byteorder == "big":  # pragma: no cover  # no such machine runs the tests
        packed.byteswap()
    return b64encode(packed.tobytes()).decode()
