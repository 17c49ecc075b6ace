"""The file that processes share."""

from __future__ import annotations

import sqlite3
import stat
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from mockllm.state.base import count
from mockllm.state.database import Database, UnusableFile
from mockllm.state.sqlite import SqliteCells

SCHEMA = "CREATE TABLE IF NOT EXISTS notes (number INTEGER PRIMARY KEY, note TEXT)"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "state.sqlite")
    database.add(SCHEMA)
    yield database
    database.close()


def note(database: Database, text: str) -> None:
    with database.transaction as cursor:
        cursor.execute("INSERT INTO notes (note) VALUES (?)", (text,))


def notes(database: Database) -> list[str]:
    with database.reading as cursor:
        return [text for (text,) in cursor.execute("SELECT note FROM notes ORDER BY number")]


def test_what_is_written_is_read(database: Database) -> None:
    note(database, "a")

    assert notes(database) == ["a"]


def test_transaction_that_fails_changes_nothing(database: Database) -> None:
    note(database, "a")

    with pytest.raises(ZeroDivisionError), database.transaction as cursor:
        assert cursor.execute("DELETE FROM notes").rowcount / 0

    assert notes(database) == ["a"]


def test_statement_that_fails_leaves_the_file_usable(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError), database.transaction as cursor:
        cursor.execute("INSERT INTO nothing VALUES (1)")
    with pytest.raises(sqlite3.OperationalError), database.reading as cursor:
        cursor.execute("SELECT * FROM nothing")

    note(database, "a")
    assert notes(database) == ["a"]


def test_several_keep_their_tables_in_one_file(database: Database) -> None:
    cells = SqliteCells(database)
    note(database, "a")

    assert cells.update("s", "kind", "key", count) == 1
    assert notes(database) == ["a"]


def test_what_is_closed_is_kept_for_the_next(database: Database) -> None:
    note(database, "a")
    database.close()
    database.close()

    assert notes(database) == ["a"]


def test_threads_take_turns(database: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: note(database, str(number)), range(400)))

    assert len(notes(database)) == 400


def test_check_makes_a_file(database: Database) -> None:
    database.check()

    assert database.path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such modes")
def test_files_are_their_owners_only(database: Database) -> None:
    with database.transaction as cursor:
        cursor.execute("CREATE TABLE kept (key)")

    files = list(database.path.parent.glob(f"{database.path.name}*"))
    assert len(files) == 4
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_database_of_another_program_is_not_touched(database: Database) -> None:
    with closing(sqlite3.connect(database.path)) as other:
        other.execute("CREATE TABLE theirs (a)")
    before = database.path.read_bytes()

    with pytest.raises(UnusableFile, match="it is a database of another program"):
        database.check()

    assert database.path.read_bytes() == before


def test_file_of_another_version_is_refused(database: Database) -> None:
    database.check()
    with closing(sqlite3.connect(database.path)) as other:
        other.execute("PRAGMA user_version = 99")

    with pytest.raises(UnusableFile, match="another version of mockllm has written it"):
        database.check()


def test_file_that_is_no_database_is_refused(database: Database) -> None:
    database.path.write_text("responses: {}\n" * 100)

    with pytest.raises(UnusableFile, match="file is not a database"):
        database.check()


@pytest.mark.parametrize("name", ["missing/state.sqlite", "."])
def test_file_that_cannot_be_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableFile):
        Database(tmp_path / name).check()


def test_empty_file_is_taken(database: Database) -> None:
    database.path.touch()

    note(database, "a")

    assert notes(database) == ["a"]


def test_other_program_that_writes_is_waited_for(database: Database) -> None:
    note(database, "a")
    with (
        closing(sqlite3.connect(database.path, isolation_level=None)) as other,
        ThreadPoolExecutor(1) as threads,
    ):
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO notes (note) VALUES ('theirs')")
        written = threads.submit(note, database, "b")
        assert not written.done()
        other.execute("COMMIT")
        written.result(10)

    assert notes(database) == ["a", "theirs", "b"]
