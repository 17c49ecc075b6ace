"""What is set while the server runs, shared between processes: one row for each kind and session.

A row holds all that a session has of a kind, as it was sent; each process makes of it again what it
needs. Whoever changes something takes a version that is higher than any other, so that the others
find what they have not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from sqlite3 import Cursor
from typing import Any

import msgspec

from mockllm.state.database import Database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS control (
    kind TEXT, session TEXT, version INTEGER, held BLOB, PRIMARY KEY (kind, session)
);
CREATE INDEX IF NOT EXISTS control_by_version ON control (version);
"""
_NOTHING = msgspec.msgpack.encode([])
_KEPT_VERSIONS = 10_000
"""For how many changes it is kept that a session has nothing any more."""

Held = list[Any]
"""What a session has of a kind: plain values, in order; [] for nothing."""


class Control:
    """What one process has seen of what all have set.

    `take` gets a kind, a session and what it holds now, for each that has changed elsewhere;
    `forget` is called when everything is taken anew.
    """

    def __init__(
        self,
        database: Database,
        take: Callable[[str, str, Held], object],
        forget: Callable[[], object],
    ) -> None:
        database.add(_SCHEMA)
        self._database = database
        self._take = take
        self._forget = forget
        self._seen = 0

    def refresh(self) -> None:
        """Take what others have changed since this was last asked. Cheap when there is nothing."""
        with self._database.reading as cursor:
            rows = self._newer(cursor)
        self._apply(rows)

    @contextmanager
    def changing(self, session: str, held: Callable[[str], Held]) -> Iterator[None]:
        """Change something of a session, in turn with all others: within the block what they have
        set is known, and what the block leaves, by kind, is told to them."""
        with self._database.transaction as cursor:
            self._apply(self._newer(cursor))
            before = {kind: held(kind) for kind in KINDS}
            yield
            for kind in KINDS:
                after = held(kind)
                if after != before[kind]:
                    self._write(cursor, kind, session, after)

    def _newer(self, cursor: Cursor) -> list[tuple[str, str, int, bytes]]:
        (newest,) = cursor.execute("SELECT max(version) FROM control").fetchone()
        if newest is None or newest == self._seen:
            return []
        if self._seen and newest - self._seen > _KEPT_VERSIONS:
            self._seen = 0
            self._forget()
        found: list[tuple[str, str, int, bytes]] = cursor.execute(
            "SELECT kind, session, version, held FROM control WHERE version > ? ORDER BY version",
            (self._seen,),
        ).fetchall()
        return found

    def _apply(self, rows: list[tuple[str, str, int, bytes]]) -> None:
        for kind, session, version, held in rows:
            self._take(kind, session, msgspec.msgpack.decode(held))
            self._seen = max(self._seen, version)

    def _write(self, cursor: Cursor, kind: str, session: str, held: Held) -> None:
        version = self._seen + 1
        cursor.execute(
            "INSERT OR REPLACE INTO control VALUES (?, ?, ?, ?)",
            (kind, session, version, msgspec.msgpack.encode(held)),
        )
        cursor.execute(
            "DELETE FROM control WHERE held = ? AND version <= ?",
            (_NOTHING, version - _KEPT_VERSIONS),
        )
        self._seen = version


KINDS = ("rules", "faults")
