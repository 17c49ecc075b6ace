"""Numbers and strings for the keywords of a schema, the plainest first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import count, takewhile
from typing import Any

from mockllm.core.values import pattern_text, patterns, text_formats
from mockllm.core.values.schema_shape import MAX_LENGTH, Shape
from mockllm.core.values.steps import Steps

_DEFAULT_TEXT = "text"
_PARTS = [2**power for power in range(1, 11)]


def number_fits(value: float, keywords: Mapping[str, Any], whole: bool) -> bool:
    """Say whether `value` is valid for the keywords of a number, or of an integer if `whole`."""
    if whole and value != int(value):
        return False
    if "multipleOf" in keywords and not _is_multiple(value, keywords["multipleOf"]):
        return False
    if not keywords.get("minimum", value) <= value <= keywords.get("maximum", value):
        return False
    above: float = keywords.get("exclusiveMinimum", -math.inf)
    below: float = keywords.get("exclusiveMaximum", math.inf)
    return above < value < below


def numbers(keywords: Mapping[str, Any], whole: bool, steps: Steps) -> Iterator[int | float]:
    """Yield numbers that fit: 0 or what is nearest to it, then upwards, downwards, in between."""
    for candidate in _candidates(keywords, whole):
        steps.spend()
        number = int(candidate) if candidate.denominator == 1 else float(candidate)
        if number_fits(number, keywords, whole):
            yield number


def text_fits(text: str, shape: Shape, steps: Steps, unchecked: bool = True) -> bool:
    """Say whether `text` is valid for the keywords of a string.

    `unchecked` is what to say of a pattern that cannot be checked.
    """
    keywords = shape.keywords
    if not keywords.get("minLength", 0) <= len(text) <= keywords.get("maxLength", math.inf):
        return False
    if not text_formats.has_format(text, keywords.get("format", "")):
        return False
    answers = (patterns.found(pattern, text, steps) for pattern in shape.patterns)
    return all(unchecked if answer is None else answer for answer in answers)


def texts(shape: Shape, name: str, steps: Steps) -> Iterator[str]:
    """Yield strings that fit: samples of the format, else `name`, else what the patterns say."""
    for text in _texts(shape, name or _DEFAULT_TEXT, steps):
        steps.spend_on(text)
        if text_fits(text, shape, steps):
            yield text


def _candidates(keywords: Mapping[str, Any], whole: bool) -> Iterator[Fraction]:
    step = Fraction(str(keywords.get("multipleOf", 1)))
    step = Fraction(step.numerator) if whole else step
    low = max(_bounds(keywords, "minimum", "exclusiveMinimum"), default=None)
    high = min(_bounds(keywords, "maximum", "exclusiveMaximum"), default=None)
    nearest = Fraction(0) if low is None else max(low, Fraction(0))
    nearest = nearest if high is None else min(high, nearest)
    if nearest % step:
        yield nearest
    first = math.ceil(nearest / step)
    upwards = (number * step for number in count(first))
    yield from takewhile(lambda number: high is None or number <= high, upwards)
    downwards = (number * step for number in count(first - 1, -1))
    yield from takewhile(lambda number: low is None or number >= low, downwards)
    if whole:
        return
    assert low is not None  # else there is no end of those above
    assert high is not None
    for parts in _PARTS:
        yield from (low + (high - low) * Fraction(part, parts) for part in range(1, parts, 2))


def _bounds(keywords: Mapping[str, Any], *names: str) -> list[Fraction]:
    return [Fraction(str(keywords[name])) for name in names if name in keywords]


def _is_multiple(value: float, divisor: float) -> bool:
    """Say whether jsonschema, which checks the value in the end, takes it for a multiple."""
    if isinstance(divisor, float):
        quotient = value / divisor
        return math.isfinite(quotient) and quotient == int(quotient)
    return value % divisor == 0


def _texts(shape: Shape, name: str, steps: Steps) -> Iterator[str]:
    keywords = shape.keywords
    least, most = keywords.get("minLength", 0), keywords.get("maxLength", math.inf)
    yield from text_formats.samples(keywords.get("format", ""))
    plain = (name * math.ceil(least / len(name)))[:least] if len(name) < least else name
    plain = plain[: int(min(len(plain), most))]
    fits = text_fits(plain, shape, steps, unchecked=False)
    if fits:
        yield plain
    for pattern in shape.patterns:
        yield from pattern_text.texts(pattern, steps, least)
    if not fits:
        yield plain
    for number in range(2, MAX_LENGTH):
        suffix = str(number)
        if shape.patterns or len(suffix) > most:
            return
        yield plain[: int(min(len(plain), most - len(suffix)))] + suffix
