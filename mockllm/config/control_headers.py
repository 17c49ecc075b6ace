"""What a request's own headers and URL ask for: a fault, a time, a rate. In one line, not YAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from mockllm.config import units
from mockllm.config.schema_keys import ERROR_STATUSES
from mockllm.core.faults import FAULTS, FITTING, Fault
from mockllm.core.timing import Rate

_MAX_LENGTH = 500


class BadControl(ValueError):
    """What is asked for cannot be; the message says why, and what can."""


@lru_cache(maxsize=1024)
def fault(text: str) -> Fault:
    """Return the fault that a line asks for.

    >>> fault("truncate; after=3 chunks")
    Fault(kind='truncate', after=After(amount=3.0, unit='chunks'), for_s=None, status=None, \
retry_after_s=None, message=None)

    Raises:
        BadControl: there is no such fault, or it cannot be so.
    """
    if len(text) > _MAX_LENGTH:
        raise BadControl(f"a fault has at most {_MAX_LENGTH} characters")
    kind, *about = (piece.strip() for piece in text.split(";"))
    if kind not in FAULTS:
        raise BadControl(f"there is no fault {kind!r}; there are {', '.join(FAULTS)}")
    said: dict[str, Any] = {}
    for each in filter(None, about):
        key, _, value = (piece.strip() for piece in each.partition("="))
        if key not in FITTING:
            raise BadControl(f"{key!r} is not {', '.join(FITTING)}")
        if kind not in FITTING[key]:
            raise BadControl(f"{key} does not go with {kind}")
        member, read = _READ[key]
        said[member] = read(value)
        if said[member] is None:
            raise BadControl(f"{key}={value} cannot be; write for example {key}={_EXAMPLES[key]}")
    return Fault(kind, **said)


@lru_cache(maxsize=1024)
def time_s(text: str) -> float:
    """Return a time in seconds.

    Raises:
        BadControl: it is none, or too long.
    """
    found = _time(text)
    if found is None:
        raise BadControl(f"{text[:40]!r} is no time; write for example 300ms")
    return found


@lru_cache(maxsize=1024)
def rate(text: str) -> Rate:
    """Return a rate.

    Raises:
        BadControl: it is none.
    """
    found = units.rate(text)
    if found is None:
        raise BadControl(f"{text[:40]!r} is no rate; write for example 60 tokens/s")
    return found


def _time(text: str) -> float | None:
    found = units.duration_s(text)
    return found if found is not None and found <= units.MAX_DURATION_S else None


def _status(text: str) -> int | None:
    low, high = ERROR_STATUSES
    is_one = text.isascii() and text.isdigit() and low <= int(text) <= high
    return int(text) if is_one else None


_READ: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "after": ("after", units.after),
    "for": ("for_s", _time),
    "status": ("status", _status),
    "retry_after": ("retry_after_s", units.duration_s),
    "message": ("message", str),
}
_EXAMPLES = {"after": "50%", "for": "2s", "status": "503", "retry_after": "2s", "message": "no"}
