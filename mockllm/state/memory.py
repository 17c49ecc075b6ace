"""State in this process's memory, bounded: the oldest is forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

V = TypeVar("V")

MAX_SESSIONS = 10_000
MAX_CELLS_PER_KIND = 10_000
MAX_BYTES = 256 * 1024 * 1024
"""Of values that are bytes, in all sessions together."""

_Cells = OrderedDict[bytes | str, Any]
_Name = tuple[str, str, bytes | str]


class MemoryCells:
    """`Cells` in memory.

    A session that was not used for longest goes first, and among the values of a kind in a session
    the one that was not changed for longest: a kind never pushes out another. When there are too
    many bytes, the values that are bytes go, in the order in which they were last changed.
    """

    def __init__(
        self,
        max_sessions: int = MAX_SESSIONS,
        max_cells_per_kind: int = MAX_CELLS_PER_KIND,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._max_sessions = max_sessions
        self._max_cells = max_cells_per_kind
        self._max_bytes = max_bytes
        self._sessions: OrderedDict[str, dict[str, _Cells]] = OrderedDict()
        self._sizes: OrderedDict[_Name, int] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def update(
        self, session: str, kind: str, key: bytes | str, change: Callable[[V | None], V]
    ) -> V:
        """As `Cells.update`."""
        with self._lock:
            cells = self._sessions.get(session, {}).get(kind, _Cells())
            value = change(cells.get(key))
            if value is None:
                self._remove(session, kind, key)
            else:
                self._put(session, kind, key, value)
            return value

    def read(self, session: str, kind: str, key: bytes | str) -> Any:
        """As `Cells.read`."""
        with self._lock:
            return self._sessions.get(session, {}).get(kind, _Cells()).get(key)

    def read_all(self, session: str, kind: str) -> list[Any]:
        """As `Cells.read_all`."""
        with self._lock:
            return list(self._sessions.get(session, {}).get(kind, _Cells()).values())

    def forget(self, session: str) -> bool:
        """As `Cells.forget`."""
        with self._lock:
            return self._drop(session)

    def _put(self, session: str, kind: str, key: bytes | str, value: object) -> None:
        cells = self._sessions.setdefault(session, {}).setdefault(kind, OrderedDict())
        self._sessions.move_to_end(session)
        cells[key] = value
        cells.move_to_end(key)
        self._weigh((session, kind, key), value)
        if len(cells) > self._max_cells:
            self._remove(session, kind, next(iter(cells)))
        if len(self._sessions) > self._max_sessions:
            self._drop(next(iter(self._sessions)))
        while self._bytes > self._max_bytes:
            self._remove(*next(iter(self._sizes)))

    def _remove(self, session: str, kind: str, key: bytes | str) -> None:
        """Forget a value, and whatever is empty without it."""
        kinds = self._sessions.get(session, {})
        cells = kinds.get(kind)
        if cells is None or key not in cells:
            return
        del cells[key]
        self._weigh((session, kind, key), None)
        if not cells:
            del kinds[kind]
        if not kinds:
            del self._sessions[session]

    def _drop(self, session: str) -> bool:
        kinds = self._sessions.pop(session, None)
        if kinds is None:
            return False
        for kind, cells in kinds.items():
            for key in cells:
                self._weigh((session, kind, key), None)
        return True

    def _weigh(self, name: _Name, value: object) -> None:
        """Count the bytes of a value in place of those it had; None has none."""
        self._bytes -= self._sizes.pop(name, 0)
        if isinstance(value, bytes):
            self._bytes += len(value)
            self._sizes[name] = len(value)
