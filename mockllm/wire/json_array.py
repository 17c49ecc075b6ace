"""A JSON array that is streamed an element at a time."""

from __future__ import annotations

from typing import Any

import msgspec

END = b"]\n"

_encode = msgspec.json.Encoder().encode


def element(value: Any, is_first: bool) -> bytes:
    """Return an element with what stands between it and the one before."""
    return (b"[" if is_first else b",\r\n") + _encode(value)
