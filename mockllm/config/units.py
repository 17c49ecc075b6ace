"""Quantities as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mockllm.core.conditions import Range
from mockllm.core.faults import After
from mockllm.core.rules import Quota
from mockllm.core.timing import Rate, Unit

_SIZE = re.compile(r"(?P<number>[0-9]{1,12}) ?(?P<unit>[KMG]?B)")
_UNIT_BYTES = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}
_DURATION = re.compile(r"(?P<number>[0-9]{1,9}(?:\.[0-9]{1,6})?) ?(?P<unit>ms|s|m|h|d)")
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_RANGE = re.compile(r"(?P<low>[0-9]{1,9})(?P<open>\+)?(?:-(?P<high>[0-9]{1,9}))?")

_PERCENT = re.compile(r"(?P<number>[0-9]{1,3}(?:\.[0-9]{1,6})?) ?%")
_RATE = re.compile(
    r"(?P<number>[0-9]{1,7}(?:\.[0-9]{1,3})?) ?(?P<unit>tokens?|words?|characters?)/s"
)
_UNITS: Mapping[str, Unit] = {
    unit + ending: unit for unit in ("token", "word", "character") for ending in ("", "s")
}
_CHUNKS = re.compile(r"(?P<number>[0-9]{1,6}) ?chunks?")
_QUOTA = re.compile(r"(?P<number>[0-9]{1,9})(?P<thousands>k)? ?/ ?(?P<unit>[smhd])")

MAX_SIZE_BYTES = 1024**3
MAX_DURATION_S = 7 * 86400.0


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


def share(text: str) -> float | None:
    """Return the share, from 0 to 1, that a percentage such as `20%` is, None when it is none.

    >>> share("20%")
    0.2
    """
    found = _PERCENT.fullmatch(text)
    amount = float(found["number"]) / 100 if found else 2.0
    return amount if amount <= 1 else None


def rate(text: str) -> Rate | None:
    """Return the rate that `60 tokens/s` is, None when it is none.

    >>> rate("60 tokens/s")
    Rate(per_s=60.0, unit='token')
    """
    found = _RATE.fullmatch(text)
    if found is None or float(found["number"]) == 0:
        return None
    return Rate(float(found["number"]), _UNITS[found["unit"]])


def after(text: str) -> After | None:
    """Return the place in an answer that `50%`, `3 chunks` or `2s` is, None when it is none.

    >>> after("3 chunks")
    After(amount=3.0, unit='chunks')
    """
    part, time_s, chunks = share(text), duration_s(text), _CHUNKS.fullmatch(text)
    if part is not None:
        return After(part, "share")
    if time_s is not None:
        return After(time_s, "seconds")
    return After(float(chunks["number"]), "chunks") if chunks else None


def quota(text: str) -> Quota | None:
    """Return how much may be asked in which time: `60/m`, `90k/h`; None when it is no such thing.

    >>> quota("90k/m")
    Quota(amount=90000.0, per_s=60.0)
    """
    found = _QUOTA.fullmatch(text)
    if found is None or int(found["number"]) == 0:
        return None
    amount = float(found["number"]) * (1000 if found["thousands"] else 1)
    return Quota(amount, _UNIT_SECONDS[found["unit"]])
