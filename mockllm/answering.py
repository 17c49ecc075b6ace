"""Which rule answers, and what it says; else what is said without one, or why nothing is."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from mockllm.core import automatic, match, select
from mockllm.core.compose import Occasion, compose, counted
from mockllm.core.conditions import Mismatch
from mockllm.core.fallback import AUTOMATIC, fallback
from mockllm.core.match import Match
from mockllm.core.model import Reply
from mockllm.core.near import USED_UP, NearMiss, near_misses
from mockllm.core.rules import Canned, Recipe, Rule, Ruleset, Settings
from mockllm.core.schema_value import Unsatisfiable
from mockllm.core.subject import Subject
from mockllm.core.template import TemplateFailure
from mockllm.errors import CannotAnswer, NoMatch
from mockllm.opened import Opened
from mockllm.state.base import count_to

_SHOWN_MISSES = 3


def answers(opened: Opened, subject: Subject, number: int) -> tuple[Rule, list[Reply]]:
    """Return the first rule that matches and does not step aside, with what it says; else what
    the request forces; else the unknown response, or why there is none.

    There are as many replies as the request asks for. `number` counts the inputs from 0.
    """
    settings = opened.ruleset.settings
    for found in match.matching(opened.ruleset, subject):
        replies = _take(opened, found, subject, number)
        if replies is not None:
            return found.rule, replies
    try:
        forced = automatic.forced_reply(subject, settings.auto_tools)
    except Unsatisfiable as error:
        raise CannotAnswer(f"no automatic answer: {error}") from None
    if forced is not None:
        rule = structs.replace(AUTOMATIC, recipes=(Recipe(Canned(counted(forced))),))
        return AUTOMATIC, _choices(opened, Match(rule, None), subject, 0, number)
    if settings.strict or opened.exchange.raw.headers.get("x-mockllm-strict") == "true":
        near = near_misses(opened.ruleset, subject)
        raise NoMatch(why_not(opened.ruleset, subject, near), tuple(near))
    text = subject.prompts[0] if subject.prompts else None
    rule = fallback(opened.ruleset, subject)
    return rule, _choices(opened, Match(rule, text), subject, 0, number)


def _take(opened: Opened, found: Match, subject: Subject, number: int) -> list[Reply] | None:
    """Return what a matching rule says, None when it steps aside; then it has consumed nothing."""
    session, n = opened.exchange.session, 0
    rule = select.carried(found.rule, subject.request.operation)
    if rule is None:
        return None
    if rule.is_counted:
        most = select.limit(rule)
        n = opened.runtime.cells.update(session, "rule", rule.identity, count_to(most))
        if most is not None and n > most:
            return None
    replies = _choices(opened, Match(rule, found.text), subject, n, number)
    goto = rule.goto
    if goto is not None:
        opened.runtime.cells.update(session, "state", "", lambda _: goto)
    return replies


def _choices(opened: Opened, found: Match, subject: Subject, n: int, number: int) -> list[Reply]:
    """Return as many replies of a rule as the request asks for, each with draws of its own."""
    choices = subject.request.choices
    return [_choice(opened, found, subject, n, number * choices + each) for each in range(choices)]


def _choice(opened: Opened, found: Match, subject: Subject, n: int, number: int) -> Reply:
    exchange, rule = opened.exchange, found.rule
    drawn = exchange.draws.of(number)
    recipe = select.select(rule, n, subject, drawn)
    if recipe is None:
        why = "its replies are used up (when_exhausted: fail)"
        raise CannotAnswer(f"{place(rule)}: {why}", rule.location)
    try:
        now_s, cached = exchange.received_at_s, opened.cached
        return compose(recipe, Occasion(subject, found, n, drawn, now_s, cached))
    except TemplateFailure as error:
        why = f"the template fails: {error}"
    except Unsatisfiable as error:
        why = f"no automatic answer: {error}"
    raise CannotAnswer(f"{place(rule)}: {why}", rule.location)


def place(rule: Rule) -> str:
    """Return where a rule stands, for a message."""
    return f"{rule.place} '{rule.name}'" if rule.place else f"'{rule.name}'"


def why_not(ruleset: Ruleset, subject: Subject, near: Sequence[NearMiss]) -> str:
    """Return why no rule answers: those that are used up and the nearest ones, each with what
    failed and where it stands."""
    aside = [NearMiss(each.rule, USED_UP) for each in match.matching(ruleset, subject)]
    misses = [*aside, *near][:_SHOWN_MISSES]
    if not misses:
        return "No rule matches this request, and none comes near."
    shown = "; ".join(
        f"{place(miss.rule)}: {_shown(miss.mismatch, ruleset.settings)}" for miss in misses
    )
    return f"No rule matches this request. Nearest: {shown}"


def _shown(mismatch: Mismatch, settings: Settings) -> str:
    """Return a mismatch without the client's text, unless `echo_prompts` allows it."""
    if mismatch.quotes_request and not settings.echo_prompts:
        return f"{mismatch.key}: wanted {mismatch.wanted}, and the request's text differs"
    return str(mismatch)
