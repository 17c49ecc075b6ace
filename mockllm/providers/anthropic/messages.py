"""`POST /v1/messages`, the beta's too (`?beta=true`).

Sources: streams captured from the API (2024 to 2026); anthropic-sdk-python 2.12
(`types/message_create_params.py`, `types/beta/message_create_params.py`), read 2026-11-22.

Departures: `max_tokens` (unless `settings.validation` rejects) and `anthropic-version` are not
required; any `anthropic-beta` is taken, and none is needed; server tools, MCP servers and
containers run nothing; `metadata`, `service_tier`, `mcp_servers`, `compaction` and `fallbacks`
change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockllm.core.exchange import Exchange
from mockllm.core.model import Encoding
from mockllm.providers.anthropic import (
    dialect,
    judgements,
    message_object,
    message_request,
    message_stream,
)
from mockllm.wire import sse

NAME = "chat"
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON, "sse": sse.CONTENT_TYPE}

JUDGEMENTS = judgements.MESSAGES
headers = dialect.headers
render_error = dialect.render_error
parse = message_request.parse
stream = message_stream.stream
error_frame = message_stream.error_frame


def render(exchange: Exchange) -> bytes:
    """Return a `message`."""
    return message_object.encoded(exchange)
