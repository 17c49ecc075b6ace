"""Which of many needles a text contains, found in one pass over it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ahocorasick  # type: ignore[import-not-found]  # it has no types


class Needles:
    """An Aho-Corasick automaton over the needles of all rules.

    It never changes once it is made, so threads may share it.
    """

    __slots__ = ("_automaton", "_ignore_case")

    def __init__(self, needles: Mapping[str, tuple[int, ...]], ignore_case: bool) -> None:
        """Build the automaton.

        `needles`: each, never empty, with the numbers of the rules that want it. With
        `ignore_case` needles and texts are compared casefolded.
        """
        numbers: dict[str, tuple[int, ...]] = {}
        for needle, wanted in needles.items():
            # A needle that is added twice would replace the first one's numbers.
            key = needle.casefold() if ignore_case else needle
            numbers[key] = numbers.get(key, ()) + wanted
        self._ignore_case = ignore_case
        self._automaton = _automaton_of(numbers)

    def find(self, text: str) -> set[int]:
        """Return the numbers of all needles that occur in `text`."""
        found: set[int] = set()
        if self._automaton is None:
            return found
        for _, numbers in self._automaton.iter(text.casefold() if self._ignore_case else text):
            found.update(numbers)
        return found


def _automaton_of(numbers: Mapping[str, tuple[int, ...]]) -> Any:
    """Return the automaton that yields the numbers, None for no needles: it would raise."""
    if not numbers:
        return None
    automaton = ahocorasick.Automaton()
    for needle, wanted in numbers.items():
        automaton.add_word(needle, wanted)
    automaton.make_automaton()
    return automaton
