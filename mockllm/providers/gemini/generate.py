"""`POST .../models/{model}:generateContent` and `:streamGenerateContent`.

Source: https://ai.google.dev/api/generate-content and google-genai 3.4 (`models.py`), read
2026-11-22.

Departures: any model is served; `safetySettings`, `cachedContent`, `thinkingConfig`, `labels` and
what is said of sampling change nothing; server tools (`googleSearch`, `codeExecution` ...) run
nothing; there are no log probabilities; `text/x.enum` is answered as text.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import structs

from mockllm.core.exchange import Exchange
from mockllm.core.model import Encoding
from mockllm.core.protocol import Whole
from mockllm.errors import RequestError
from mockllm.providers.gemini import (
    dialect,
    generate_reply,
    generate_request,
    generate_stream,
    judgements,
)
from mockllm.wire import sse

NAME = "chat"
ENCODINGS: Mapping[Encoding, str] = {
    "whole": dialect.JSON,
    "sse": sse.CONTENT_TYPE,
    "json_array": dialect.JSON,
}
JUDGEMENTS = judgements.GENERATE

headers = dialect.headers
parse = generate_request.parse
stream = generate_stream.stream
error_frame = generate_stream.error_frame


def render(exchange: Exchange) -> bytes:
    """Return a `GenerateContentResponse`."""
    return msgspec.json.encode(generate_reply.whole(exchange))


def render_error(error: RequestError, exchange: Exchange) -> Whole:
    """Return `error`; where an array would have been streamed, as the only element of one."""
    whole = dialect.render_error(error, exchange)
    if generate_request.streams_array(exchange.raw):
        return structs.replace(whole, body=b"[" + whole.body + b"]")
    return whole
