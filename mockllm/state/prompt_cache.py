"""The prompt cache of one session: which prefixes of an input were sent before.

It is what the vendors' caches look like from outside: a marked prefix is written when it is first
answered, read when it comes again in time, and then kept anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mockllm.core.caching import NOTHING_CACHED, CacheUse
from mockllm.core.model import CacheMark
from mockllm.state.base import Cells

_KIND = "cache"
_Entry = tuple[float, int]
"""Until when (Unix time) a prefix is held, and for how many seconds each time."""


class PromptCache:
    """The prompt cache of one session."""

    def __init__(self, cells: Cells, session: str) -> None:
        self._cells = cells
        self._session = session

    def look_up(self, marks: Sequence[CacheMark], now_s: float) -> CacheUse:
        """Return how much of an input is there, and how much more its marks ask to write.

        `marks`: the shortest prefix first. Nothing is changed.
        """
        if not marks:
            return NOTHING_CACHED
        held = (mark.tokens for mark in reversed(marks) if self._holds(mark, now_s))
        read = next(held, 0)
        longest = max((mark.tokens for mark in marks if mark.ttl_s), default=0)
        return CacheUse(read, max(longest - read, 0))

    def keep(self, marks: Sequence[CacheMark], now_s: float) -> None:
        """Write what the marks ask for, and keep anew what was read."""
        if not marks:
            return
        read = next((mark for mark in reversed(marks) if self._holds(mark, now_s)), None)
        for mark in marks:
            if mark.ttl_s or mark is read:
                change = _kept(mark.ttl_s, now_s)
                self._cells.update(self._session, _KIND, mark.digest, change)

    def _holds(self, mark: CacheMark, now_s: float) -> bool:
        entry: _Entry | None = self._cells.read(self._session, _KIND, mark.digest)
        return entry is not None and entry[0] > now_s


def _kept(ttl_s: int, now_s: float) -> Callable[[_Entry | None], _Entry]:
    def change(entry: _Entry | None) -> _Entry:
        longest_s = max(ttl_s, entry[1] if entry and entry[0] > now_s else 0)
        return now_s + longest_s, longest_s

    return change
