"""State in a file, among processes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from mockllm.core.fallback import AUTOMATIC
from mockllm.core.model import ObjectName
from mockllm.core.objects import StoredObject
from mockllm.state.base import Cells, count
from mockllm.state.database import Database
from mockllm.state.hits import SharedHits
from mockllm.state.objects import SessionObjects
from mockllm.state.shared_journal import SharedJournal
from mockllm.state.sqlite import SqliteCells
from tests.state.exchanges import exchange, ids

NAME = ObjectName("conversation", "conv_1")
MANY = 500
PROCESSES = 4
Work = Callable[[Cells, int], object]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


@pytest.fixture
def cells(file: Path) -> Iterator[Cells]:
    with closing(Database(file)) as database:
        yield SqliteCells(database)


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, context) as processes:
        list(processes.map(os.path.exists, ["."] * PROCESSES))
        yield processes


def everywhere(processes: ProcessPoolExecutor, work: Work, file: Path, **bounds: int) -> list[Any]:
    """Do some work with one file in every process at once; return what it gave."""
    futures = [processes.submit(worked, work, file, number, bounds) for number in range(PROCESSES)]
    return [future.result(60) for future in futures]


def worked(work: Work, file: Path, number: int, bounds: dict[str, int]) -> Any:
    with closing(Database(file)) as database:
        return work(SqliteCells(database, **bounds), number)


def count_many(cells: Cells, _: int) -> list[int]:
    return [cells.update("s", "kind", "key", count) for _ in range(MANY)]


def add_items(cells: Cells, process: int) -> None:
    objects = SessionObjects(cells, "s")
    for number in range(50):
        item = {"process": process, "number": number}
        objects.change(NAME, lambda found, item=item: with_item(found, item))  # type: ignore[misc]


def with_item(found: StoredObject, item: dict[str, int]) -> StoredObject:
    return structs.replace(found, items=(*found.items, item))


def count_keys(cells: Cells, process: int) -> None:
    for number in range(100):
        cells.update("s", "kind", f"{process} {number}", count)
        cells.update(f"{process} {number}", "kind", "key", count)


def write_bytes(cells: Cells, process: int) -> None:
    for number in range(50):
        cells.update("s", f"kind {process}", f"{number}", lambda _: b"x" * 100)


def hold_and_release(cells: Cells, _: int) -> int:
    """Return the most that were held at any time."""
    most = 0
    for _ in range(MANY):
        most = max(most, cells.update("s", "kind", "key", count))
        cells.update("s", "kind", "key", one_less)
    return most


def one_less(value: int | None) -> int | None:
    return value - 1 if value and value > 1 else None


def test_no_count_is_lost_or_given_twice(processes: ProcessPoolExecutor, file: Path) -> None:
    numbers = [number for each in everywhere(processes, count_many, file) for number in each]

    assert sorted(numbers) == list(range(1, PROCESSES * MANY + 1))


def test_no_change_of_bytes_is_lost(
    processes: ProcessPoolExecutor, file: Path, cells: Cells
) -> None:
    objects = SessionObjects(cells, "s")
    objects.put(NAME.kind, StoredObject(NAME.id, {}))

    everywhere(processes, add_items, file)

    found = objects.get(NAME)
    assert found is not None
    assert len(found.items) == PROCESSES * 50
    assert len({tuple(item.values()) for item in found.items}) == PROCESSES * 50


def test_bounds_hold(processes: ProcessPoolExecutor, file: Path, cells: Cells) -> None:
    everywhere(processes, count_keys, file, max_cells_per_kind=40, max_sessions=40)

    left = [
        name
        for process in range(PROCESSES)
        for number in range(100)
        if cells.read(name := f"{process} {number}", "kind", "key")
    ]
    assert 30 <= len(left) <= 40
    assert len(cells.read_all("s", "kind")) <= 40


def test_bound_of_bytes_holds(processes: ProcessPoolExecutor, file: Path, cells: Cells) -> None:
    everywhere(processes, write_bytes, file, max_bytes=1_050)

    kept = [cells.read_all("s", f"kind {process}") for process in range(PROCESSES)]
    assert sum(map(len, kept)) == 10


def test_session_is_forgotten_everywhere(
    processes: ProcessPoolExecutor, file: Path, cells: Cells
) -> None:
    cells.update("s", "kind", "key", count)
    everywhere(processes, count_many, file)

    assert cells.forget("s")

    assert everywhere(processes, read_key, file) == [None] * PROCESSES


def read_key(cells: Cells, _: int) -> object:
    return cells.read("s", "kind", "key")


def test_what_is_held_is_released(processes: ProcessPoolExecutor, file: Path, cells: Cells) -> None:
    most = everywhere(processes, hold_and_release, file)

    assert max(most) <= PROCESSES
    assert not cells.forget("s")


def test_no_entry_of_the_journal_is_lost_or_counted_twice(
    processes: ProcessPoolExecutor, file: Path
) -> None:
    futures = [processes.submit(write_entries, file, number) for number in range(PROCESSES)]
    for future in futures:
        future.result(60)

    with closing(Database(file)) as database:
        hits = SharedHits(database)
        journal = SharedJournal(database, hits.save)
        assert (len(journal), journal.written) == (PROCESSES * 50, PROCESSES * 50)
        assert len(set(ids(journal.find()))) == PROCESSES * 50
        assert len(journal.find(session="3")) == 50
        assert hits.of(AUTOMATIC) == PROCESSES * 50


def write_entries(file: Path, process: int) -> None:
    with closing(Database(file)) as database:
        hits = SharedHits(database)
        journal = SharedJournal(database, hits.save)
        for number in range(50):
            hits.count(AUTOMATIC)
            journal.write(exchange(f"{process} {number}", session=str(process)))


def test_processes_that_begin_together_make_one_file(
    processes: ProcessPoolExecutor, tmp_path: Path
) -> None:
    for number in range(10):
        file = tmp_path / f"{number}.sqlite"

        found = everywhere(processes, count_once, file)

        assert sorted(found) == [1, 2, 3, 4]


def count_once(cells: Cells, _: int) -> int:
    return cells.update("s", "kind", "key", count)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_fork_of_a_connected_process_connects_anew(
    processes: ProcessPoolExecutor, file: Path, cells: Cells
) -> None:
    future = processes.submit(worked, fork_and_count, file, 0, {})

    assert future.result(60) == 0
    assert cells.read("s", "kind", "key") == 2 * MANY + 1


def fork_and_count(cells: Cells, _: int) -> int:
    """Count here and in a fork at the same time; return the exit code of the fork."""
    cells.update("s", "kind", "key", count)
    pid = os.fork()
    if pid == 0:
        try:
            count_many(cells, 0)
            os._exit(0)
        finally:
            os._exit(1)
    count_many(cells, 0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_process_that_is_killed_in_a_transaction_leaves_nothing_of_it(
    processes: ProcessPoolExecutor, file: Path, cells: Cells
) -> None:
    cells.update("s", "kind", "key", count)
    context = multiprocessing.get_context("spawn")
    killed = context.Process(target=worked, args=(count_and_die, file, 0, {}))
    killed.start()
    killed.join(60)

    assert killed.exitcode == 9
    assert cells.update("s", "kind", "key", count) == 2


def count_and_die(cells: Cells, _: int) -> None:
    cells.update("s", "kind", "key", die)


def die(_: object) -> object:
    os._exit(9)
