"""Why the nearest rules do not match: worked out only when somebody reads it."""

from __future__ import annotations

from itertools import islice

from msgspec import Struct
from rapidfuzz import fuzz, process

from mockllm.core.conditions import Mismatch, difference
from mockllm.core.match import is_passed_over
from mockllm.core.rules import Rule, Ruleset
from mockllm.core.subject import Subject
from mockllm.core.text import normalize

MAX_NEAR_RULES = 1_000
_NEAR_CHARACTERS = 500
_NORMALIZED_CHARACTERS = 10_000
_NEAR_SCORE = 60

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
    scored = sorted(
        (
            (_held(rule, subject), -number, rule)
            for number, rule in enumerate(ruleset.rules[:MAX_NEAR_RULES])
        ),
        reverse=True,
        key=lambda each: each[:2],
    )
    for held, _, rule in scored[:most]:
        found = _first_mismatch(rule, subject)
        if found is not None and (held or len(rule.when) == 1):
            misses.append(NearMiss(rule, found))
    return [miss for miss in misses if miss is not None][:most]


def _held(rule: Rule, subject: Subject) -> float:
    """Return what share of a rule's conditions holds."""
    text = subject.prompts[0] if subject.prompts else None
    held = sum(condition.mismatch(subject, text) is None for condition in rule.when)
    return held / len(rule.when) if rule.when else 0.0


def _first_mismatch(rule: Rule, subject: Subject) -> Mismatch | None:
    if is_passed_over(rule, subject):
        return _PASSED_OVER
    return difference(rule.when, subject, subject.prompts[0] if subject.prompts else None)


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
