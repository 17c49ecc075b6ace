"""When the answer to a request is due: which timing holds, and how busy it is."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from mockllm.config import control_headers
from mockllm.config.control_headers import BadControl
from mockllm.core import pacing
from mockllm.core.load import Busy
from mockllm.core.model import ErrorReply, Reply
from mockllm.core.offered import model_of
from mockllm.core.pacing import Plan
from mockllm.core.subject import Subject
from mockllm.core.timing import INSTANT, Timing, constant
from mockllm.errors import BadControlHeader, RateLimited
from mockllm.opened import Opened

FIRST_TOKEN = "x-mockllm-first-token"
RATE = "x-mockllm-rate"


def plan(opened: Opened, subject: Subject, replies: Sequence[Reply]) -> Plan:
    """Return the plan of a reply: by the request's own headers, the reply's timing, its model's,
    that of `defaults`, or the lag.

    Raises:
        BadControlHeader: a header asks for what is no time.
        RateLimited: too many are under way, and those beyond are refused.
    """
    settings, request = opened.ruleset.settings, subject.request
    timing = next((each.timing for each in replies if each.timing is not None), None)
    if timing is None and settings.models is not None:
        model = model_of(settings, request.provider, request.model)
        timing = model.timing if model else None
    timing = _asked(opened, timing or settings.timing)
    if timing is None:
        return pacing.lag_plan(settings, request, replies)
    if any(isinstance(reply, ErrorReply) for reply in replies):
        timing = structs.replace(timing, rate=None, per_prompt_token_s=0.0)
    read = subject.input_tokens if timing.per_prompt_token_s else 0
    drawn = pacing.timed_plan(timing, request, replies, read, opened.exchange.draws)
    return drawn if timing.load is None else _loaded(opened, subject, timing, drawn)


def _loaded(opened: Opened, subject: Subject, timing: Timing, drawn: Plan) -> Plan:
    assert timing.load is not None
    exchange, taken_s = opened.exchange, max(drawn.whole_s, drawn.ready_s)
    try:
        wait_s, factor = opened.runtime.board.arrive(
            timing.load, exchange.id, exchange.started_s, taken_s
        )
    except Busy as busy:
        most, model = timing.load.max_concurrent, subject.request.model
        raise RateLimited("concurrent", most, None, busy.free_s, model) from None
    return pacing.later(drawn, wait_s, factor)


def _asked(opened: Opened, timing: Timing | None) -> Timing | None:
    """Return a timing as the request's headers change it, None when there is none at all."""
    headers = opened.exchange.raw.headers
    first, rate = headers.get(FIRST_TOKEN), headers.get(RATE)
    if first is None and rate is None:
        return timing
    timing = timing or INSTANT
    name = FIRST_TOKEN
    try:
        if first is not None:
            timing = structs.replace(timing, first_token=constant(control_headers.time_s(first)))
        name = RATE
        if rate is not None:
            timing = structs.replace(timing, rate=control_headers.rate(rate))
    except BadControl as error:
        raise BadControlHeader(f"the header {name}", str(error)) from None
    return timing
