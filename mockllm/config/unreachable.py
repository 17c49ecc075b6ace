"""Rules that can never answer, because an earlier one always does.

Only what is certain is reported: the earlier rule has nothing but text conditions or `always`,
and neither `times` nor `when_exhausted: next_rule` makes it step aside.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from mockllm.config.source import shorten
from mockllm.core import select
from mockllm.core.conditions import Always, Condition, TextIs, TextMatches
from mockllm.core.index import build_index
from mockllm.core.model import Request
from mockllm.core.problems import Problem
from mockllm.core.raw import Raw
from mockllm.core.rules import Rule, Ruleset
from mockllm.core.subject import Subject
from mockllm.core.text import normalize

MAX_WORK = 10_000_000
"""How much is compared, about in characters: where each rule hides each, all pairs would be."""

_WORK_A_CANDIDATE = 20


def rules_that_never_answer(ruleset: Ruleset) -> Iterator[Problem]:
    """MOCK029: a rule that an earlier one hides, or an answer that a rule hides.

    Each is reported once, with the position of what hides it. A catch-all that is not last hides
    everything after it. Of prompts that `settings.match: normalized` makes the same, the first
    answers.

    Bad::

        rules:
          - when: {contains: weather}
            reply: "Sunny."
          - when: {contains: weather in Paris}
            reply: "Rain."

    Good::

        rules:
          - when: {contains: weather in Paris}
            reply: "Rain."
          - when: {contains: weather}
            reply: "Sunny."
    """
    hiders = [(number, rule) for number, rule in enumerate(ruleset.rules) if _can_hide(rule)]
    if ruleset.settings.match == "normalized":
        hiders = [each for each in hiders if not _has_regex(each[1])]
    index = build_index([rule.when for _, rule in hiders])
    work = 0
    for number, rule in enumerate(ruleset.rules):
        texts = [needle for condition in rule.when for needle in _needles(condition)] or [""]
        candidates = {each for text in texts for each in index.of_text(text)}
        work += _work(len(candidates), sum(map(len, texts)))
        if work > MAX_WORK:
            return
        earlier = (hiders[each] for each in sorted(candidates))
        yield from _hidden(
            rule,
            (
                hider
                for place, hider in earlier
                if place < number and _covers(hider, rule) and _implies(rule, hider)
            ),
        )
    for text, rule in ruleset.answers.items():
        found = index.of_text(text)
        work += _work(len(found), len(text))
        if work > MAX_WORK:
            return
        earlier_rules = (
            hiders[each][1]
            for each in sorted(found)
            if _covers(hiders[each][1], rule)
            and all(_holds(condition, text) for condition in hiders[each][1].when)
        )
        yield from _hidden(rule, chain(earlier_rules, _first_alike(ruleset, text, rule)))


def _work(candidates: int, characters: int) -> int:
    return (1 + candidates) * (_WORK_A_CANDIDATE + characters)


def _first_alike(ruleset: Ruleset, text: str, rule: Rule) -> Iterator[Rule]:
    """Yield the answer to a prompt that comes first and normalizes to the same."""
    if ruleset.settings.match == "normalized":
        first = ruleset.normalized[normalize(text)]
        if first is not rule:
            yield first


def _can_hide(rule: Rule) -> bool:
    steps_aside = select.limit(rule) is not None or rule.yields_to_results
    return not steps_aside and all(
        isinstance(condition, Always | TextIs | TextMatches) for condition in rule.when
    )


def _has_regex(rule: Rule) -> bool:
    """A regex sees the prompt as it was written, and not what it is normalized to."""
    return any(isinstance(condition, TextMatches) for condition in rule.when)


def _covers(hider: Rule, rule: Rule) -> bool:
    """Return whether `hider` has an answer for every operation that `rule` has one for.

    What answers chats is looked at for chats only: a text behind a tool call still answers old
    completions, and was hardly written for them.
    """
    has_any = any(recipe.operations is None for recipe in hider.recipes)
    carried = {each for recipe in hider.recipes for each in recipe.operations or ()}
    wanted = {each for recipe in rule.recipes for each in recipe.operations or ("any",)}
    return has_any or wanted - {"completion"} <= carried


def _implies(rule: Rule, hider: Rule) -> bool:
    """Return whether whatever matches `rule` matches `hider`, which is earlier."""
    return all(
        any(_condition_implies(own, wanted) for own in rule.when) or isinstance(wanted, Always)
        for wanted in hider.when
    )


def _condition_implies(own: Condition, wanted: Condition) -> bool:
    """Return whether every text that meets `own` meets `wanted`."""
    if isinstance(own, TextMatches) and isinstance(wanted, TextMatches):
        patterns = {regex.pattern for regex in wanted.regexes}
        return all(regex.pattern in patterns for regex in own.regexes)
    if not isinstance(own, TextIs):
        return False
    some = any if own.all_of_them else all
    return some(_text_implies(own, needle, wanted) for needle in own.needles)


def _text_implies(own: TextIs, needle: str, wanted: Condition) -> bool:
    if own.test == "equals":
        return _holds(wanted, needle)
    if not isinstance(wanted, TextIs) or wanted.test == "equals":
        return False
    if wanted.test in ("starts_with", "ends_with") and own.test != wanted.test:
        return False
    return _holds(wanted, needle)


def _holds(condition: Condition, text: str) -> bool:
    """Return whether a condition that looks at nothing but the prompt holds on `text`."""
    return condition.mismatch(_NOBODY, text) is None


def _needles(condition: Condition) -> tuple[str, ...]:
    match condition:
        case TextIs(needles=needles):
            return needles
        case TextMatches(regexes=regexes):
            return tuple(regex.literal or "" for regex in regexes)
        case _:
            return ()


def _hidden(rule: Rule, hiders: Iterator[Rule]) -> Iterator[Problem]:
    """Yield the problem of a rule that has a hider: it is reported once."""
    hider = next(hiders, None)
    if hider is None or rule.location is None:
        return
    what, hint = f"the rule '{hider.name}'", "move it before that one, or make that one narrower"
    if not hider.when:
        what, hint = f"the prompt {shorten(hider.name)}", "they differ only in case or white space"
    message = f"this never answers: {what} at {hider.location} always does first"
    yield Problem(rule.location, "warning", "MOCK029", message, hint)


_NOBODY = Subject(Request("", "", "", ()), Raw("", "", "", {}, b""))
