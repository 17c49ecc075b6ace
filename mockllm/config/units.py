"""Quantities as people write them."""

from __future__ import annotations

import re

from mockllm.core.conditions import Range

_SIZE = re.compile(r"(?P<number>[0-9]{1,12}) ?(?P<unit>[KMG]?B)")
_UNIT_BYTES = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}
_DURATION = re.compile(r"(?P<number>[0-9]{1,9}(?:\.[0-9]{1,6})?) ?(?P<unit>ms|s|m|h|d)")
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_RANGE = re.compile(r"(?P<low>[0-9]{1,9})(?P<open>\+)?(?:-(?P<high>[0-9]{1,9}))?")

MAX_SIZE_BYTES = 1024**3


def size_bytes(text: str) -> int | None:
    """Return the bytes of a size such as `32MB` or `512 KB`, None when it is not one.

    >>> size_bytes("32MB")
    33554432
    """
    found = _SIZE.fullmatch(text)
    return int(found["number"]) * _UNIT_BYTES[found["unit"]] if found else None


def duration_s(text: str) -> float | None:
    """Return the seconds of a duration such as `400ms`, `2s` or `1.5 m`, None when it is not one.

    >>> duration_s("400ms")
    0.4
    """
    found = _DURATION.fullmatch(text)
    return float(found["number"]) * _UNIT_SECONDS[found["unit"]] if found else None


def number_range(text: str) -> Range | None:
    """Return the range that `3`, `3+` or `3-5` means, None when it is none.

    >>> number_range("3-5")
    Range(low=3, high=5)
    """
    found = _RANGE.fullmatch(text)
    if found is None or (found["open"] and found["high"]):
        return None
    low = int(found["low"])
    if found["open"]:
        return Range(low, None)
    high = int(found["high"]) if found["high"] else low
    return Range(low, high) if low <= high else None
