"""The straight line from a request to its reply, for every operation of every provider."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from msgspec import structs

from mockllm import limiting, log
from mockllm.answering import answers, place
from mockllm.core import automatic
from mockllm.core.exchange import Exchange
from mockllm.core.fallback import BUILT_IN
from mockllm.core.faults import ChosenFault
from mockllm.core.judging import Asked, Judgement, verdicts
from mockllm.core.limits import Allowance
from mockllm.core.model import ChatReply, ErrorReply, Reply, Request, each_input
from mockllm.core.near import NearMiss, near_misses
from mockllm.core.objects import continued
from mockllm.core.offered import model_of
from mockllm.core.protocol import Headers
from mockllm.core.rules import Rule, Ruleset, Settings
from mockllm.core.subject import Subject
from mockllm.errors import NoMatch, SessionRequired
from mockllm.faulting import Faults, error_of, faulty
from mockllm.opened import DEFAULT_SESSION, Opened, Sent, named_session, subject_of
from mockllm.planning import plan
from mockllm.state.prompt_cache import PromptCache


def answer(opened: Opened, request: Request, judgements: Sequence[Judgement] = ()) -> Exchange:
    """Return the exchange with the rule that answers `request`, the replies and their timing.

    Raises:
        RequestError: the model is not offered, the real API would refuse the request and so does
            this one, or nothing can answer.
    """
    settings = opened.ruleset.settings
    if settings.require_session and not named_session(opened.exchange.raw, settings):
        raise SessionRequired
    request = continued(request, opened.objects)
    cache = PromptCache(opened.runtime.cells, opened.exchange.session)
    now_s = opened.exchange.received_at_s
    opened = structs.replace(opened, cached=cache.look_up(request.cache_marks, now_s))
    subjects = [subject_of(opened, each) for each in each_input(request)]
    warnings = _unfit(judgements, subjects, settings)
    allowances = limiting.take(opened, subjects[0]) if settings.limits else ()
    faults = Faults(opened, subjects[0])
    at_once = faults.at_once()
    if at_once is not None:
        return _failed(opened, subjects[0], at_once, allowances)
    answered = [answers(opened, subject, number) for number, subject in enumerate(subjects)]
    rules, found = zip(*answered, strict=True)
    for rule in rules:
        opened.runtime.hits.count(rule)
    replies = [reply for several in found for reply in several]
    warnings += _warnings(opened, subjects, answered)
    chosen = faults.choose(replies)
    has_faulted = False
    if chosen is not None:
        made = faulty(chosen, replies, subjects[0], opened.exchange.draws)
        replies, has_faulted = made.replies, made.has_faulted
        warnings += made.warnings
    errors = [reply for reply in replies if isinstance(reply, ErrorReply)]
    if not errors:
        cache.keep(request.cache_marks, now_s)
    exchange = structs.replace(
        opened.exchange,
        state=subjects[0].state,
        request=request,
        rule=rules[0],
        replies=tuple(errors or replies),
        warnings=tuple(dict.fromkeys(warnings)),
        plan=plan(opened, subjects[0], errors or replies),
        fault=chosen,
        has_faulted=has_faulted,
        allowances=allowances,
    )
    return limiting.spent(opened, exchange) if settings.limits else exchange


def _failed(
    opened: Opened, subject: Subject, chosen: ChosenFault, allowances: tuple[Allowance, ...]
) -> Exchange:
    """Return an exchange that fails before any rule is asked."""
    error = error_of(chosen.fault)
    return structs.replace(
        opened.exchange,
        state=subject.state,
        request=subject.request,
        replies=(error,),
        plan=plan(opened, subject, (error,)),
        fault=chosen,
        has_faulted=True,
        allowances=allowances,
    )


def _unfit(
    judgements: Sequence[Judgement], subjects: Sequence[Subject], settings: Settings
) -> list[str]:
    """Return why the real API would refuse a request; of several inputs the longest is judged.

    Raises:
        ModelNotFound: it asks for a model that is not offered.
        Unfit: what would be refused is refused here too.
    """
    subject = subjects[0]
    model = model_of(settings, subject.request.provider, subject.request.model)
    if settings.validation == "ignore":
        return []
    if len(subjects) > 1 and model is not None and model.context_tokens is not None:
        subject = max(subjects, key=_input_tokens)
    found = list(verdicts(judgements, Asked(subject, model)))
    if found and settings.validation == "reject":
        raise found[0]
    return [f"the real API would refuse this: {verdict.message}" for verdict in found]


def _input_tokens(subject: Subject) -> int:
    return subject.input_tokens


def _warnings(
    opened: Opened, subjects: Sequence[Subject], answered: Sequence[tuple[Rule, list[Reply]]]
) -> Iterator[str]:
    """Yield what a person should know of the answers to several inputs."""
    is_shared = opened.exchange.session == DEFAULT_SESSION
    for subject, (rule, replies) in zip(subjects, answered, strict=True):
        for reply in replies:
            if isinstance(reply, ChatReply) and (broken := automatic.broken_schema(subject, reply)):
                yield broken
        if subject.is_cut:
            limit = opened.ruleset.settings.match_limit
            yield f"only the last {limit:,} characters of the prompt were matched"
        if is_shared and rule.is_stateful and opened.runtime.enter(rule, opened.exchange.id):
            yield f"{place(rule)} counts requests, and several without a session overlap"


def _is_unknown(rule: Rule, ruleset: Ruleset) -> bool:
    return rule is ruleset.unknown or rule is BUILT_IN


def _near(opened: Opened, exchange: Exchange) -> tuple[NearMiss, ...]:
    """Return which rules came nearest to a request that none answered; none where no rule was
    asked."""
    if isinstance(exchange.error, NoMatch):
        return exchange.error.near
    if exchange.request is None or exchange.error is not None or exchange.fault is not None:
        return ()
    subject = subject_of(opened, each_input(exchange.request)[0])
    return tuple(near_misses(opened.ruleset, subject))


def close(
    opened: Opened, exchange: Exchange, status: int, headers: Headers, sent: Sent
) -> Exchange:
    """Return the exchange as it ended, answered with this status and these headers, and say so on
    the console."""
    runtime = opened.runtime
    runtime.leave(exchange.id)
    runtime.board.leave(exchange.id)
    limiting.release(runtime, exchange.session, exchange.id)
    is_matched = exchange.rule is not None and not _is_unknown(exchange.rule, opened.ruleset)
    closed = structs.replace(
        exchange,
        is_matched=is_matched,
        near=() if is_matched else _near(opened, exchange),
        has_faulted=exchange.has_faulted or sent.has_faulted,
        warnings=exchange.warnings + sent.warnings,
        response_headers=headers,
        status=status,
        outcome=sent.outcome,
        sent_bytes=sent.sent_bytes,
        first_byte_at_s=sent.first_byte_at_s,
        took_s=runtime.clock.monotonic() - exchange.started_s,
    )
    runtime.journal.write(closed)
    if log.requests.isEnabledFor(logging.INFO):
        log.log_request(closed)
    return closed
