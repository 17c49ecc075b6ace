"""When each entry of `chaos` was first loaded, which its window counts from."""

from __future__ import annotations

from collections.abc import Iterable

from mockllm.state.database import Database

_SCHEMA = "CREATE TABLE IF NOT EXISTS births (identity TEXT PRIMARY KEY, at_s REAL) WITHOUT ROWID;"
_ALL = "SELECT identity, at_s FROM births"
_ADD = "INSERT OR IGNORE INTO births VALUES (?, ?)"
_DELETE = "DELETE FROM births WHERE identity = ?"


class Births:
    """Unix times by the entries' identities; processes that share a database agree on them."""

    def __init__(self, database: Database | None) -> None:
        if database is not None:
            database.add(_SCHEMA)
        self._database = database
        self._times: dict[str, float] = {}

    def keep(self, identities: Iterable[str], now_s: float) -> None:
        """Note that these are loaded now, unless they were already; what is gone begins anew."""
        self._times = {each: self._times.get(each, now_s) for each in identities}

    def share(self) -> None:
        """Take the times of processes that loaded something earlier, and tell them ours."""
        if self._database is None:
            return
        with self._database.transaction as cursor:
            told = dict(cursor.execute(_ALL).fetchall())
            cursor.executemany(_DELETE, [(each,) for each in told.keys() - self._times.keys()])
            cursor.executemany(_ADD, self._times.items())
        self._times = {each: told.get(each, at_s) for each, at_s in self._times.items()}

    def of(self, identity: str, now_s: float) -> float:
        """Return when an entry was first loaded; `now_s` when that is about to be noted."""
        return self._times.get(identity, now_s)
