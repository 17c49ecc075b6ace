"""Every journal: the newest entries of all sessions, bounded, and exact under threads."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mockllm.state.database import Database
from mockllm.state.journal import MAX_BYTES, MAX_ENTRIES, Journal, MemoryJournal
from mockllm.state.shared_journal import SharedJournal
from tests.state.exchanges import exchange, ids

MakeJournal = Callable[..., Journal]
"""Returns a new journal with the bounds that are given."""


def nothing(_: object) -> None:
    """What is counted together with an entry here."""


@pytest.fixture(params=["memory", "sqlite"])
def make_journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeJournal]:
    databases: list[Database] = []
    numbers = itertools.count()

    def make(max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> Journal:
        if request.param == "memory":
            return MemoryJournal(max_entries, max_bytes)
        databases.append(Database(tmp_path / f"{next(numbers)}.sqlite"))
        return SharedJournal(databases[-1], nothing, max_entries, max_bytes)

    yield make
    for database in databases:
        database.close()


def written(journal: Journal, *names: str) -> Journal:
    """Write entries; the beginning of a name, up to a slash, is its session."""
    for name in names:
        journal.write(exchange(name, session=name.partition("/")[0]))
    return journal


def test_entries_are_found_the_newest_first(make_journal: MakeJournal) -> None:
    journal = written(make_journal(), "a/1", "b/1", "a/2")

    assert ids(journal.find()) == ["a/2", "b/1", "a/1"]
    assert ids(journal.find(session="a")) == ["a/2", "a/1"]
    assert ids(journal.find(lambda each: each.id.endswith("1"))) == ["b/1", "a/1"]
    assert ids(journal.find(lambda each: each.id.endswith("1"), "a")) == ["a/1"]
    assert journal.find(session="c") == []
    assert (len(journal), journal.written) == (3, 3)


def test_long_work_is_done_where_it_is_told(make_journal: MakeJournal) -> None:
    journal = written(make_journal(), "a/1", "a/2")
    calls: list[Callable[[], object]] = []

    def offload(function: Callable[[], object]) -> object:
        calls.append(function)
        return function()

    assert ids(journal.find(offload=offload)) == ["a/2", "a/1"]
    assert journal.forget(offload=offload) == 2
    assert len(calls) == 2


def test_entry_is_found_by_its_id_and_by_what_its_answer_told(make_journal: MakeJournal) -> None:
    journal = make_journal()
    headers = (("content-type", "a/b"), ("x-request-id", "req_1"))
    journal.write(exchange("1", response_headers=headers))
    journal.write(exchange("2", b'{"prompt": "req_1"}'))

    assert [found and found.id for found in map(journal.get, ["1", "req_1", "2", "q_1"])] == [
        "1", "1", "2", None,
    ]  # fmt: skip


def test_sessions_are_listed_the_one_with_the_newest_entry_first(make_journal: MakeJournal) -> None:
    journal = written(make_journal(), "a/1", "b/1", "c/1", "a/2")

    assert ids(journal.sessions(3)) == ["a/2", "c/1", "b/1"]
    assert ids(journal.sessions(1)) == ["a/2"]


def test_entries_that_are_not_wanted_any_more_are_forgotten(make_journal: MakeJournal) -> None:
    journal = written(make_journal(), "a/1", "b/1", "a/2", "b/2")

    assert journal.forget(lambda each: each.id.endswith("1"), "a") == 1
    assert journal.forget(session="b") == 2
    assert journal.forget(session="b") == 0
    assert ids(journal.find()) == ["a/2"]
    assert (len(journal), journal.written) == (1, 4)
    assert journal.forget() == 1
    assert len(journal) == 0


def test_oldest_are_forgotten_when_there_are_too_many(make_journal: MakeJournal) -> None:
    journal = written(make_journal(max_entries=3), *map(str, range(10)))

    assert ids(journal.find()) == ["9", "8", "7"]
    assert (len(journal), journal.written) == (3, 10)


def test_oldest_are_forgotten_when_they_are_too_large(make_journal: MakeJournal) -> None:
    journal = make_journal(max_bytes=13_000)
    for number, size in enumerate((5_000, 5_000, 4_000)):
        journal.write(exchange(str(number), b"x" * size))

    assert ids(journal.find())[0] == "2"
    assert "0" not in ids(journal.find())


def test_entry_that_is_larger_than_all_may_be_is_not_kept(make_journal: MakeJournal) -> None:
    journal = written(make_journal(max_bytes=100_000), "small")
    journal.write(exchange("large", b"x" * 200_000))

    assert (len(journal), journal.written) == (0, 2)
    assert len(written(journal, "next")) == 1


def test_what_is_new_is_told_even_when_some_is_forgotten(make_journal: MakeJournal) -> None:
    journal = written(make_journal(max_entries=2), "1", "2", "3")

    assert ids(journal.since(0)[0]) == ["2", "3"]
    assert ids(journal.since(2)[0]) == ["3"]
    assert journal.since(2)[1] == 3
    assert journal.since(3) == ([], 3)


def test_numbers_are_not_given_again(make_journal: MakeJournal) -> None:
    journal = written(make_journal(), "1", "2")
    journal.forget()
    written(journal, "3")

    assert journal.written == 3
    assert ids(journal.since(2)[0]) == ["3"]


def test_no_entry_is_lost_among_8_threads(make_journal: MakeJournal) -> None:
    journal = make_journal(max_entries=1_000)
    together = threading.Barrier(8)

    def write(thread: int) -> None:
        together.wait()
        written(journal, *(f"{thread}/{number}" for number in range(50)))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(8)))

    assert (len(journal), journal.written) == (400, 400)
    assert len(set(ids(journal.find()))) == 400


def test_entry_that_cannot_be_written_fails_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    SharedJournal(Database(tmp_path / "not" / "there"), nothing).write(exchange("lost"))

    assert "request lost is not in the journal: unable to open database file" in caplog.text


def test_those_who_write_while_the_first_gives_way_are_written_with_it(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.sqlite")
    transactions: list[object] = []
    others: list[threading.Thread] = []

    def let_others_write() -> None:
        for name in ("b", "c"):
            others.append(threading.Thread(target=written, args=(journal, name)))
            others[-1].start()
        while journal.waiting < 3:
            pass

    journal = SharedJournal(database, transactions.append, give_way=let_others_write)
    journal.write(exchange("a"))
    for thread in others:
        thread.join()

    assert sorted(ids(journal.find())) == ["a", "b", "c"]
    assert len(transactions) == 1
    database.close()


def test_who_is_interrupted_while_it_gives_way_writes_all_the_same(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.sqlite")
    failures: list[BaseException] = [KeyboardInterrupt(), RuntimeError()]

    def interrupted() -> None:
        raise failures.pop(0)

    journal = SharedJournal(database, nothing, give_way=interrupted)
    with pytest.raises(KeyboardInterrupt):
        journal.write(exchange("a"))
    journal.write(exchange("b"))

    assert ids(journal.find()) == ["b", "a"]
    database.close()
