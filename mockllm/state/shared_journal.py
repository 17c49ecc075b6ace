"""What was asked and what was answered: the newest exchanges of all processes that share a file."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from sqlite3 import Cursor

from mockllm.core.exchange import Exchange
from mockllm.core.protocol import Offload, call
from mockllm.state.database import Database
from mockllm.state.journal import MAX_BYTES, MAX_ENTRIES, Wanted, anything
from mockllm.state.stored_exchange import decode, encode

logger = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (
    number INTEGER PRIMARY KEY, session BLOB NOT NULL, bytes INTEGER NOT NULL, entry BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS journal_totals (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    written INTEGER NOT NULL, entries INTEGER NOT NULL, bytes INTEGER NOT NULL
);
INSERT OR IGNORE INTO journal_totals VALUES (1, 0, 0, 0);
CREATE TRIGGER IF NOT EXISTS journal_added AFTER INSERT ON journal BEGIN
    UPDATE journal_totals
        SET written = new.number, entries = entries + 1, bytes = bytes + new.bytes;
END;
CREATE TRIGGER IF NOT EXISTS journal_removed AFTER DELETE ON journal BEGIN
    UPDATE journal_totals SET entries = entries - 1, bytes = bytes - old.bytes;
END
"""
_INSERT = "INSERT INTO journal SELECT written + 1, ?, ?, ? FROM journal_totals"
_TOTALS = "SELECT written, entries, bytes FROM journal_totals"
_ALL = "SELECT number, entry FROM journal ORDER BY number DESC"
_OF_SESSION = "SELECT number, entry FROM journal WHERE session = ? ORDER BY number DESC"
_NAMING = "SELECT number, entry FROM journal WHERE instr(entry, ?) ORDER BY number DESC"
_SESSIONS = """
SELECT number, entry FROM journal
WHERE number IN (SELECT max(number) FROM journal GROUP BY session)
ORDER BY number DESC LIMIT ?
"""
_SINCE = "SELECT number, entry FROM journal WHERE number > ? ORDER BY number"
_SIZES = "SELECT number, bytes FROM journal ORDER BY number"
_DELETE = "DELETE FROM journal WHERE number = ?"
_SLACK = 64
"""What is beyond a bound goes together with a 64th of what may stay, so that it is rare."""


def stay() -> None:
    """Give nobody a turn: the `give_way` of threads, which get theirs anyway."""


class _Batch:
    """Entries that are written together. Who holds the `gate` writes them; the others wait."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, bytes, bytes]] = []
        """Each with its id and its session."""
        self.gate = threading.Lock()
        self.gate.acquire()


class SharedJournal:
    """The `Journal` of all processes. An entry is the newest of all when it is written; `also` is
    run in the same transaction, for what is counted with it. An entry that cannot be written is
    told of in the log, and no client is held up by it.

    Most of what a transaction costs it costs whatever is in it, so the first of several gives way
    to those who are about to write too, and writes for all of them."""

    def __init__(
        self,
        database: Database,
        also: Callable[[Cursor], object],
        max_entries: int = MAX_ENTRIES,
        max_bytes: int = MAX_BYTES,
        give_way: Callable[[], None] = stay,
    ) -> None:
        database.add(_SCHEMA)
        self._database = database
        self._also = also
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._give_way = give_way
        self._batch: _Batch | None = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._totals()[1]

    @property
    def written(self) -> int:
        """How many were ever written: the number of the newest."""
        return self._totals()[0]

    @property
    def waiting(self) -> int:
        """How many entries are about to be written."""
        batch = self._batch
        return len(batch.entries) if batch else 0

    def write(self, exchange: Exchange) -> None:
        """As `Journal.write`."""
        try:
            entry = exchange.id, _name(exchange.session), encode(exchange)
        except Exception as error:  # noqa: BLE001  # whatever it is, the client gets its answer
            _tell([exchange.id], error)
            return
        with self._lock:
            batch, is_first = self._batch or _Batch(), self._batch is None
            self._batch = batch
            batch.entries.append(entry)
        if is_first:
            self._write(batch)
        else:
            with batch.gate:
                pass

    def _write(self, batch: _Batch) -> None:
        try:
            with suppress(Exception):  # who cannot give way writes at once
                self._give_way()
        finally:
            with self._lock:
                self._batch = None
            try:
                with self._database.transaction as cursor:
                    self._insert(cursor, batch)
            except Exception as error:  # noqa: BLE001  # as above
                _tell([name for name, _, _ in batch.entries], error)
            finally:
                batch.gate.release()

    def _insert(self, cursor: Cursor, batch: _Batch) -> None:
        for _, session, entry in batch.entries:
            cursor.execute(_INSERT, (session, len(entry), entry))
        self._also(cursor)
        _, entries, size = cursor.execute(_TOTALS).fetchone()
        if entries > self._max_entries or size > self._max_bytes:
            self._make_room(cursor, entries, size)

    def find(
        self,
        wanted: Wanted = anything,
        session: str | None = None,
        offload: Offload = call,
    ) -> list[Exchange]:
        """As `Journal.find`."""
        rows = self._rows(session)
        return [exchange for _, exchange in offload(lambda: list(_those(rows, wanted)))]

    def get(self, name: str) -> Exchange | None:
        """As `Journal.get`."""
        with self._database.reading as cursor:
            rows = cursor.execute(_NAMING, (name.encode(errors="surrogatepass"),)).fetchall()
        return next((each for _, each in _those(rows, lambda each: each.is_named(name))), None)

    def sessions(self, most: int) -> list[Exchange]:
        """As `Journal.sessions`."""
        with self._database.reading as cursor:
            rows = cursor.execute(_SESSIONS, (most,)).fetchall()
        return [decode(entry) for _, entry in rows]

    def since(self, number: int) -> tuple[list[Exchange], int]:
        """As `Journal.since`."""
        with self._database.reading as cursor:
            rows = cursor.execute(_SINCE, (number,)).fetchall()
        return [decode(entry) for _, entry in rows], rows[-1][0] if rows else number

    def forget(
        self,
        wanted: Wanted = anything,
        session: str | None = None,
        offload: Offload = call,
    ) -> int:
        """As `Journal.forget`."""
        rows = self._rows(session)
        numbers = offload(lambda: [(number,) for number, _ in _those(rows, wanted)])
        with self._database.transaction as cursor:
            return cursor.executemany(_DELETE, numbers).rowcount

    def _totals(self) -> tuple[int, int]:
        with self._database.reading as cursor:
            written, entries, _ = cursor.execute(_TOTALS).fetchone()
        return written, entries

    def _rows(self, session: str | None) -> list[tuple[int, bytes]]:
        """Return the numbers and contents of all entries or of a session's, the newest first."""
        with self._database.reading as cursor:
            if session is None:
                return cursor.execute(_ALL).fetchall()
            return cursor.execute(_OF_SESSION, (_name(session),)).fetchall()

    def _make_room(self, cursor: Cursor, entries: int, size: int) -> None:
        """Delete the oldest that are too many or too much."""
        surplus = entries - self._max_entries + self._max_entries // _SLACK
        surplus_bytes = size - self._max_bytes + self._max_bytes // _SLACK
        oldest = []
        for number, entry_bytes in cursor.execute(_SIZES):
            if surplus <= 0 and surplus_bytes <= 0:
                break
            oldest.append((number,))
            surplus -= 1
            surplus_bytes -= entry_bytes
        cursor.executemany(_DELETE, oldest)


def _those(rows: Iterable[tuple[int, bytes]], wanted: Wanted) -> Iterator[tuple[int, Exchange]]:
    for number, entry in rows:
        exchange = decode(entry)
        if wanted(exchange):
            yield number, exchange


def _tell(names: Iterable[str], error: Exception) -> None:
    for name in names:
        logger.error("request %s is not in the journal: %s", name, error)


def _name(session: str) -> bytes:
    return session.encode(errors="surrogatepass")
