"""State in this process's memory, bounded: the oldest is forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

V = TypeVar("V")

MAX_SESSIONS = 10_000
MAX_CELLS_PER_SESSION = 10_000


class MemoryCells:
    """`Cells` in memory. A session that was not used for longest goes first, and in a session
    the value that was not changed for longest."""

    def __init__(
        self,
        max_sessions: int = MAX_SESSIONS,
        max_cells_per_session: int = MAX_CELLS_PER_SESSION,
    ) -> None:
        self._max_sessions = max_sessions
        self._max_cells = max_cells_per_session
        self._sessions: OrderedDict[str, OrderedDict[Any, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def update(
        self, session: str, kind: str, key: bytes | str, change: Callable[[V | None], V]
    ) -> V:
        """As `Cells.update`."""
        with self._lock:
            cells = self._sessions.setdefault(session, OrderedDict())
            self._sessions.move_to_end(session)
            value = cells[kind, key] = change(cells.get((kind, key)))
            cells.move_to_end((kind, key))
            if len(cells) > self._max_cells:
                cells.popitem(last=False)
            if len(self._sessions) > self._max_sessions:
                self._sessions.popitem(last=False)
            return value

    def forget(self, session: str) -> bool:
        """As `Cells.forget`."""
        with self._lock:
            return self._sessions.pop(session, None) is not None
