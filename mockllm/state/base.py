"""The seam behind which state lives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

V = TypeVar("V")


class Cells(Protocol):
    """Small values by session, kind and key. Safe under threads and greenlets, and among the
    processes that share a back end.

    A value is plain: None, a bool, an int of 64 bits, a float, a str, bytes, or a tuple of such.
    A named tuple may be put in; it is a tuple when it comes back.
    """

    def update(
        self, session: str, kind: str, key: bytes | str, change: Callable[[V | None], V]
    ) -> V:
        """Replace a value by `change(value)` in one step and return the new one.

        `change` gets None when there is no value yet, and returns None to leave none; it must
        not wait, nor use the cells.
        """

    def read(self, session: str, kind: str, key: bytes | str) -> Any:
        """Return a value, None when there is none."""

    def read_all(self, session: str, kind: str) -> list[Any]:
        """Return every value of a kind, the one that was not changed for longest first."""

    def forget(self, session: str) -> bool:
        """Forget everything of a session; return whether there was anything."""


def count(value: int | None) -> int:
    """Return the next number, from 1: the `change` of a counter."""
    return (value or 0) + 1


def count_to(most: int | None) -> Callable[[int | None], int]:
    """Return a counter that stops one past `most`, so that stepping aside counts nothing."""
    if most is None:
        return count
    last = most + 1
    return lambda value: min((value or 0) + 1, last)
