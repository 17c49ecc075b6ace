"""Why a request is answered as it is: for people, consuming nothing."""

from __future__ import annotations

from itertools import islice

from msgspec import Struct

from mockllm.core import match, select
from mockllm.core.fallback import fallback
from mockllm.core.match import Match
from mockllm.core.near import NearMiss, near_misses
from mockllm.core.rules import Rule, Ruleset
from mockllm.core.subject import Subject

_MOST = 10


class Explanation(Struct, frozen=True):
    """`matches` are the rules that match, the one that answers first (unless it steps aside: its
    `times` or its sequence may be used up in a session). `fallback` answers when none does.
    `near` are the rules that nearly match, each with the condition that fails."""

    prompts: tuple[str, ...]
    turn: int
    step: int
    matches: tuple[Match, ...]
    near: tuple[NearMiss, ...]
    fallback: Rule


def explain(ruleset: Ruleset, subject: Subject) -> Explanation:
    """Return why `ruleset` answers a request as it does; of matches, the first ten."""
    operation = subject.request.operation
    matches = (
        found
        for found in match.matching(ruleset, subject)
        if select.carried(found.rule, operation) is not None
    )
    return Explanation(
        subject.prompts,
        subject.turn,
        subject.step,
        tuple(islice(matches, _MOST)),
        tuple(near_misses(ruleset, subject)),
        fallback(ruleset, subject),
    )
