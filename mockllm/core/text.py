"""Comparing texts: what counts as the same prompt."""

from __future__ import annotations

import unicodedata


def normalize(text: str) -> str:
    """Return `text` trimmed, case-folded, in NFC, with every run of white space as one space.

    >>> normalize("  What  is\\n2+2? ")
    'what is 2+2?'
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
