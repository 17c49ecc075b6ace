"""The formats of JSON Schema: a text of each, and whether a text has one.

Formats not listed here are annotations: every text has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from ipaddress import IPv4Address, IPv6Address

_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_DATE = r"\d{4}-\d\d-\d\d"
_EMAIL = r"[^\s@]+@[^\s@]+"
_URI = r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DAYS = r"(?:\d+Y)?(?:\d+M)?(?:\d+D)?"
_HOURS = r"(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?"

_PATTERNS = {
    "date": re.compile(_DATE, re.ASCII),
    "date-time": re.compile(f"{_DATE}[Tt]{_TIME}", re.ASCII),
    "time": re.compile(_TIME, re.ASCII),
    "duration": re.compile(rf"P(?=\d|T\d)(?:\d+W|{_DAYS}(?:T(?=\d){_HOURS})?)", re.ASCII),
    "email": re.compile(_EMAIL),
    "idn-email": re.compile(_EMAIL),
    "uri": re.compile(_URI),
    "iri": re.compile(_URI),
    "uuid": re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "hostname": re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*"),
    "ipv4": re.compile(r"[0-9.]{7,15}"),
    "ipv6": re.compile(r"[0-9A-Fa-f:.]{2,45}"),
}
_SAMPLES = {
    "date": "2025-01-{:02}",
    "date-time": "2025-01-{:02}T12:00:00Z",
    "time": "12:{:02}:00Z",
    "duration": "P{}D",
    "email": "user{}@example.com",
    "idn-email": "user{}@example.com",
    "uri": "https://example.com/{}",
    "iri": "https://example.com/{}",
    "uuid": "00000000-0000-4000-8000-{:012}",
    "hostname": "host{}.example.com",
    "ipv4": "192.0.2.{}",
    "ipv6": "2001:db8::{:x}",
}
_MAX_SAMPLES = 200
_PLAIN_WORD = re.compile(r"[^0-9@:]*")
_IN_PROSE = ("date", "date-time", "time", "duration", "email", "uuid", "ipv4", "ipv6")


KNOWN = frozenset(_PATTERNS)


def samples(name: str) -> Iterator[str]:
    """Yield texts that have the format `name`; none when it is not known.

    >>> next(samples("date"))
    '2025-01-01'
    """
    if name in KNOWN:
        texts = (_SAMPLES[name].format(number) for number in range(1, _MAX_SAMPLES))
        yield from (text for text in texts if has_format(text, name))


def has_format(text: str, name: str) -> bool:
    """Say whether `text` has the format `name`; True when the format is not known.

    >>> has_format("2025-02-29", "date")
    False
    """
    pattern = _PATTERNS.get(name)
    if pattern is None:
        return True
    return pattern.fullmatch(text) is not None and _exists(text, name)


def stands_out(word: str) -> bool:
    """Say whether a word of prose is a date, an address or the like by its form alone.

    >>> [stands_out(word) for word in ("2025-01-01", "https://example.com", "note:this", "10:30")]
    [True, True, False, False]
    """
    if "://" in word:
        return has_format(word, "uri")
    return not _PLAIN_WORD.fullmatch(word) and any(has_format(word, name) for name in _IN_PROSE)


def _exists(text: str, name: str) -> bool:
    """Say whether a text of the right form denotes something: there is no 30 February."""
    try:
        match name:
            case "date" | "date-time":
                date.fromisoformat(text[:10])
            case "ipv4":
                IPv4Address(text)
            case "ipv6":
                IPv6Address(text)
    except ValueError:
        return False
    return True
