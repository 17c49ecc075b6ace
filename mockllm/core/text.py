"""Comparing texts: what counts as the same prompt."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_STRETCH = 256
_LONGEST_STRETCH = 512


def normalize(text: str) -> str:
    """Return `text` trimmed, case-folded, in NFC, with every run of white space as one space.

    >>> normalize("  What  is\\n2+2? ")
    'what is 2+2?'
    """
    composed = text if text.isascii() else "".join(map(_composed, _stretches(text)))
    return " ".join(composed.casefold().split())


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _stretches(text: str) -> Iterator[str]:
    """Yield `text` in stretches of bounded length: NFC is quadratic in runs of combining marks.

    A cut is made before an ASCII character, which composes with nothing before it, or after 512
    characters that are none.
    """
    start = 0
    while start < len(text):
        end = start + _STRETCH
        while end < len(text) and end - start < _LONGEST_STRETCH and not text[end].isascii():
            end += 1
        yield text[start:end]
        start = end
