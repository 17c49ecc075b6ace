"""Which rules can match a prompt at all: found without asking each.

Each rule is entered under one condition that its prompt must meet: `equals` in a dict; the texts
of `contains`, `starts_with` and `ends_with`, and the literals that regexes require, in one
Aho-Corasick automaton. What has none is entered under the names that it wants (`model`,
`provider`, `operation`), or always comes along.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from mockllm.core.conditions import NAMES, Condition, NameIs, TextIs, TextMatches
from mockllm.core.needles import Needles
from mockllm.core.subject import Subject
from mockllm.core.text import normalize

_CHEAP_NAMES = ("model", "operation", "provider")


class Index(Struct, frozen=True):
    """`candidates` is a superset of the rules that match, by their numbers."""

    equal: dict[str, tuple[int, ...]]
    equal_normalized: dict[str, tuple[int, ...]]
    needles: Needles
    folded_needles: Needles
    normalized_needles: Needles
    named: dict[tuple[str, str], tuple[int, ...]]
    others: tuple[int, ...]
    reads_normalized: bool
    is_empty: bool

    def candidates(self, subject: Subject) -> list[int]:
        """Return the numbers of the rules that may match, in order."""
        if self.is_empty:
            return []
        found = set(self.others)
        for text in subject.prompts:
            found |= self.of_text(text)
        if self.named:
            for key in _CHEAP_NAMES:
                for name in NAMES[key](subject):
                    found.update(self.named.get((key, name), ()))
        return sorted(found)

    def of_text(self, text: str) -> set[int]:
        """Return the numbers of the rules that may match a prompt whatever else the request
        holds, without those that are entered under a name."""
        found = set(self.others)
        found.update(self.equal.get(text, ()))
        found |= self.needles.find(text)
        found |= self.folded_needles.find(text)
        if self.reads_normalized:
            plain = normalize(text)
            found.update(self.equal_normalized.get(plain, ()))
            found |= self.normalized_needles.find(plain)
        return found


def build_index(whens: Sequence[tuple[Condition, ...]]) -> Index:
    """Return the index of rules by their conditions, each rule's number its place."""
    tables: defaultdict[str, defaultdict[object, list[int]]] = defaultdict(
        lambda: defaultdict(list)
    )
    others: list[int] = []
    for number, when in enumerate(whens):
        table, entries = _entries(when)
        if table == "others":
            others.append(number)
        for entry in entries:
            tables[table][entry].append(number)
    return Index(
        _table(tables["equal"]),
        _table(tables["equal_normalized"]),
        Needles(_table(tables["needles"]), ignore_case=False),
        Needles(_table(tables["folded"]), ignore_case=True),
        Needles(_table(tables["normalized"]), ignore_case=False),
        _table(tables["named"]),
        tuple(others),
        bool(tables["equal_normalized"] or tables["normalized"]),
        not whens,
    )


def _table(entries: defaultdict[object, list[int]]) -> dict:  # type: ignore[type-arg]
    return {key: tuple(numbers) for key, numbers in entries.items()}


def _entries(when: tuple[Condition, ...]) -> tuple[str, Iterable[object]]:
    """Return the table that a rule belongs in and what it is entered under there."""
    for enter in (_equal, _needles, _names):
        for condition in when:
            found = enter(condition)
            if found is not None:
                return found
    return "others", ()


def _equal(condition: Condition) -> tuple[str, Iterable[object]] | None:
    if isinstance(condition, TextIs) and condition.test == "equals":
        return ("equal_normalized" if condition.ignores_case else "equal"), condition.needles
    return None


def _needles(condition: Condition) -> tuple[str, Iterable[object]] | None:
    match condition:
        case TextIs(needles=needles) if all(needles):
            chosen = (max(needles, key=len),) if condition.all_of_them else needles
            return ("normalized" if condition.ignores_case else "needles"), chosen
        case TextMatches(regexes=regexes) if all(regex.literal for regex in regexes):
            folded = any(regex.literal_ignores_case for regex in regexes)
            return ("folded" if folded else "needles"), [regex.literal for regex in regexes]
        case _:
            return None


def _names(condition: Condition) -> tuple[str, Iterable[object]] | None:
    if not isinstance(condition, NameIs) or condition.key not in _CHEAP_NAMES:
        return None
    if not all(each.is_plain for each in condition.globs):
        return None
    return "named", [(condition.key, each.text) for each in condition.globs]
