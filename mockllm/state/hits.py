"""How often each rule has answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from mockllm.core.fallback import AUTOMATIC, BUILT_IN
from mockllm.core.rules import Rule, Ruleset

_ANSWER = "answer "


class Hits:
    """Counts by the rules' identities, since each was first loaded. Safe under threads."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def count(self, rule: Rule) -> None:
        """Count an answer of a rule."""
        key = _key(rule)
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + 1

    def of(self, rule: Rule) -> int:
        """Return how often a rule has answered."""
        return self._counts.get(_key(rule), 0)

    def answers(self, ruleset: Ruleset) -> Iterator[tuple[Rule, int]]:
        """Yield the rules of `answers` that have answered, and how often."""
        for key, count in tuple(self._counts.items()):
            if key.startswith(_ANSWER) and key.removeprefix(_ANSWER) in ruleset.answers:
                yield ruleset.answers[key.removeprefix(_ANSWER)], count

    def keep(self, ruleset: Ruleset, sent: frozenset[str]) -> None:
        """Forget the counts of all but a ruleset, the identities of `sent` rules, and what is said
        without a rule."""
        built_in = (ruleset.unknown, BUILT_IN, AUTOMATIC)
        known = sent.union(rule.identity for rule in (*ruleset.rules, *built_in))
        with self._lock:
            self._counts = {
                key: count
                for key, count in self._counts.items()
                if key in known
                or (key.startswith(_ANSWER) and key.removeprefix(_ANSWER) in ruleset.answers)
            }


def _key(rule: Rule) -> str:
    return rule.identity or f"{_ANSWER}{rule.name}"
