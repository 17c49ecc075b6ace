"""The straight line from a request to its reply, for every operation of every provider."""

from __future__ import annotations

import itertools
import logging
import os
import threading
from collections import Counter
from collections.abc import Iterator

from msgspec import Struct, structs

from mockllm import log
from mockllm.config.live import Live, Snapshot
from mockllm.config.watcher import Offload, Watcher, call
from mockllm.core import automatic, draws, match, pacing, select
from mockllm.core.compose import UNKNOWN_RESPONSE, Occasion, canned, compose, counted
from mockllm.core.conditions import Mismatch
from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange, Outcome
from mockllm.core.match import Match
from mockllm.core.model import ChatReply, ErrorReply, Reply, Request
from mockllm.core.near import USED_UP, NearMiss, near_misses
from mockllm.core.protocol import Clock
from mockllm.core.raw import Raw
from mockllm.core.rules import Automatic, Canned, Recipe, Rule, Ruleset, Settings
from mockllm.core.schema_value import Unsatisfiable
from mockllm.core.subject import START, Subject
from mockllm.core.template import TemplateFailure
from mockllm.errors import CannotAnswer, NoMatch, SessionRequired
from mockllm.state.base import Cells, count, count_to

_SHOWN_MISSES = 3
DEFAULT_SESSION = "default"
"""The one session of those who name none."""

BUILT_IN = Rule("unknown_response", None, (Recipe(Canned(canned(UNKNOWN_RESPONSE))),))
AUTOMATIC = Rule("automatic", None, (Recipe(Automatic()),))


class Runtime:
    """What one process serves with: its rules, state, clock and counters."""

    def __init__(self, live: Live, clock: Clock, cells: Cells) -> None:
        self.live = live
        self.clock = clock
        self.cells = cells
        self.open_streams: set[str] = set()
        self.watcher: Watcher | None = None
        self._used_by: dict[str, str] = {}
        self._users: Counter[str] = Counter()
        self._numbers = itertools.count()
        self._process_key = os.urandom(32)
        self._started_in = 0
        self._starting = threading.Lock()

    def start(self, offload: Offload = call) -> None:
        """Begin what a process has one of: the watcher, and ids unlike any other process's.

        What was edited since the rules were loaded is taken now. Called after any fork; only the
        first call in a process does anything.
        """
        if self._started_in == os.getpid():
            return
        with self._starting:
            if self._started_in == os.getpid():
                return
            log.install()
            self._process_key = os.urandom(32)
            offload(self.live.catch_up)
            self.watcher = Watcher(self.live, offload)
            self.watcher.start()
            self._started_in = os.getpid()

    def stop(self) -> None:
        """End the watcher. For tests and for servers that live inside another program."""
        if self.watcher is not None:
            self.watcher.stop()
            self.watcher = None

    def enter(self, rule: Rule, exchange_id: str) -> bool:
        """Note that an exchange uses a rule, and return whether another is doing so too."""
        self._used_by[exchange_id] = rule.identity
        self._users[rule.identity] += 1
        return self._users[rule.identity] > 1

    def leave(self, exchange_id: str) -> None:
        """Note that an exchange, which may have entered a rule, has ended."""
        identity = self._used_by.pop(exchange_id, None)
        if identity is not None:
            self._users[identity] -= 1

    def draws(self, raw: Raw, session: str, settings: Settings) -> Draws:
        """Return the randomness of one exchange: unique, or repeatable when there is a seed."""
        if settings.seed is None:
            return Draws(draws.unique_key(self._process_key, next(self._numbers)))
        digest = draws.request_digest(raw.path, raw.body)
        n = self.cells.update(session, "draws", digest, count)
        return Draws(draws.seeded_key(settings.seed, session, digest, n))


class Opened(Struct, frozen=True):
    """An exchange under way, with the rules that were in force when it began."""

    exchange: Exchange
    ruleset: Ruleset
    runtime: Runtime


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
    exchange = structs.replace(opened.exchange, request=request)
    settings = opened.ruleset.settings
    if settings.require_session and not _named_session(exchange.raw, settings):
        raise SessionRequired
    subject = _subject(opened, request)
    rule, reply = _reply(opened, subject)
    warnings = tuple(_warnings(opened, subject, rule, reply))
    exchange = structs.replace(exchange, rule=rule, reply=reply, warnings=warnings)
    if isinstance(reply, ErrorReply):
        return exchange
    return structs.replace(exchange, plan=pacing.lag_plan(settings, reply))


def _warnings(opened: Opened, subject: Subject, rule: Rule, reply: Reply) -> Iterator[str]:
    broken = None
    if isinstance(reply, ChatReply):
        broken = automatic.broken_schema(subject, reply)
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


def _reply(opened: Opened, subject: Subject) -> tuple[Rule, Reply]:
    """Return the first rule that matches and does not step aside, with what it says; else what
    the request forces; else the unknown response, or why there is none."""
    settings = opened.ruleset.settings
    for found in match.matching(opened.ruleset, subject):
        reply = _take(opened, found, subject)
        if reply is not None:
            return found.rule, reply
    try:
        forced = automatic.forced_reply(subject, settings.auto_tools)
    except Unsatisfiable as error:
        raise CannotAnswer(f"no automatic answer: {error}") from None
    if forced is not None:
        recipe = Recipe(Canned(counted(forced)))
        return AUTOMATIC, _composed(opened, Match(AUTOMATIC, None), recipe, subject, 0)
    if settings.strict or opened.exchange.raw.headers.get("x-mockllm-strict") == "true":
        raise NoMatch(why_not(opened.ruleset, subject))
    rule = opened.ruleset.unknown
    able = select.carried(rule, subject.request.operation)
    if able is None or (rule.yields_to_results and subject.newest_is_result):
        rule = able = BUILT_IN
    text = subject.prompts[0] if subject.prompts else None
    return rule, _composed(opened, Match(rule, text), able.recipes[0], subject, 0)


def _take(opened: Opened, found: Match, subject: Subject) -> Reply | None:
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
    recipe = select.select(rule, n, subject.step, opened.exchange.draws)
    if recipe is None:
        raise CannotAnswer(f"{place(rule)}: its replies are used up (when_exhausted: fail)")
    reply = _composed(opened, found, recipe, subject, n)
    goto = rule.goto
    if goto is not None:
        opened.runtime.cells.update(session, "state", "", lambda _: goto)
    return reply


def _composed(opened: Opened, found: Match, recipe: Recipe, subject: Subject, calls: int) -> Reply:
    exchange = opened.exchange
    occasion = Occasion(subject, found, calls, exchange.draws, exchange.received_at_s)
    try:
        return compose(recipe, occasion)
    except TemplateFailure as error:
        raise CannotAnswer(f"{place(found.rule)}: the template fails: {error}") from None
    except Unsatisfiable as error:
        raise CannotAnswer(f"{place(found.rule)}: no automatic answer: {error}") from None


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
            misses = near_misses(opened.ruleset, _subject(opened, closed.request), 1)
            near = misses[0] if misses else None
        log.log_request(closed, near)
    return closed
