"""Rules that are sent while the server runs: `rules` and `responses`, validated as in a file."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, structs

from mockllm.config import schema
from mockllm.config.body import NAME, SESSION, Body, Shape, read_body, time_to_live
from mockllm.config.build import sent_rules
from mockllm.config.load import capped
from mockllm.config.schema_keys import Schema
from mockllm.config.unreachable import rules_that_never_answer
from mockllm.core.index import build_index
from mockllm.core.problems import Location, Problem
from mockllm.core.rules import Rule, Ruleset

_SAID = ("rules", "responses")
SENT_RULES: Schema = {
    **{key: schema.TOP[key] for key in _SAID},
    "session": SESSION,
    "ttl": time_to_live("how long they hold; until they are deleted unless given"),
}


class SentText(Struct, frozen=True):
    """What was sent. `session` "" is everyone; the rules hold for `ttl_s` seconds, or without end;
    their regular expressions may take up to `regex_bytes`."""

    rules: tuple[Rule, ...]
    session: str = ""
    ttl_s: float | None = None
    regex_bytes: int = 0


def read_sent_rules(
    content: bytes, name: str, served: Ruleset
) -> tuple[SentText | None, tuple[Problem, ...]]:
    """Return what a body asks for, None when there are errors among its problems.

    `name` is what its rules are told by; of the same content and name the same rules come again.
    `served` are the rules that go on answering: theirs are the profiles, and how texts compare.
    """
    body, problems = read_body(content, _SHAPE, served)
    if body is None:
        return None, problems
    if not any(key in body.root.entries for key in _SAID):
        location = Location(NAME, body.root.line, body.root.column)
        message, hint = "there are neither rules nor responses here", "write rules: [...]"
        return None, (*problems, Problem(location, "error", "MOCK004", message, hint))
    rules = _rules(body, name)
    hidden = capped(rules_that_never_answer(_alone(rules, served)))
    found = tuple(sorted((*problems, *hidden)))
    regex_bytes = body.document.programs.regex_bytes
    return SentText(rules, body.session, body.ttl_s, regex_bytes), found


def _rules(body: Body, name: str) -> tuple[Rule, ...]:
    """Return the rules, each with an identity that no other has: state is kept under it."""
    document = structs.replace(body.document, file=name)
    return tuple(
        structs.replace(rule, identity=f"{name}.{number}")
        for number, rule in enumerate(sent_rules(document), 1)
    )


def _alone(rules: Sequence[Rule], served: Ruleset) -> Ruleset:
    """Return a ruleset of nothing else, whose rules stand in the body."""
    located = tuple(structs.replace(rule, location=_in_body(rule.location)) for rule in rules)
    index = build_index([rule.when for rule in located])
    return structs.replace(served, rules=located, index=index, answers={}, normalized={}, before=())


def _in_body(location: Location | None) -> Location | None:
    return None if location is None else structs.replace(location, file=NAME)


_SHAPE = Shape(
    SENT_RULES,
    '{"rules": [{"when": {"contains": "weather"}, "reply": "Sunny."}], "session": "a"}',
    lambda root: root,
)
