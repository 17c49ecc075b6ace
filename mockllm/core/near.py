"""Why the nearest rules do not match: worked out only when somebody reads it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import islice

from msgspec import Struct, structs
from rapidfuzz import fuzz, process

from mockllm.core.conditions import Condition, Mismatch, TextIs, TextMatches, TextTest
from mockllm.core.match import is_passed_over
from mockllm.core.rules import Rule, Ruleset
from mockllm.core.subject import Subject
from mockllm.core.text import normalize

MAX_NEAR_RULES = 1_000
_NEAR_CHARACTERS = 500
_NORMALIZED_CHARACTERS = 10_000
_NEAR_SCORE = 60
_NEAR_TEXT_SCORE = 75
_SHORTEST_NEEDLE = 4
_FUZZY_CHARACTERS = 100  # of the beginning, and of the end
_NEEDLE_CHARACTERS = 32
_MAX_COMPARED = 1_000

USED_UP = Mismatch("times", "a match left in this session", "none")
"""Why a rule that matches does not answer."""

_NORMALIZED_HINT = ", which settings.match: normalized would match"
_PASSED_OVER = Mismatch("reply", "no tool result as the newest message", "a tool result")


class NearMiss(Struct, frozen=True):
    """A rule that nearly matched, and the first of its conditions that failed."""

    rule: Rule
    mismatch: Mismatch


def near_misses(ruleset: Ruleset, subject: Subject, most: int = 3) -> list[NearMiss]:
    """Return the rules that came nearest to a request, nearest first.

    Of the rules and of the prompts the first 1,000 are looked at; a prompt that differs only in
    case or white space is found among all.
    """
    misses = [_nearest_answer(ruleset, subject)]
    nearness = _Nearness(subject)
    scored = sorted(
        (
            (nearness.of(rule), -number, rule)
            for number, rule in enumerate(islice(ruleset.each_rule(), MAX_NEAR_RULES))
        ),
        reverse=True,
        key=lambda each: each[:2],
    )
    for (_, held), _, rule in scored[:most]:
        found = _first_mismatch(rule, subject)
        if found is not None and (held or len(rule.when) == 1):
            misses.append(NearMiss(rule, found))
    return [miss for miss in misses if miss is not None][:most]


def _first_mismatch(rule: Rule, subject: Subject) -> Mismatch | None:
    if is_passed_over(rule, subject):
        return _PASSED_OVER
    text = subject.prompts[0] if subject.prompts else None
    for condition in rule.when:
        found = condition.mismatch(subject, text)
        if found is not None:
            hint = _NORMALIZED_HINT if _holds_normalized(condition, text) else ""
            return structs.replace(found, wanted=found.wanted + hint)
    return None


def _holds_normalized(condition: Condition, text: str | None) -> bool:
    """Return whether `settings.match: normalized` would make a condition on the prompt hold."""
    if not isinstance(condition, TextIs) or condition.ignores_case or text is None:
        return False
    if len(text) + sum(map(len, condition.needles)) > _NORMALIZED_CHARACTERS:
        return False
    needles = tuple(map(normalize, condition.needles))
    return structs.replace(condition, needles=needles).test_text(normalize(text))


class _Nearness:
    """How near rules come to one request."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        prompt = subject.prompts[0] if subject.prompts else None
        self._prompt = None if prompt is None else _ends(prompt, _NEAR_CHARACTERS)
        self._text = "" if prompt is None else _ends(prompt, _FUZZY_CHARACTERS).casefold()
        self._left = _MAX_COMPARED

    def of(self, rule: Rule) -> tuple[int, float]:
        """Return how near a rule comes, to be compared, and what share of its conditions holds,
        a text that is nearly there in part.

        2: its texts are all there, and one other condition fails. 1: only texts fail, and they
        are nearly there. 0: any other.
        """
        shares: dict[bool, list[float]] = {True: [], False: []}
        for condition in rule.when:
            is_text = isinstance(condition, TextIs | TextMatches)
            shares[is_text].append(self._share(condition))
        texts, others = shares[True], shares[False]
        every = texts + others
        group = 0
        if texts and min(texts) == 1 and others.count(1) == len(others) - 1:
            group = 2
        elif texts and min(every) > 0:
            group = 1
        return group, sum(every) / len(every) if every else 0.0

    def _share(self, condition: Condition) -> float:
        if isinstance(condition, TextMatches) and not self._may_match(condition):
            return self._best([regex.literal or "" for regex in condition.regexes], "contains")
        if isinstance(condition, TextIs) and self._prompt is not None:
            if condition.test_text(self._normalized if condition.ignores_case else self._prompt):
                return 1
            if condition.all_of_them:
                return min(self._best([each], condition.test) for each in condition.needles)
            return self._best(condition.needles, condition.test)
        return float(condition.mismatch(self._subject, self._prompt) is None)

    @cached_property
    def _normalized(self) -> str:
        return normalize(self._prompt or "")

    def _may_match(self, condition: TextMatches) -> bool:
        """Return whether some regex has its literal in the prompt, or has none: to look for the
        literal is far cheaper."""
        prompt = self._prompt or ""
        return any(
            regex.literal is None
            or regex.literal in (prompt.casefold() if regex.literal_ignores_case else prompt)
            for regex in condition.regexes
        )

    def _best(self, needles: Sequence[str], test: TextTest) -> float:
        """Return how near the nearest needle comes, from 0 to below 1; case does not count."""
        taken = needles[: self._left]
        self._left -= len(taken)
        return max((self._near(needle[:_NEEDLE_CHARACTERS], test) for needle in taken), default=0.0)

    def _near(self, needle: str, test: TextTest) -> float:
        needle, prompt = needle.casefold(), self._text
        if len(needle) < _SHORTEST_NEEDLE:
            return 0.0
        scorer = fuzz.ratio
        if test == "starts_with":
            prompt = prompt[: len(needle)]
        elif test == "ends_with":
            prompt = prompt[-len(needle) :]
        elif test == "contains" and len(needle) <= len(prompt):
            scorer = fuzz.partial_ratio
        return scorer(needle, prompt, score_cutoff=_NEAR_TEXT_SCORE) / 101


def _ends(text: str, characters: int) -> str:
    """Return a text, or as much of its beginning and of its end."""
    if len(text) <= 2 * characters:
        return text
    return f"{text[:characters]}\n{text[-characters:]}"


def _nearest_answer(ruleset: Ruleset, subject: Subject) -> NearMiss | None:
    for prompt in subject.prompts:
        if len(prompt) > _NORMALIZED_CHARACTERS:
            continue
        rule = ruleset.normalized.get(normalize(prompt))
        if rule is not None:
            return _near(rule, prompt, subject, _NORMALIZED_HINT)
    known = {each: each[:_NEAR_CHARACTERS] for each in islice(ruleset.answers, MAX_NEAR_RULES)}
    for prompt in subject.prompts:
        best = process.extractOne(
            prompt[:_NEAR_CHARACTERS], known, scorer=fuzz.ratio, score_cutoff=_NEAR_SCORE
        )
        if best is not None:
            _, _, name = best
            return _near(ruleset.answers[name], prompt, subject)
    return None


def _near(rule: Rule, prompt: str, subject: Subject, hint: str = "") -> NearMiss | None:
    if is_passed_over(rule, subject):
        return NearMiss(rule, _PASSED_OVER)
    if rule.name == prompt:
        return None
    wanted, actual = text_difference(rule.name, prompt)
    return NearMiss(rule, Mismatch("prompt", wanted + hint, actual, quotes_request=True))


def text_difference(wanted: str, actual: str) -> tuple[str, str]:
    """Return where two texts first differ, as what was wanted and what was there.

    >>> text_difference("hi", "hi ")
    ("'hi'", 'white space at the end')
    >>> text_difference("2+2 is 4", "2+2 is 5")
    ("'4' at character 8", "'5'")
    """
    wanted, actual = wanted[:_NORMALIZED_CHARACTERS], actual[:_NORMALIZED_CHARACTERS]
    if wanted.casefold() == actual.casefold():
        position = _first_difference(wanted, actual)
        return f"{_around(wanted, position)} (case counts)", _around(actual, position)
    for text, other, of_request in ((actual, wanted, True), (wanted, actual, False)):
        if text.strip() == other:
            space = f"white space at the {'end' if text.startswith(other) else 'start'}"
            return (_quote(wanted), space) if of_request else (space, "none")
    if normalize(wanted) == normalize(actual):
        return _quote(wanted), "another case, white space or Unicode form"
    position = _first_difference(wanted, actual)
    return f"{_around(wanted, position)} at character {position + 1}", _around(actual, position)


def _first_difference(first: str, second: str) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    shorter = min(len(first), len(second))
    return next((position for position, (a, b) in pairs if a != b), shorter)


def _around(text: str, position: int) -> str:
    """Return a short quotation of `text` from `position` on, or `the end`."""
    return _quote(text[position:], 13) if position < len(text) else "the end"


def _quote(text: str, limit: int = 40) -> str:
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")
