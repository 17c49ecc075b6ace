"""Where a process keeps its state: in its memory, or in a file that others have too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mockllm.core.problems import Location, Problem
from mockllm.errors import ConfigError
from mockllm.state.base import Cells
from mockllm.state.database import Database, UnusableFile
from mockllm.state.memory import MemoryCells
from mockllm.state.sqlite import SqliteCells

CHOSEN = "MOCKLLM_STATE_CHOSEN"
"""The variable in which gunicorn's master tells its workers the file, whatever the settings say by
now."""

SHARED = "MOCKLLM_STATE_SHARED"
"""The same of a master that does not know the settings: for those that name no file."""


def open_database(named: str | None, environ: Mapping[str, str]) -> Database | None:
    """Return the file that a process shares, None when it keeps its state in memory. `named` is the
    file in the settings."""
    file = environ.get(CHOSEN) or named or environ.get(SHARED)
    return Database(Path(file)) if file else None


def cells_in(database: Database | None) -> Cells:
    """Return the cells in a file, or in memory."""
    return MemoryCells() if database is None else SqliteCells(database)


def check_file(named: str | None, environ: Mapping[str, str]) -> None:
    """See that the file in the settings can be used; not in a worker, whose master has seen it.

    Raises:
        ConfigError: it cannot.
    """
    if named is None or CHOSEN in environ:
        return
    try:
        Database(Path(named)).check()
    except UnusableFile as error:
        message = f"the file of settings.state cannot be used: {error}"
        raise ConfigError((Problem(Location(named), "error", "MOCK008", message),)) from None
