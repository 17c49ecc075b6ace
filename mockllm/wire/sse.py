"""Server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

from typing import Any

import msgspec

CONTENT_TYPE = "text/event-stream; charset=utf-8"
LF, CRLF = b"\n", b"\r\n"
"""How lines may end."""

_encode = msgspec.json.Encoder().encode


def data(value: Any, line_end: bytes = LF) -> bytes:
    """Return `value` as JSON in an event without a name."""
    return b"data: " + _encode(value) + line_end + line_end


def event(name: str, value: Any) -> bytes:
    """Return `value` as JSON in an event named `name`."""
    return b"event: " + name.encode() + b"\ndata: " + _encode(value) + b"\n\n"
