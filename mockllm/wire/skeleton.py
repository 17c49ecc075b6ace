"""JSON that is encoded once, and filled in many times: in a stream most frames differ in a text."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from secrets import token_hex
from typing import Any

import msgspec

HOLE = f"\x1a{token_hex(8)}\x1a"
"""Stands in a skeleton's value where the text goes; no client can know it."""

_MARK = msgspec.json.encode(HOLE)
_KEPT_RUNS = 256
_MAX_KEPT = 500
_MAX_KEPT_CHARACTERS = 4_000
_MAX_WHOLES = 2_000
_MAX_KEPT_BYTES = 4_000
_encode = msgspec.json.Encoder().encode


class Skeleton:
    """A frame with a hole. `value` is its JSON, with `HOLE` once; `frame` encodes it."""

    __slots__ = ("_after", "_before", "_frame", "_is_sure", "_value")

    def __init__(self, value: Any, frame: Callable[[Any], bytes]) -> None:
        self._value = value
        self._frame = frame
        self._before, _, self._after = frame(value).partition(_MARK)
        self._is_sure = _MARK not in self._after  # unless a client sends it too

    def value(self, text: str) -> Any:
        """Return the JSON with a text in the hole."""
        return _filled(self._value, text)

    def fill(self, text: str) -> bytes:
        """Return the frame with a text in the hole."""
        if self._is_sure:
            return self._before + _encode(text) + self._after
        return self._frame(self.value(text))

    def fill_each(self, texts: tuple[str, ...]) -> bytes:
        """Return the frames of several texts, one after the other."""
        if len(texts) == 1:
            return self.fill(texts[0])
        if self._is_sure and texts:
            between = self._after + self._before
            return self._before + between.join(_encoded(texts)) + self._after
        return b"".join(map(self.fill, texts))


class WholeSkeletons:
    """Whole answers as JSON, in the pieces around their holes, by what makes them: of those that
    come again and again each is encoded once."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[bytes, ...]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def around(self, key: Hashable, value: Callable[[], Any]) -> tuple[bytes, ...]:
        """Return the pieces of a value in which `HOLE` stands where answers of this key differ."""
        found = self._kept.get(key)
        if found is None:
            whole = _encode(value())
            found = tuple(whole.split(_MARK))
            if len(whole) <= _MAX_KEPT_BYTES:
                if len(self._kept) >= _MAX_WHOLES:
                    self._kept.clear()
                self._kept[key] = found
        return found


def _encoded(texts: tuple[str, ...]) -> Sequence[bytes]:
    is_short = len(texts) <= _MAX_KEPT and sum(map(len, texts)) <= _MAX_KEPT_CHARACTERS
    return _kept(texts) if is_short else list(map(_encode, texts))


@lru_cache(_KEPT_RUNS)
def _kept(texts: tuple[str, ...]) -> Sequence[bytes]:
    """Return each text encoded; of what is said again and again it is kept."""
    return list(map(_encode, texts))


def _filled(value: Any, text: str) -> Any:
    match value:
        case dict():
            return {key: _filled(each, text) for key, each in value.items()}
        case list():
            return [_filled(each, text) for each in value]
        case _:
            return text if value == HOLE else value
