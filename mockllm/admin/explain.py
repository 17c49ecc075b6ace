"""Why a request is answered as it is, as data and as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockllm.core.explain import Explanation, explain
from mockllm.core.model import each_input
from mockllm.core.raw import Raw
from mockllm.core.rules import Rule, Ruleset
from mockllm.core.subject import Subject
from mockllm.errors import RequestError
from mockllm.opened import DEFAULT_SESSION
from mockllm.providers.registry import ASKED, OPERATIONS


def explain_body(
    body: bytes, provider: str, ruleset: Ruleset, session: str = DEFAULT_SESSION
) -> Explanation:
    """Return why a body is answered as it is in a session; of several inputs, the first. `provider`
    is a provider, for its chat, or an operation.

    Raises:
        RequestError: the provider would refuse it.
    """
    raw = Raw("POST", "", "", {}, body)
    request = each_input(ASKED[provider].parse(raw))[0]
    limit = ruleset.settings.match_limit
    return explain(ruleset, Subject(request, raw, session, match_limit=limit))


def refusal(body: bytes, provider: str, error: RequestError) -> str:
    """Return why `provider` would refuse a body, and which of its operations would take it."""
    vendor = provider.partition(".")[0]
    own = (name for name in OPERATIONS if name.partition(".")[0] == vendor)
    takers = " or ".join(name for name in own if _takes(name, body))
    hint = f" ({takers} would take it)" if takers else ""
    return f"{provider} would refuse this: {error.message}{hint}"


def _takes(name: str, body: bytes) -> bool:
    try:
        OPERATIONS[name].parse(Raw("POST", "", "", {}, body))
    except RequestError:
        return False
    return True


def explanation_object(found: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON."""
    first, *later = [each.rule for each in found.matches] or [found.fallback]
    return {
        "prompts": found.prompts,
        "turn": found.turn,
        "step": found.step,
        "answer": _rule_object(first),
        "matched_on": found.matches[0].text if found.matches else None,
        "later": [_rule_object(rule) for rule in later],
        "near": [
            {
                **_rule_object(miss.rule),
                "condition": miss.mismatch.key,
                "wanted": miss.mismatch.wanted,
                "actual": miss.mismatch.actual,
            }
            for miss in found.near
        ],
    }


def explanation_lines(found: Explanation) -> Iterator[str]:
    """Yield an explanation for a person."""
    prompt = repr(found.prompts[0]) if found.prompts else "none"
    yield f"prompt {prompt}, turn {found.turn}, step {found.step}"
    if found.matches:
        first, *later = found.matches
        conditions = ", ".join(condition.key for condition in first.rule.when) or "exact prompt"
        yield f"answered by {_place(first.rule)} ({conditions})"
        yield from (f"also matches {_place(each.rule)}" for each in later)
    else:
        yield f"no rule matches; answered by {_place(found.fallback)}"
    yield from (f"nearly {_place(miss.rule)}: {miss.mismatch}" for miss in found.near)


def _rule_object(rule: Rule) -> dict[str, Any]:
    location = rule.location
    return {
        "name": rule.name,
        "file": location.file if location else None,
        "line": location.line if location else None,
    }


def _place(rule: Rule) -> str:
    where = f"{rule.location} " if rule.location else ""
    return f"{where}'{rule.name}'"
