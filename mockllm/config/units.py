"""Quantities as people write them."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(?P<number>\d{1,12}) ?(?P<unit>[KMG]?B)")
_UNIT_BYTES = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}

MAX_SIZE_BYTES = 1024**3


def size_bytes(text: str) -> int | None:
    """Return the bytes of a size such as `32MB` or `512 KB`, None when it is not one.

    >>> size_bytes("32MB")
    33554432
    """
    found = _SIZE.fullmatch(text)
    return int(found["number"]) * _UNIT_BYTES[found["unit"]] if found else None
