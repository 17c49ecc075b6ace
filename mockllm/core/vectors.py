"""Embeddings without a model: deterministic unit vectors in which similar texts are near.

A text's words, and the runs of three letters in them, are each hashed to a few places of the
vector with a sign: texts that share many have a high cosine. A little noise of the whole text's
own fills the other places, so that no two different texts have the same vector.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b, shake_128
from math import sqrt

from mockllm.core.text import normalize

_WORD = re.compile(r"\w+")
_MAX_CHARACTERS = 16_384
_PLACES = 6
_WORD_WEIGHT, _RUN_WEIGHT, _NOISE = 1.0, 0.5, 0.1
_UNIT = tuple((byte - 127.5) / 73.9 for byte in range(256))
"""What a random byte says, as a number with mean 0 and variance 1."""

Numbers = tuple[float, ...]


def embed(text: str, dimensions: int) -> Numbers:
    """Return the vector of a text, of length 1; past 16,384 characters the rest is not seen."""
    found = _noise(text, dimensions)
    for feature, weight in _features(text[:_MAX_CHARACTERS]):
        for place, sign in _places(feature, dimensions):
            found[place] += sign * weight
    return _unit(found)


def near(like: str, text: str, similarity: float, dimensions: int) -> Numbers:
    """Return a vector whose cosine with that of `like` is `similarity`, another for each text."""
    wanted = embed(like, dimensions)
    other = _noise(f"near {text}", dimensions)
    along = sum(a * b for a, b in zip(wanted, other, strict=True))
    across = _unit([b - along * a for a, b in zip(wanted, other, strict=True)])
    rest = sqrt(max(0.0, 1 - similarity * similarity))
    return tuple(similarity * a + rest * b for a, b in zip(wanted, across, strict=True))


def _features(text: str) -> Iterator[tuple[str, float]]:
    """Yield the words of a text and the runs of three letters in them, with their weights."""
    for word in _WORD.findall(normalize(text)):
        yield word, _WORD_WEIGHT
        padded = f" {word} "
        for start in range(len(padded) - 2):
            yield padded[start : start + 3], _RUN_WEIGHT


@lru_cache(maxsize=16_384)
def _places(feature: str, dimensions: int) -> tuple[tuple[int, float], ...]:
    """Return where in a vector a feature stands, and with which sign."""
    digest = blake2b(feature.encode(), digest_size=4 * _PLACES).digest()
    numbers = (int.from_bytes(digest[at : at + 4], "big") for at in range(0, len(digest), 4))
    return tuple((number // 2 % dimensions, 1.0 if number % 2 else -1.0) for number in numbers)


def _noise(text: str, dimensions: int) -> list[float]:
    """Return numbers of a text's own whose sum of squares is about `_NOISE` squared times 100."""
    scale = _NOISE * 10 / sqrt(dimensions)
    return [scale * _UNIT[byte] for byte in shake_128(text.encode()).digest(dimensions)]


def _unit(numbers: Sequence[float]) -> Numbers:
    length = sqrt(sum(number * number for number in numbers)) or 1.0
    return tuple(number / length for number in numbers)
