"""Every back end that state can be kept in."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mockllm.state.base import Cells
from mockllm.state.database import Database
from mockllm.state.memory import MemoryCells
from mockllm.state.sqlite import SqliteCells

MakeCells = Callable[..., Cells]
"""Returns new cells with the bounds that are given."""


@pytest.fixture(params=["memory", "sqlite"])
def make_cells(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeCells]:
    databases: list[Database] = []
    numbers = itertools.count()

    def make(**bounds: int) -> Cells:
        if request.param == "memory":
            return MemoryCells(**bounds)
        databases.append(Database(tmp_path / f"{next(numbers)}.sqlite"))
        return SqliteCells(databases[-1], **bounds)

    yield make
    for database in databases:
        database.close()
