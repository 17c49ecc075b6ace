"""What a prompt offers for the values of a schema, each thing once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from mockllm.core.values.text_formats import stands_out

MAX_PROMPT = 10_000  # characters

_QUOTED = re.compile(
    r"""
      "([^"]*)"
    | “([^“”]*)”
    | `([^`\n]*)`
    | (?<!\w)'((?:[^'\n]|(?<=\w)'(?=\w))*)'(?!\w)
    """,
    re.VERBOSE,
)
# A minus sign is one only where no word or number precedes it; a comma groups three digits.
_NUMBER = re.compile(
    r"(?<![\w.])(?<![^\W\d]-)-?[0-9]{1,15}(?![0-9])(?:,[0-9]{3}(?![0-9])){0,4}(?:\.[0-9]{1,15})?"
)
_WORD = re.compile(r"\S+")
_PLAIN_WORD = re.compile(r"[^\W_]+")
_AROUND_WORDS = ".,;:!?()[]{}<>\"'`“”"
_SEPARATORS = str.maketrans("_-\t\r\n", "     ")

# Against prompts that repeat something without end.
_MAX_OFFERS = 100
_MAX_LOOKS = 10
_MAX_NUMBER = 10**15


class PromptValues:
    """The values in a prompt, each of which is used once.

    The iterators give what is unused, in order of appearance. What they gave last counts as used
    until they are asked for the next.
    """

    def __init__(self, prompt: str) -> None:
        self._prompt = prompt[:MAX_PROMPT]
        self.used: frozenset[int] = frozenset()  # by position; assign an older one to go back

    def numbers(self, fits: Callable[[Any], bool]) -> Iterator[int | float]:
        """Yield the numbers that fit."""
        return self._unused(self._numbers, fits)

    def texts(self, fits: Callable[[Any], bool]) -> Iterator[str]:
        """Yield the quoted strings that fit."""
        return self._unused(self._quotes, fits)

    def words(self, fits: Callable[[Any], bool]) -> Iterator[str]:
        """Yield the words that fit of those that are a date, an address or the like."""
        return self._unused(self._words, fits)

    def members(self, members: Sequence[Any]) -> Iterator[Any]:
        """Yield those of `members` (of an enum) that the prompt mentions; at last the used ones.

        A mention is a whole word in any case; spaces, hyphens and underscores are the same.
        """
        mentions = sorted(
            (position, -len(word), number)
            for number, member in enumerate(members)
            if (word := _word(member))
            for position in self._positions(word)
        )
        offers = [(position, members[number]) for position, _, number in mentions]
        yield from self._unused(offers, lambda _member: True)
        yield from (member for _, member in offers)

    def _unused(
        self, offers: Iterable[tuple[int, Any]], fits: Callable[[Any], bool]
    ) -> Iterator[Any]:
        for position, value in offers:
            if position not in self.used and fits(value):
                self.used |= {position}
                yield value
                self.used -= {position}

    @cached_property
    def _quotes(self) -> list[tuple[int, str]]:
        matches = _QUOTED.finditer(self._prompt)
        quotes = [(match.start() + 1, match[match.lastindex or 0]) for match in matches]
        return [(start, text) for start, text in quotes if text][:_MAX_OFFERS]

    @cached_property
    def _words(self) -> list[tuple[int, str]]:
        found = []
        for match in _WORD.finditer(self._prompt):
            word = match[0].lstrip(_AROUND_WORDS)
            start = match.end() - len(word)
            if stands_out(word := word.rstrip(_AROUND_WORDS)):
                found.append((start, word))
        return found[:_MAX_OFFERS]

    @cached_property
    def _numbers(self) -> list[tuple[int, int | float]]:
        """The numbers outside of dates and the like, and outside of quoted strings with more."""
        prompt = self._prompt
        quotes = [(start, text) for start, text in self._quotes if not _NUMBER.fullmatch(text)]
        for start, text in (*quotes, *self._words):
            prompt = prompt[:start] + " " * len(text) + prompt[start + len(text) :]
        matches = islice(_NUMBER.finditer(prompt), _MAX_OFFERS)
        return [(match.start(), _number(match[0])) for match in matches]

    def _positions(self, word: str) -> list[int]:
        """Return where a member's word stands in the prompt, the first few times."""
        if word.isalnum():
            return self._plain_words.get(word, [])
        found: list[int] = []
        start = -1
        for _ in range(_MAX_LOOKS):
            start = self._folded.find(word, start + 1)
            if start < 0:
                break
            end = start + len(word)
            around = self._folded[max(start - 1, 0) : start], self._folded[end : end + 1]
            if not any(map(str.isalnum, around)):
                found.append(start)
        return found

    @cached_property
    def _plain_words(self) -> dict[str, list[int]]:
        words: dict[str, list[int]] = {}
        for match in _PLAIN_WORD.finditer(self._folded):
            positions = words.setdefault(match[0], [])
            if len(positions) < _MAX_LOOKS:
                positions.append(match.start())
        return words

    @cached_property
    def _folded(self) -> str:
        return _folded(self._prompt)


def _number(text: str) -> int | float:
    number = float(text.replace(",", ""))
    return int(number) if number.is_integer() else number


def _word(member: Any) -> str:
    """Return how a prompt mentions a member of an enum, "" when it cannot."""
    if isinstance(member, dict | list) or (isinstance(member, int) and abs(member) > _MAX_NUMBER):
        return ""
    return _folded(member if isinstance(member, str) else json.dumps(member)).strip()


def _folded(text: str) -> str:
    """Return `text`, as long as it is, in lower case and with spaces for all that separates."""
    lower = text.lower()
    return (lower if len(lower) == len(text) else text).translate(_SEPARATORS)
