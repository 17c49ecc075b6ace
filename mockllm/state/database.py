"""The one SQLite file that the processes of a server share.

Everything that is kept in it goes through a `Database`: it owns the connection, the pragmas and
the transactions. Whoever keeps something brings a schema, of `CREATE ... IF NOT EXISTS` statements
for tables that begin with the same word, and runs statements in a transaction:

    database.add(SCHEMA)
    with database.transaction as cursor:
        cursor.execute("INSERT INTO journal VALUES (?, ?)", (number, line))

A transaction begins with the right to write (BEGIN IMMEDIATE), so what is read in it is still so
when it writes. It ends with the block: whole, or, when the block raises, not at all. Keep it short
and do not wait in it: nobody else writes meanwhile. `with database.reading as cursor` is for one
SELECT, whose rows are fetched in the block; it waits for nobody. A process has its `Database` as
`Runtime.database`, None where state is in memory.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

if sys.platform != "win32":
    import fcntl

VERSION = 1
"""Of all schemas together: a file of another version is not used."""

_APPLICATION = 0x6D6F636B
_WAIT_S = 5.0
"""How long a transaction waits for a program that is none of ours."""
_PAGE_BYTES = 1024
"""Every change writes whole pages: with SQLite's 4096 an entry of the journal takes 83 us to write,
with these 54."""

_PRAGMAS = f"""
PRAGMA synchronous = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA journal_size_limit = {16 * 1024 * 1024};
"""
_left_behind: list[sqlite3.Connection] = []
"""Connections of the process that this one was forked from. They must not be closed here."""


DatabaseError = sqlite3.Error
"""What a transaction raises when it cannot be."""


class UnusableFile(Exception):
    """A file cannot hold what is shared; the message says why."""


class Database:
    """A SQLite file, with one connection in each process, made when it is first needed.

    Safe under threads, which take turns, and under greenlets, because nothing in a transaction
    gives another one its turn. A process that is forked connects anew.

    Processes take turns by a lock on a file beside it: the kernel wakes the next one at once, where
    SQLite has each try again after ever longer pauses (four that did nothing else: at most 50 ms
    each, without it 2 s).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.transaction = _Transaction(self)
        self.reading = _Reading(self)
        self._schemas: list[str] = []
        self._connection: sqlite3.Connection | None = None
        self._cursor: sqlite3.Cursor | None = None
        self._turns = -1
        self._connected_in = 0
        self._lock = threading.Lock()

    def add(self, schema: str) -> None:
        """Bring the tables that somebody needs; before the first transaction."""
        self._schemas.append(schema)

    def check(self) -> None:
        """Make the file when it is not there, and leave no connection.

        Raises:
            UnusableFile: it cannot be used.
        """
        try:
            with self.reading:
                pass
        except (sqlite3.Error, OSError) as error:
            raise UnusableFile(str(error)) from None
        self.close()

    def close(self) -> None:
        """End the connection of this process; the next transaction makes another."""
        with self._lock:
            self._leave_behind()
            if self._connection is not None:
                self._connection.close()
                os.close(self._turns)
            self._connection = self._cursor = None

    def acquire(self) -> sqlite3.Cursor:
        """Return the cursor of this process, for the one who asks alone until `release`."""
        self._lock.acquire()
        if self._cursor is not None and self._connected_in == os.getpid():
            return self._cursor
        try:
            return self._connect()
        except BaseException:
            self._lock.release()
            raise

    def release(self) -> None:
        """Let others have the cursor."""
        self._lock.release()

    def take_turn(self) -> None:
        """Wait until no other process is in a transaction; a process that ends has had its turn."""
        if sys.platform != "win32":
            fcntl.flock(self._turns, fcntl.LOCK_EX)

    def end_turn(self) -> None:
        """Let the next process begin."""
        if sys.platform != "win32":
            fcntl.flock(self._turns, fcntl.LOCK_UN)

    def _connect(self) -> sqlite3.Cursor:
        self._leave_behind()
        _make_private(self.path)
        connection = sqlite3.connect(
            self.path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
        )
        self._turns = os.open(f"{self.path}-turns", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self.take_turn()
            _prepare(connection, self._schemas)
            self.end_turn()
        except BaseException:
            os.close(self._turns)
            connection.close()
            raise
        self._connection, self._cursor = connection, connection.cursor()
        self._connected_in = os.getpid()
        return self._cursor

    def _leave_behind(self) -> None:
        """Let go of what another process has connected: this one is its fork."""
        if self._connection is not None and self._connected_in != os.getpid():
            _left_behind.append(self._connection)
            self._connection = self._cursor = None
            os.close(self._turns)


def _make_private(path: Path) -> None:
    """Make a file that is not there for its owner only: what clients send is kept in it, with
    their keys. SQLite makes its other files alike."""
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare(connection: sqlite3.Connection, schemas: list[str]) -> None:
    """Set a connection up, and the file too when it is new.

    Raises:
        UnusableFile: the file is not ours, or not of this version.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application != _APPLICATION and (application or version or tables):
        raise UnusableFile("it is a database of another program")
    if application == _APPLICATION and version != VERSION:
        raise UnusableFile("another version of mockllm has written it: delete it")
    connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")  # of a new file only
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise UnusableFile("no write-ahead log can be where it is")
    connection.executescript(_PRAGMAS)
    if application != _APPLICATION:
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
    for schema in schemas:
        connection.executescript(schema)


class _Reading:
    """The cursor of a database, for one SELECT."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> sqlite3.Cursor:
        return self._database.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.release()


class _Transaction:
    """The cursor of a database within a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> sqlite3.Cursor:
        cursor = self._database.acquire()
        try:
            self._database.take_turn()
            cursor.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._database.end_turn()
            self._database.release()
            raise
        self._cursor = cursor
        return cursor

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        cursor = self._cursor
        try:
            cursor.execute("COMMIT" if kind is None else "ROLLBACK")
        except BaseException:
            if cursor.connection.in_transaction:
                cursor.connection.rollback()
            raise
        finally:
            self._database.end_turn()
            self._database.release()
