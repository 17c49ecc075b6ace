"""Rules that are sent while the server runs, and every rule with how often it has answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from typing import Any

from mockllm.admin.bodies import Answered, no_room, refused, too_large
from mockllm.config.sent_rules import read_sent_rules
from mockllm.core.fallback import AUTOMATIC
from mockllm.core.problems import problem_object
from mockllm.core.rules import Rule, Ruleset
from mockllm.runtime import Runtime
from mockllm.state.run_time_rules import EVERYONE, RunTimeRules, Sent

MOST_ANSWERS = 1_000
"""How many prompts are listed: those that were asked most often."""


def put_rules(content: bytes, runtime: Runtime) -> Answered:
    """Set the rules of a session, or of everyone, in place of all that were sent before; return
    them, or what is wrong with them, and the status."""
    return _send(content, runtime, RunTimeRules.put, 200)


def add_rules(content: bytes, runtime: Runtime) -> Answered:
    """Set rules in front of those that were sent before, as `put_rules`."""
    return _send(content, runtime, RunTimeRules.add, 201)


def _send(
    content: bytes, runtime: Runtime, hold: Callable[[RunTimeRules, Sent, float], None], status: int
) -> Answered:
    large = too_large(content)
    if large is not None:
        return large
    name = runtime.new_rules_name()
    found, problems = read_sent_rules(content, name, runtime.live.current.ruleset)
    if found is None:
        return refused(problems)
    now_s = runtime.clock.wall()
    until_s = inf if found.ttl_s is None else now_s + found.ttl_s
    size_bytes = len(content) + found.regex_bytes
    sent = Sent(name, found.session, content, found.rules, until_s, size_bytes)
    try:
        with runtime.changing(sent.session):
            hold(runtime.rules, sent, now_s)
    except OverflowError:
        return no_room("too many rules have been sent, or they take too much; delete some")
    runtime.forget_hits()
    return {
        "session": sent.session or None,
        "expires_in_s": _left_s(sent, now_s),
        "rules": [{"id": rule.identity, "name": rule.name} for rule in sent.rules],
        "problems": list(map(problem_object, problems)),
    }, status


def delete_rules(session: str, name: str | None, runtime: Runtime) -> dict[str, Any]:
    """Delete the rules that were sent for a session, "" for everyone's, or those of a name or an
    id; say how many there were."""
    with runtime.changing(session):
        deleted = runtime.rules.remove(session, runtime.clock.wall(), name)
    runtime.forget_hits()
    return {"session": session or None, "name": name, "deleted": deleted}


def list_rules(session: str, runtime: Runtime) -> dict[str, Any]:
    """Return every rule in the order in which it is tried, and how often it has answered; those
    that were sent for all sessions, or, unless "", only for one and for everyone."""
    now_s, ruleset, hits = runtime.clock.wall(), runtime.live.current.ruleset, runtime.hits
    sent = [
        {
            "id": rule.identity,
            **_object(rule, runtime),
            "session": each.session or None,
            "expires_in_s": _left_s(each, now_s),
        }
        for each in runtime.rules.all(now_s)
        if not session or each.session in (session, EVERYONE)
        for rule in each.rules
    ]
    return {
        "rules": [*sent, *(_object(rule, runtime) for rule in ruleset.rules)],
        "responses": {
            "count": len(ruleset.answers),
            "hits": sum(count for _, count in hits.answers(ruleset)),
            "answered": list(_answered(ruleset, runtime)),
        },
        "unknown_response": {"hits": hits.of(ruleset.unknown)},
        "automatic": {"hits": hits.of(AUTOMATIC)},
    }


def _answered(ruleset: Ruleset, runtime: Runtime) -> Iterator[dict[str, Any]]:
    found = sorted(runtime.hits.answers(ruleset), key=lambda each: -each[1])
    for rule, count in found[:MOST_ANSWERS]:
        yield {"prompt": rule.name, **_place(rule), "hits": count}


def _object(rule: Rule, runtime: Runtime) -> dict[str, Any]:
    return {"name": rule.name, **_place(rule), "hits": runtime.hits.of(rule)}


def _place(rule: Rule) -> dict[str, Any]:
    location = rule.location
    assert location is not None
    return {"file": location.file, "line": location.line}


def _left_s(sent: Sent, now_s: float) -> float | None:
    return None if sent.until_s == inf else round(sent.until_s - now_s, 3)
