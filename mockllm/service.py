"""The straight line from a request to its reply, for every operation of every provider."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from msgspec import Struct, structs

from mockllm import log
from mockllm.config.live import Snapshot
from mockllm.core import automatic, match, pacing, select
from mockllm.core.caching import NOTHING_CACHED, CacheUse
from mockllm.core.compose import Occasion, compose, counted
from mockllm.core.conditions import Mismatch
from mockllm.core.exchange import Exchange, Outcome
from mockllm.core.fallback import AUTOMATIC, BUILT_IN, fallback
from mockllm.core.match import Match
from mockllm.core.model import ChatReply, ErrorReply, Reply, Request, each_input
from mockllm.core.near import USED_UP, NearMiss, near_misses
from mockllm.core.objects import Objects, continued
from mockllm.core.raw import Raw
from mockllm.core.rules import Canned, Recipe, Rule, Ruleset, Settings
from mockllm.core.schema_value import Unsatisfiable
from mockllm.core.subject import START, Subject
from mockllm.core.template import TemplateFailure
from mockllm.errors import CannotAnswer, NoMatch, SessionRequired
from mockllm.runtime import Runtime
from mockllm.state.base import count_to
from mockllm.state.objects import SessionObjects
from mockllm.state.prompt_cache import PromptCache

_SHOWN_MISSES = 3
DEFAULT_SESSION = "default"
"""The one session of those who name none."""


class Opened(Struct, frozen=True):
    """An exchange under way, with the rules that were in force when it began. `cached` is what
    the prompt cache has of its input."""

    exchange: Exchange
    ruleset: Ruleset
    runtime: Runtime
    cached: CacheUse = NOTHING_CACHED

    @property
    def objects(self) -> Objects:
        """The stored objects of the exchange's session."""
        return SessionObjects(self.runtime.cells, self.exchange.session)


class Sent(Struct, frozen=True):
    """What became of a response on its way out. `first_byte_at_s` is monotonic, None when no
    byte was sent."""

    outcome: Outcome
    sent_bytes: int
    first_byte_at_s: float | None


def open_exchange(raw: Raw, runtime: Runtime) -> Opened:
    """Return the record of a request that has just arrived."""
    runtime.start()
    snapshot: Snapshot = runtime.live.current
    settings = snapshot.ruleset.settings
    session = _named_session(raw, settings)
    drawn = runtime.draws(raw, session or DEFAULT_SESSION, settings)
    exchange = Exchange(
        id=drawn.hex_id("exchange", 32),
        received_at_s=runtime.clock.wall(),
        started_s=runtime.clock.monotonic(),
        generation=snapshot.generation,
        raw=raw,
        draws=drawn,
        session=session or DEFAULT_SESSION,
        extras=settings.openai_extras,
    )
    return Opened(exchange, snapshot.ruleset, runtime)


def _named_session(raw: Raw, settings: Settings) -> str:
    """Return the session that a request names, "" for none."""
    return raw.session or (raw.api_key if settings.session_by == "api_key" else "")


def answer(opened: Opened, request: Request) -> Exchange:
    """Return the exchange with the rule that answers `request`, the reply and its timing.

    Raises:
        RequestError: the rule asks for an error, or nothing can answer.
    """
    settings = opened.ruleset.settings
    if settings.require_session and not _named_session(opened.exchange.raw, settings):
        raise SessionRequired
    request = continued(request, opened.objects)
    cache = PromptCache(opened.runtime.cells, opened.exchange.session)
    now_s = opened.exchange.received_at_s
    opened = structs.replace(opened, cached=cache.look_up(request.cache_marks, now_s))
    subjects = [_subject(opened, each) for each in each_input(request)]
    answers = [_answer(opened, subject, number) for number, subject in enumerate(subjects)]
    rules, found = zip(*answers, strict=True)
    replies = [reply for several in found for reply in several]
    errors = [reply for reply in replies if isinstance(reply, ErrorReply)]
    if not errors:
        cache.keep(request.cache_marks, now_s)
    warnings = dict.fromkeys(
        warning
        for subject, (rule, several) in zip(subjects, answers, strict=True)
        for warning in _warnings(opened, subject, rule, several)
    )
    return structs.replace(
        opened.exchange,
        request=request,
        rule=rules[0],
        replies=tuple(errors or replies),
        warnings=tuple(warnings),
        plan=pacing.lag_plan(settings, request, errors or replies),
    )


def _warnings(
    opened: Opened, subject: Subject, rule: Rule, replies: Sequence[Reply]
) -> Iterator[str]:
    for reply in replies:
        broken = automatic.broken_schema(subject, reply) if isinstance(reply, ChatReply) else None
        if broken:
            yield broken
    if subject.is_cut:
        limit = opened.ruleset.settings.match_limit
        yield f"only the last {limit:,} characters of the prompt were matched"
    shared = opened.exchange.session == DEFAULT_SESSION and select.is_stateful(rule)
    if shared and opened.runtime.enter(rule, opened.exchange.id):
        yield f"{place(rule)} counts requests, and several without a session overlap"


def _subject(opened: Opened, request: Request) -> Subject:
    exchange, ruleset = opened.exchange, opened.ruleset
    state = START
    if ruleset.uses_state:
        state = opened.runtime.cells.update(exchange.session, "state", "", _as_it_is)
    limit = ruleset.settings.match_limit
    return Subject(request, exchange.raw, exchange.session, state, limit)


def _as_it_is(state: str | None) -> str:
    return state or START


def _answer(opened: Opened, subject: Subject, number: int) -> tuple[Rule, list[Reply]]:
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
        raise NoMatch(why_not(opened.ruleset, subject))
    text = subject.prompts[0] if subject.prompts else None
    rule = fallback(opened.ruleset, subject)
    return rule, _choices(opened, Match(rule, text), subject, 0, number)


def _take(opened: Opened, found: Match, subject: Subject, number: int) -> list[Reply] | None:
    """Return what a matching rule says, None when it steps aside; then it has consumed nothing."""
    session, n = opened.exchange.session, 0
    rule = select.carried(found.rule, subject.request.operation)
    if rule is None:
        return None
    if select.is_counted(rule):
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
    recipe = select.select(rule, n, subject.step, drawn)
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
    location = rule.location
    return f"{location.file}:{location.line} '{rule.name}'" if location else f"'{rule.name}'"


def why_not(ruleset: Ruleset, subject: Subject) -> str:
    """Return why no rule answers: the nearest ones with what failed, and where they stand."""
    aside = [NearMiss(each.rule, USED_UP) for each in match.matching(ruleset, subject)]
    misses = (aside + near_misses(ruleset, subject))[:_SHOWN_MISSES]
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


def _is_unknown(rule: Rule | None, ruleset: Ruleset) -> bool:
    return rule is ruleset.unknown or rule is BUILT_IN


def close(opened: Opened, exchange: Exchange, sent: Sent) -> Exchange:
    """Return the exchange as it ended, and say so on the console."""
    runtime = opened.runtime
    runtime.leave(exchange.id)
    closed = structs.replace(
        exchange,
        outcome=sent.outcome,
        sent_bytes=sent.sent_bytes,
        first_byte_at_s=sent.first_byte_at_s,
        took_s=runtime.clock.monotonic() - exchange.started_s,
    )
    if log.requests.isEnabledFor(logging.INFO):
        near = None
        if closed.request is not None and _is_unknown(closed.rule, opened.ruleset):
            subject = _subject(opened, each_input(closed.request)[0])
            misses = near_misses(opened.ruleset, subject, 1)
            near = misses[0] if misses else None
        log.log_request(closed, near)
    return closed
