"""What is made of names that clients choose, remembered without growing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K", bound=str | bytes)
V = TypeVar("V")

MAX_NAMES = 1_000
MAX_LENGTH = 100


class Remembered(dict[K, V]):
    """What `make` makes of a name, by that name. The first are remembered, short ones, and no
    more."""

    def __init__(self, make: Callable[[K], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, name: K) -> V:
        made = self._make(name)
        if len(self) < MAX_NAMES and len(name) <= MAX_LENGTH:
            self[name] = made
        return made
