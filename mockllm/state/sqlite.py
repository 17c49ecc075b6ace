"""State in a SQLite file, which several processes share, with the bounds of that in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from mockllm.state.database import Database
from mockllm.state.memory import MAX_BYTES, MAX_CELLS_PER_KIND, MAX_SESSIONS

V = TypeVar("V")

_STALE = 4
"""A session's use is noted when a quarter as many values as there may be sessions have changed
since it was last noted."""

_SLACK = 16
"""What is beyond a bound goes together with a sixteenth of what may stay, so that looking for
the oldest is rare."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS cells (
    changed INTEGER PRIMARY KEY,
    session BLOB NOT NULL,
    kind TEXT NOT NULL,
    key BLOB NOT NULL,
    value BLOB NOT NULL,
    bytes INTEGER,
    UNIQUE (session, kind, key)
);
CREATE INDEX IF NOT EXISTS cells_heavy ON cells (changed, bytes) WHERE bytes IS NOT NULL;
CREATE TABLE IF NOT EXISTS cells_kinds (
    session BLOB NOT NULL,
    kind TEXT NOT NULL,
    cells INTEGER NOT NULL,
    PRIMARY KEY (session, kind)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cells_sessions (
    session BLOB PRIMARY KEY,
    used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS cells_sessions_used ON cells_sessions (used);
CREATE TABLE IF NOT EXISTS cells_totals (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    sessions INTEGER NOT NULL,
    bytes INTEGER NOT NULL
);
INSERT OR IGNORE INTO cells_totals VALUES (1, 0, 0);
CREATE TRIGGER IF NOT EXISTS cells_added AFTER INSERT ON cells BEGIN
    INSERT INTO cells_kinds VALUES (new.session, new.kind, 1)
        ON CONFLICT (session, kind) DO UPDATE SET cells = cells + 1;
END;
CREATE TRIGGER IF NOT EXISTS cells_removed AFTER DELETE ON cells BEGIN
    UPDATE cells_kinds SET cells = cells - 1 WHERE session = old.session AND kind = old.kind;
    DELETE FROM cells_kinds WHERE session = old.session AND kind = old.kind AND cells = 0;
    DELETE FROM cells_sessions WHERE session = old.session
        AND NOT EXISTS (SELECT 1 FROM cells_kinds WHERE session = old.session);
END;
CREATE TRIGGER IF NOT EXISTS cells_heavy_added AFTER INSERT ON cells
WHEN new.bytes IS NOT NULL BEGIN
    UPDATE cells_totals SET bytes = bytes + new.bytes;
END;
CREATE TRIGGER IF NOT EXISTS cells_heavy_changed AFTER UPDATE ON cells
WHEN new.bytes IS NOT old.bytes BEGIN
    UPDATE cells_totals SET bytes = bytes + coalesce(new.bytes, 0) - coalesce(old.bytes, 0);
END;
CREATE TRIGGER IF NOT EXISTS cells_heavy_removed AFTER DELETE ON cells
WHEN old.bytes IS NOT NULL BEGIN
    UPDATE cells_totals SET bytes = bytes - old.bytes;
END;
CREATE TRIGGER IF NOT EXISTS cells_sessions_added AFTER INSERT ON cells_sessions BEGIN
    UPDATE cells_totals SET sessions = sessions + 1;
END;
CREATE TRIGGER IF NOT EXISTS cells_sessions_removed AFTER DELETE ON cells_sessions BEGIN
    UPDATE cells_totals SET sessions = sessions - 1;
END
"""
"""Rows of `cells` are numbered in the order in which they were last changed. `bytes` is the size of
a value that is bytes, which is kept as it is; the others are MessagePack. A session's `used` is the
number that its newest change had, or a little less. How many there are is counted by triggers."""

_FIND = """
SELECT max(
        ifnull((SELECT max(changed) FROM cells), 0),
        ifnull((SELECT max(used) FROM cells_sessions), 0)
    ),
    (SELECT used FROM cells_sessions WHERE session = ?1),
    changed, value, bytes
FROM (SELECT 1) LEFT JOIN cells ON session = ?1 AND kind = ?2 AND key = ?3
"""
_CHANGE = "UPDATE cells SET value = ? WHERE changed = ?"
_REPLACE = "UPDATE cells SET changed = ?, value = ?, bytes = ? WHERE changed = ?"
_INSERT = "INSERT INTO cells VALUES (?, ?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM cells WHERE changed = ?"
_READ = "SELECT value, bytes FROM cells WHERE session = ? AND kind = ? AND key = ?"
_READ_ALL = "SELECT value, bytes FROM cells WHERE session = ? AND kind = ? ORDER BY changed"
_USE = "INSERT INTO cells_sessions VALUES (?, ?) ON CONFLICT (session) DO UPDATE SET used = ?2"
_COUNT_CELLS = "SELECT cells FROM cells_kinds WHERE session = ? AND kind = ?"
_COUNT_SESSIONS = "SELECT sessions FROM cells_totals"
_COUNT_BYTES = "SELECT bytes FROM cells_totals"
_DELETE_OLDEST_CELLS = """
DELETE FROM cells WHERE changed IN
    (SELECT changed FROM cells WHERE session = ? AND kind = ? ORDER BY changed LIMIT ?)
"""
_DELETE_OLDEST_SESSIONS = """
DELETE FROM cells WHERE session IN (SELECT session FROM cells_sessions ORDER BY used LIMIT ?)
"""
_OLDEST_BYTES = """
SELECT changed, bytes FROM cells INDEXED BY cells_heavy WHERE bytes IS NOT NULL ORDER BY changed
"""
_DELETE_SESSION = "DELETE FROM cells WHERE session = ?"

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class SqliteCells:
    """`Cells` in a SQLite file: one for all processes that have the same file."""

    def __init__(
        self,
        database: Database,
        max_sessions: int = MAX_SESSIONS,
        max_cells_per_kind: int = MAX_CELLS_PER_KIND,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._database = database
        self._max_sessions = max_sessions
        self._max_cells = max_cells_per_kind
        self._max_bytes = max_bytes
        database.add(SCHEMA)

    def update(
        self, session: str, kind: str, key: bytes | str, change: Callable[[V | None], V]
    ) -> V:
        """As `Cells.update`."""
        place = (_name(session), kind, _name(key))
        with self._database.transaction as cursor:
            newest, used, changed, stored, size = cursor.execute(_FIND, place).fetchone()
            value = change(None if changed is None else _value(stored, size))
            if value is None:
                cursor.execute(_DELETE, (changed,))
                return value
            row = (value, len(value)) if isinstance(value, bytes) else (_encode(value), None)
            number = newest + 1
            if changed is None:
                cursor.execute(_INSERT, (number, *place, *row))
                self._bound_cells(cursor, place)
            elif changed == newest and size is row[1] is None:
                # it is the newest already, and its row can stay: one page is written, not three
                number = newest
                cursor.execute(_CHANGE, (row[0], changed))
            else:
                cursor.execute(_REPLACE, (number, *row, changed))
            if used is None or number - used > self._max_sessions // _STALE:
                cursor.execute(_USE, (place[0], number))
                self._bound_sessions(cursor)
            if row[1] is not None:
                self._bound_bytes(cursor)
            return value

    def read(self, session: str, kind: str, key: bytes | str) -> Any:
        """As `Cells.read`."""
        with self._database.reading as cursor:
            found = cursor.execute(_READ, (_name(session), kind, _name(key))).fetchone()
        return None if found is None else _value(*found)

    def read_all(self, session: str, kind: str) -> list[Any]:
        """As `Cells.read_all`."""
        with self._database.reading as cursor:
            found = cursor.execute(_READ_ALL, (_name(session), kind)).fetchall()
        return [_value(*each) for each in found]

    def forget(self, session: str) -> bool:
        """As `Cells.forget`."""
        with self._database.transaction as cursor:
            return cursor.execute(_DELETE_SESSION, (_name(session),)).rowcount > 0

    def _bound_cells(self, cursor: sqlite3.Cursor, place: tuple[bytes, str, bytes]) -> None:
        (count,) = cursor.execute(_COUNT_CELLS, place[:2]).fetchone()
        if count > self._max_cells:
            surplus = count - self._max_cells + self._max_cells // _SLACK
            cursor.execute(_DELETE_OLDEST_CELLS, (*place[:2], surplus))

    def _bound_sessions(self, cursor: sqlite3.Cursor) -> None:
        (count,) = cursor.execute(_COUNT_SESSIONS).fetchone()
        if count > self._max_sessions:
            surplus = count - self._max_sessions + self._max_sessions // _SLACK
            cursor.execute(_DELETE_OLDEST_SESSIONS, (surplus,))

    def _bound_bytes(self, cursor: sqlite3.Cursor) -> None:
        (total,) = cursor.execute(_COUNT_BYTES).fetchone()
        surplus = total - self._max_bytes
        if surplus <= 0:
            return
        numbers = []
        for number, size in cursor.execute(_OLDEST_BYTES):
            numbers.append((number,))
            surplus -= size
            if surplus <= 0:
                break
        cursor.executemany(_DELETE, numbers)


def _name(name: bytes | str) -> bytes:
    """Return a session or key as bytes; a text and bytes never have the same."""
    return b"b" + name if isinstance(name, bytes) else b"t" + name.encode(errors="surrogatepass")


def _value(stored: bytes, size: int | None) -> Any:
    return _plain(_decode(stored)) if size is None else stored


def _plain(value: Any) -> Any:
    """Return a value with tuples where MessagePack has arrays."""
    return tuple(map(_plain, value)) if isinstance(value, list) else value
