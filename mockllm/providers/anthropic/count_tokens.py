"""`POST /v1/messages/count_tokens`, the beta's too (`?beta=true`).

Source: anthropic-sdk-python 2.12 (`types/message_tokens_count.py`,
`types/beta/beta_message_tokens_count.py`), read 2026-11-22.

The count is the one that a message's usage reports for the same request. No rule is asked and
nothing is consumed. Departures: tokens are estimated; no context is edited, so that
`original_input_tokens` is the same count.
"""

from __future__ import annotations

from typing import Any

import msgspec

from mockllm.core import tokens
from mockllm.core.exchange import Exchange
from mockllm.core.objects import Objects
from mockllm.core.protocol import Whole
from mockllm.providers.anthropic import dialect, message_request


def count_tokens(exchange: Exchange, _: Objects) -> Whole:
    """Return how many tokens a request would send.

    Raises:
        RequestError: the body is not a request for a message.
    """
    request = message_request.parse(exchange.raw)
    counted = tokens.input_tokens(request)
    body: dict[str, Any] = {"input_tokens": counted}
    if request.wire.context_management is not None:
        body["context_management"] = {"original_input_tokens": counted}
    return Whole(200, (("Content-Type", dialect.JSON),), msgspec.json.encode(body))
