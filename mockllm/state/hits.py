"""How often each rule has answered."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from sqlite3 import Cursor
from typing import Protocol

from mockllm.core.fallback import AUTOMATIC, BUILT_IN
from mockllm.core.rules import Rule, Ruleset
from mockllm.state.database import Database

_ANSWER = "answer "

_SCHEMA = "CREATE TABLE IF NOT EXISTS hits (rule TEXT PRIMARY KEY, count INTEGER) WITHOUT ROWID;"
_ADD = "INSERT INTO hits VALUES (?, ?) ON CONFLICT (rule) DO UPDATE SET count = count + ?2"
_DELETE = "DELETE FROM hits WHERE rule = ?"
_ONE = "SELECT count FROM hits WHERE rule = ?"
_ALL = "SELECT rule, count FROM hits"


class Hits(Protocol):
    """Counts by the rules' identities, since each was first loaded. Safe under threads."""

    def count(self, rule: Rule) -> None:
        """Count an answer of a rule."""

    def of(self, rule: Rule) -> int:
        """Return how often a rule has answered."""

    def answers(self, ruleset: Ruleset) -> Iterator[tuple[Rule, int]]:
        """Yield the rules of `answers` that have answered, and how often."""

    def keep(self, ruleset: Ruleset, sent: frozenset[str]) -> None:
        """Forget the counts of all but a ruleset, the identities of `sent` rules, and what is said
        without a rule."""


class MemoryHits:
    """The hits of one process."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, rule: Rule) -> None:
        """As `Hits.count`."""
        key = _key(rule)
        with self._lock:
            self._counts[key] += 1

    def of(self, rule: Rule) -> int:
        """As `Hits.of`."""
        return self._counts[_key(rule)]

    def taken(self) -> tuple[tuple[str, int], ...]:
        """Return all counts by the rules' keys, and begin anew."""
        if not self._counts:
            return ()
        with self._lock:
            taken, self._counts = self._counts, Counter()
        return tuple(taken.items())

    def answers(self, ruleset: Ruleset) -> Iterator[tuple[Rule, int]]:
        """As `Hits.answers`."""
        return _answers(tuple(self._counts.items()), ruleset)

    def keep(self, ruleset: Ruleset, sent: frozenset[str]) -> None:
        """As `Hits.keep`."""
        with self._lock:
            for key in _unknown(tuple(self._counts), ruleset, sent):
                del self._counts[key]


class SharedHits:
    """The hits of all processes that share a file. What is counted here is there for others when
    it is saved, together with what else is written of the exchange."""

    def __init__(self, database: Database) -> None:
        database.add(_SCHEMA)
        self._database = database
        self._unsaved = MemoryHits()

    def count(self, rule: Rule) -> None:
        """As `Hits.count`."""
        self._unsaved.count(rule)

    def save(self, cursor: Cursor) -> None:
        """Write down what was counted since, in a transaction that is under way."""
        for each in self._unsaved.taken():
            cursor.execute(_ADD, each)

    def of(self, rule: Rule) -> int:
        """As `Hits.of`."""
        with self._database.reading as cursor:
            found = cursor.execute(_ONE, (_key(rule),)).fetchone()
        return found[0] if found else 0

    def answers(self, ruleset: Ruleset) -> Iterator[tuple[Rule, int]]:
        """As `Hits.answers`."""
        with self._database.reading as cursor:
            found = cursor.execute(_ALL).fetchall()
        return _answers(found, ruleset)

    def keep(self, ruleset: Ruleset, sent: frozenset[str]) -> None:
        """As `Hits.keep`."""
        with self._database.transaction as cursor:
            keys = [key for key, _ in cursor.execute(_ALL)]
            cursor.executemany(_DELETE, [(key,) for key in _unknown(keys, ruleset, sent)])


def _key(rule: Rule) -> str:
    return rule.identity or f"{_ANSWER}{rule.name}"


def _answers(counts: Iterable[tuple[str, int]], ruleset: Ruleset) -> Iterator[tuple[Rule, int]]:
    for key, count in counts:
        rule = _answer(key, ruleset)
        if rule is not None:
            yield rule, count


def _answer(key: str, ruleset: Ruleset) -> Rule | None:
    return ruleset.answers.get(key.removeprefix(_ANSWER)) if key.startswith(_ANSWER) else None


def _unknown(keys: Iterable[str], ruleset: Ruleset, sent: frozenset[str]) -> list[str]:
    """Return the keys of rules that are no more."""
    built_in = (ruleset.unknown, BUILT_IN, AUTOMATIC)
    known = sent.union(rule.identity for rule in (*ruleset.rules, *built_in))
    return [key for key in keys if key not in known and _answer(key, ruleset) is None]
