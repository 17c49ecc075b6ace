"""State in this process's memory, bounded: the oldest is forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

V = TypeVar("V")

MAX_SESSIONS = 10_000
MAX_CELLS_PER_SESSION = 10_000
MAX_BYTES = 256 * 1024 * 1024
"""Of values that are bytes, in all sessions together."""

_Session = OrderedDict[tuple[str, bytes | str], Any]


class MemoryCells:
    """`Cells` in memory. A session that was not used for longest goes first, and in a session
    the value that was not changed for longest."""

    def __init__(
        self,
        max_sessions: int = MAX_SESSIONS,
        max_cells_per_session: int = MAX_CELLS_PER_SESSION,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._max_sessions = max_sessions
        self._max_cells = max_cells_per_session
        self._max_bytes = max_bytes
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def update(
        self, session: str, kind: str, key: bytes | str, change: Callable[[V | None], V]
    ) -> V:
        """As `Cells.update`."""
        with self._lock:
            cells = self._sessions.setdefault(session, OrderedDict())
            self._sessions.move_to_end(session)
            old = cells.get((kind, key))
            value = change(old)
            self._bytes += _size(value) - _size(old)
            if value is None:
                cells.pop((kind, key), None)
                if not cells:
                    del self._sessions[session]
                return value
            cells[kind, key] = value
            cells.move_to_end((kind, key))
            self._bound(cells)
            return value

    def read(self, session: str, kind: str, key: bytes | str) -> Any:
        """As `Cells.read`."""
        with self._lock:
            cells = self._sessions.get(session)
            return None if cells is None else cells.get((kind, key))

    def read_all(self, session: str, kind: str) -> list[Any]:
        """As `Cells.read_all`."""
        with self._lock:
            cells = self._sessions.get(session) or _Session()
            return [value for (each, _), value in cells.items() if each == kind]

    def forget(self, session: str) -> bool:
        """As `Cells.forget`."""
        with self._lock:
            return self._drop(session)

    def _bound(self, cells: _Session) -> None:
        """Drop the oldest value of the session, the oldest session, and the oldest values of the
        oldest sessions, as far as there is too much."""
        if len(cells) > self._max_cells:
            self._pop_oldest(cells)
        if len(self._sessions) > self._max_sessions:
            self._drop(next(iter(self._sessions)))
        while self._bytes > self._max_bytes:
            session, oldest = next(iter(self._sessions.items()))
            if oldest:
                self._pop_oldest(oldest)
            else:
                self._drop(session)

    def _pop_oldest(self, cells: _Session) -> None:
        _, value = cells.popitem(last=False)
        self._bytes -= _size(value)

    def _drop(self, session: str) -> bool:
        cells = self._sessions.pop(session, None)
        if cells is None:
            return False
        self._bytes -= sum(map(_size, cells.values()))
        return True


def _size(value: object) -> int:
    return len(value) if isinstance(value, bytes) else 0
