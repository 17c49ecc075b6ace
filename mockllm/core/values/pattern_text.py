"""Texts for a regular expression of JSON Schema.

The pattern is read by a parser of our own: the only one in the standard library is private to
`re`, reads Python's dialect, not ECMAScript's, and may warn. It is lenient, since whether a text
really matches is for `patterns.found` to say.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import assert_never

from msgspec import Struct

from mockllm.core.values.steps import Steps

_MAX_NESTING = 50
_MAX_NODES = 30_000
_NODES_PER_STEP = 50
_CHARACTERS_PER_STEP = 5
_VARIANTS = 500
_VARIED_COUNTS = 8

_Ranges = tuple[tuple[int, int], ...]
_LAST = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)
_ALPHABET = (  # the order is that of preference
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    "_-. ,:;/@#+*=!?'\"&%$()[]{}<>|\\^`~\t\néж中"
)
_UPPER: _Ranges = ((65, 90),)
_LOWER: _Ranges = ((97, 122),)
_DIGITS: _Ranges = ((48, 57),)
_ESCAPES: dict[str, _Ranges] = {
    "d": _DIGITS,
    "D": ((0, 47), (58, _LAST)),
    "w": (*_LOWER, *_UPPER, *_DIGITS, (95, 95)),
    "W": ((0, 47), (58, 64), (91, 94), (96, 96), (123, _LAST)),
    "s": ((9, 13), (32, 32)),
    "S": ((0, 8), (14, 31), (33, _LAST)),
    **{
        letter: ((ord(sign), ord(sign)),)
        for letter, sign in zip("tnrfv0", "\t\n\r\f\v\0", strict=True)
    },
    **dict.fromkeys("bBAzZ123456789", ()),
}
_PROPERTIES: dict[str, _Ranges] = {"Lu": _UPPER, "N": _DIGITS, "Nd": _DIGITS}
_PROPERTY = re.compile(r"p(?:\{(?:\w+=)?(\w+)\}|(\w))")
_CODE = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|[xu]\{([0-9A-Fa-f]{1,6})\}")
_GROUP = re.compile(r"\?(?:(<?[=!]|[a-zA-Z]+(?=\)))|P?<\w+>|[a-zA-Z-]*:)")
_QUANTIFIER = re.compile(r"(?:([*+?])|\{(\d{1,5})(,)?(\d{1,5})?\})[?+]?")
_COUNTS: dict[str, tuple[int, float]] = {"*": (0, math.inf), "+": (1, math.inf), "?": (0, 1)}
_TO = re.compile(r"-(?=[^\]])")


def texts(pattern: str, steps: Steps, least: int = 0) -> Iterator[str]:
    """Yield texts that `pattern` should match, the plainest first; none when it is beyond us.

    They have at least `least` characters where the pattern lets them.

    >>> next(texts(r"^[A-Z]{2}-\\d+$", Steps(100), least=6))
    'AA-000'
    """
    steps.spend(len(pattern) // _CHARACTERS_PER_STEP)
    try:
        node = _Parser(pattern).whole()
        written: set[str] = set()
        for variant in range(_VARIANTS):
            writer = _Writer(variant, 0)
            text = writer.text(node)
            if len(text) < least:
                writer = _Writer(variant, least - len(text))
                text = writer.text(node)
            steps.spend(writer.nodes // _NODES_PER_STEP)
            if text in written:  # the pattern may leave open what follows
                text = f"{text}{variant}"
            written.add(text)
            yield text
            if len(text) < least:
                yield text.ljust(least, "a")
                yield text.rjust(least, "a")
    except _Unwritable:
        return


class _Unwritable(Exception):
    """No text can be written for the pattern."""


class _Choice(Struct, frozen=True):
    options: tuple[_Node, ...]


class _Repeat(Struct, frozen=True):
    node: _Node
    least: int
    most: float


# A str is one character out of those in it; a tuple is a sequence, () what takes no room.
_Node = str | tuple["_Node", ...] | _Choice | _Repeat


class _Parser:
    """Reads a pattern from left to right. Anchors, flags and look-around take no room."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def whole(self) -> _Node:
        node = self._choice(0)
        if self._at < len(self._pattern):
            raise _Unwritable
        return node

    def _choice(self, depth: int) -> _Node:
        if depth > _MAX_NESTING:
            raise _Unwritable
        options = [self._sequence(depth)]
        while self._take("|"):
            options.append(self._sequence(depth))
        return _Choice(tuple(options))

    def _sequence(self, depth: int) -> _Node:
        nodes: list[_Node] = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            node = self._atom(depth)
            if quantifier := self._match(_QUANTIFIER):
                node = _Repeat(node, *_counts(quantifier))
            nodes.append(node)
        return tuple(nodes)

    def _atom(self, depth: int) -> _Node:
        match self._character():
            case "(":
                return self._group(depth)
            case "[":
                return self._class()
            case "\\":
                ranges = self._escape()
                return _characters(ranges) if ranges else ()
            case ".":
                return _ALPHABET[:-1]
            case "^" | "$":
                return ()
            case character:
                return character

    def _group(self, depth: int) -> _Node:
        prefix = self._match(_GROUP)
        node = self._choice(depth + 1)
        if not self._take(")"):
            raise _Unwritable
        return () if prefix and prefix[1] else node

    def _class(self) -> str:
        negated = self._take("^")
        ranges: _Ranges = ()
        while not (ranges and self._take("]")):
            item = self._class_item()
            if _is_one(item) and self._match(_TO):
                item = ((item[0][0], self._class_item()[-1][1]),)
            ranges += item
        return _characters(ranges, negated)

    def _class_item(self) -> _Ranges:
        character = self._character()
        return self._escape() or _point(8) if character == "\\" else _point(ord(character))

    def _escape(self) -> _Ranges:
        """Return what the escape after a backslash stands for, () when that takes no room."""
        if code := self._match(_CODE):
            return _point(int(code[code.lastindex or 0], 16))
        if name := self._match(_PROPERTY):
            return _PROPERTIES.get(name[1] or name[2], _LOWER)
        character = self._character()
        return _ESCAPES.get(character, _point(ord(character)))

    def _character(self) -> str:
        if self._at == len(self._pattern):
            raise _Unwritable
        self._at += 1
        return self._pattern[self._at - 1]

    def _take(self, character: str) -> bool:
        taken = self._pattern.startswith(character, self._at)
        self._at += taken
        return taken

    def _match(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        match = expression.match(self._pattern, self._at)
        if match:
            self._at = match.end()
        return match


def _counts(quantifier: re.Match[str]) -> tuple[int, float]:
    sign, least, comma, most = quantifier.groups()
    if sign:
        return _COUNTS[sign]
    if most:
        return int(least), int(most)
    return int(least), math.inf if comma else int(least)


def _point(code: int) -> _Ranges:
    return ((code, code),)


def _is_one(ranges: _Ranges) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]


def _characters(ranges: _Ranges, negated: bool = False) -> str:
    """Return some characters that are in `ranges`, or are not, the plainest first."""
    known = "".join(
        character
        for character in _ALPHABET
        if any(low <= ord(character) <= high for low, high in ranges) != negated
    )
    if known:
        return known
    first = ranges[0][0]
    if negated or first > _LAST or _SURROGATES[0] <= first <= _SURROGATES[1]:
        raise _Unwritable
    return chr(first)


class _Writer:
    """Writes one text, taking the first of all options if `variant` is 0, others otherwise.

    Repetitions are as few as may be, and more where they help to reach `missing` characters.
    """

    def __init__(self, variant: int, missing: int) -> None:
        self._variant = variant
        self._missing = missing
        self.nodes = 0

    def text(self, node: _Node) -> str:
        self.nodes += 1
        if self.nodes > _MAX_NODES:
            raise _Unwritable
        match node:
            case str():
                return node[self._pick(len(node))]
            case tuple():
                return "".join([self.text(each) for each in node])
            case _Choice():
                return self.text(node.options[self._pick(len(node.options))])
            case _Repeat():
                return self._repeated(node)
            case _:
                assert_never(node)

    def _repeated(self, node: _Repeat) -> str:
        wanted = node.least
        if node.most > node.least:
            wanted += self._pick(int(min(node.most - node.least + 1, _VARIED_COUNTS)))
        written = [self.text(node.node) for _ in range(wanted)]
        while self._missing > 0 and len(written) < node.most:
            written.append(self.text(node.node))
            self._missing -= len(written[-1])
            if not written[-1]:
                break
        return "".join(written)

    def _pick(self, options: int) -> int:
        """Return which of `options` the variant takes: its next digit in that base."""
        self._variant, picked = divmod(self._variant, options)
        return picked
