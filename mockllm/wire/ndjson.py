"""Newline-delimited JSON: a value a line."""

from __future__ import annotations

from typing import Any

import msgspec

CONTENT_TYPE = "application/x-ndjson"

_encode = msgspec.json.Encoder().encode


def line(value: Any) -> bytes:
    """Return `value` as a line of JSON."""
    return _encode(value) + b"\n"
