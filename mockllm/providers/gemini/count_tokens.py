"""`POST .../models/{model}:countTokens`.

Source: https://ai.google.dev/api/tokens, read 2026-11-22.

The count is the one that an answer's usage reports for the same request. No rule is asked and
nothing is consumed. Departure: tokens are estimated.
"""

from __future__ import annotations

import msgspec

from mockllm.core import tokens
from mockllm.core.exchange import Exchange
from mockllm.core.objects import Objects
from mockllm.core.protocol import Whole
from mockllm.providers.gemini import dialect, generate_request, proto_json, schema

_decoder = msgspec.json.Decoder(schema.CountTokensRequest)


def count_tokens(exchange: Exchange, _: Objects) -> Whole:
    """Return how many tokens a request would send.

    Raises:
        RequestError: the body is not a request for content.
    """
    body = proto_json.decode(exchange.raw.body, _decoder)
    asked = body.generate_content_request or body
    counted = tokens.input_tokens(generate_request.request_of(asked, exchange.raw))
    details = [{"modality": "TEXT", "tokenCount": counted}]
    told = {"totalTokens": counted, "promptTokensDetails": details}
    return Whole(200, (("Content-Type", dialect.JSON),), msgspec.json.encode(told))
