"""Token counts without a tokenizer: an offline, deterministic estimate.

A token is a word of up to eight letters with the space before it, up to three digits, one
punctuation mark, one ideograph, or a run of white space. English prose comes out near four
characters a token, as with the vendors' tokenizers; other text may differ more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mockllm.core.model import Part, Text, ToolResult

_CJK = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff"
_EXACT_CHARACTERS = 65_536
_TOKEN = re.compile(rf" ?(?:[^\W\d_{_CJK}]{{1,8}}|\d{{1,3}}|[{_CJK}]|[^\w\s]|_)|\s+|\w")


def pieces(text: str) -> list[str]:
    """Return the tokens of `text`; joined they are `text` again."""
    return _TOKEN.findall(text)


def estimate(text: str) -> int:
    """Return how many tokens `text` has, or for a long one would have if it went on as it begins:
    the cost of a request must not grow with its length."""
    if len(text) <= _EXACT_CHARACTERS:
        return count(text)
    return count(text[:_EXACT_CHARACTERS]) * len(text) // _EXACT_CHARACTERS


def count(text: str) -> int:
    """Return how many tokens `text` has.

    >>> count("What is 2+2?")
    6
    """
    return len(_TOKEN.findall(text))


def content_tokens(parts: Iterable[Part]) -> int:
    """Return how many tokens the texts of `parts` have, those inside tool results included."""
    total = 0
    for part in parts:
        match part:
            case Text(text):
                total += estimate(text)
            case ToolResult(parts=inner):
                total += content_tokens(inner)
            case _:
                pass
    return total
