"""Which rule answers a request, and why the nearest one does not."""

from __future__ import annotations

from itertools import islice

from msgspec import Struct
from rapidfuzz import fuzz, process

from mockllm.core.model import Request, Text, ToolResult
from mockllm.core.rules import Rule, Ruleset
from mockllm.core.text import normalize

_NEAR_RULES = 1_000
_NEAR_CHARACTERS = 500
_NORMALIZED_CHARACTERS = 10_000
_NEAR_SCORE = 60


class NearMiss(Struct, frozen=True):
    """The rule whose prompt is closest, and the first difference, in words for a person."""

    rule: Rule
    difference: str


def prompts(request: Request) -> tuple[str, ...]:
    """Return the texts that may match, best first; () when no user message has text.

    They come from the newest user message with text: its text parts joined by a newline, then
    the last part alone, since clients put context first.
    """
    for message in reversed(request.messages):
        if message.role != "user" or any(isinstance(part, ToolResult) for part in message.parts):
            continue
        texts = [part.text for part in message.parts if isinstance(part, Text)]
        if len(texts) == 1:
            return (texts[0],)
        if texts:
            return "\n".join(texts), texts[-1]
    return ()


def find(ruleset: Ruleset, request: Request) -> Rule | None:
    """Return the rule that answers `request`, or None when there is none."""
    exact = ruleset.settings.match == "exact"
    for prompt in prompts(request):
        rule = ruleset.answers.get(prompt) if exact else ruleset.normalized.get(normalize(prompt))
        if rule is not None:
            return rule
    return None


def nearest(ruleset: Ruleset, request: Request) -> NearMiss | None:
    """Return the closest rule to a request that none matched, None when none is close.

    A prompt of at most 10,000 characters that differs only in case or white space is found among
    all rules; any other among the first 1,000, by the first 500 characters.
    """
    candidates = prompts(request)
    for prompt in candidates:
        if len(prompt) > _NORMALIZED_CHARACTERS:
            continue
        rule = ruleset.normalized.get(normalize(prompt))
        if rule is not None:
            return NearMiss(rule, difference(rule.name, prompt))
    known = {each: each[:_NEAR_CHARACTERS] for each in islice(ruleset.answers, _NEAR_RULES)}
    for prompt in candidates:
        best = process.extractOne(
            prompt[:_NEAR_CHARACTERS], known, scorer=fuzz.ratio, score_cutoff=_NEAR_SCORE
        )
        if best is not None:
            _, _, name = best
            return NearMiss(ruleset.answers[name], difference(name, prompt))
    return None


def difference(wanted: str, actual: str) -> str:
    """Say how `actual` first differs from the prompt `wanted`.

    >>> difference("hi", "hi ")
    'the request has white space at the end'
    >>> difference("2+2 is 4", "2+2 is 5")
    "character 8: wanted '4', got '5'"
    """
    wanted, actual = wanted[:_NORMALIZED_CHARACTERS], actual[:_NORMALIZED_CHARACTERS]
    if wanted.casefold() == actual.casefold():
        position = _first_difference(wanted, actual)
        return (
            f"only the case differs: wanted {_around(wanted, position)},"
            f" got {_around(actual, position)}"
        )
    for text, other, owner in ((actual, wanted, "the request"), (wanted, actual, "the rule")):
        if text.strip() == other:
            side = "end" if text.startswith(other) else "start"
            return f"{owner} has white space at the {side}"
    if normalize(wanted) == normalize(actual):
        return "only case, white space or Unicode form differ (settings.match: normalized)"
    position = _first_difference(wanted, actual)
    return (
        f"character {position + 1}: wanted {_around(wanted, position)},"
        f" got {_around(actual, position)}"
    )


def _first_difference(first: str, second: str) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    shorter = min(len(first), len(second))
    return next((position for position, (a, b) in pairs if a != b), shorter)


def _around(text: str, position: int) -> str:
    """Return a short quotation of `text` from `position` on, or `the end`."""
    return repr(text[position : position + 12]) if position < len(text) else "the end"
