"""What is said when no rule answers."""

from __future__ import annotations

from mockllm.core import select
from mockllm.core.compose import UNKNOWN_RESPONSE, canned
from mockllm.core.rules import Automatic, Canned, Recipe, Rule, Ruleset
from mockllm.core.subject import Subject

BUILT_IN = Rule(
    "unknown_response",
    None,
    (Recipe(Canned(canned(UNKNOWN_RESPONSE))),),
    identity="unknown_response",
)
AUTOMATIC = Rule("automatic", None, (Recipe(Automatic()),), identity="automatic")


def fallback(ruleset: Ruleset, subject: Subject) -> Rule:
    """Return the rule of what no rule answers: the unknown response where it can be carried."""
    operation = subject.request.operation
    able = select.carried(ruleset.unknown, operation)
    if able is not None and not (able.yields_to_results and subject.newest_is_result):
        return ruleset.unknown
    return BUILT_IN if select.carried(BUILT_IN, operation) else AUTOMATIC
