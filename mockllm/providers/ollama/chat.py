"""`POST /api/chat`.

Sources: ollama-python 0.6.3 (`_types.py`) and https://docs.ollama.com/api/chat, read 2026-11-22.

Departures: `model` is echoed; every model takes tools, images and `think`, unless
`settings.models` knows better. A refusal is said as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.model import Encoding
from mockllm.core.protocol import Frame
from mockllm.providers.ollama import chat_request, dialect, judgements, said
from mockllm.wire import ndjson

NAME = "chat"
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON, "ndjson": ndjson.CONTENT_TYPE}

JUDGEMENTS = judgements.CHAT
headers = dialect.headers
render_error = dialect.render_error
error_frame = dialect.error_frame
parse = chat_request.parse


def render(exchange: Exchange) -> bytes:
    """Return a whole answer."""
    return msgspec.json.encode(said.whole(exchange, chat_request.worded, {}))


def stream(exchange: Exchange) -> Iterator[Frame]:
    """Yield chunks; the last one has `done` and what it all took."""
    return said.stream(exchange, chat_request.worded, {})
