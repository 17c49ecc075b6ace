"""What the requests came to, as JSON: it holds no keys, also where prompts do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from mockllm.admin.bodies import refused, too_large
from mockllm.admin.requests import prompt_of, time_of
from mockllm.config.question import read_question
from mockllm.core.exchange import Exchange
from mockllm.core.near import NearMiss
from mockllm.core.problems import problem_object
from mockllm.core.secrets import REDACTED, redacted
from mockllm.core.verdict import Verdict
from mockllm.core.verify import Checked, Report, answer, report, unmatched_level
from mockllm.runtime import Runtime

MAX_SHOWN = 20
"""Of the requests that a finding concerns; `count` tells how many there are."""

_MAX_PROMPT = 200
_MAX_SESSIONS = 20
_MANUAL = "docs/verification.md"


def verify(content: bytes, query: Mapping[str, str], runtime: Runtime) -> tuple[Any, int]:
    """Return what the requests came to, or why that cannot be said, and the status."""
    unknown = query.keys() - {"session"}
    if unknown:
        return {"error": f"there is no parameter {min(unknown)}; there is session"}, 400
    large = too_large(content)
    if large is not None:
        return large
    session, journal = query.get("session"), runtime.journal
    exchanges = journal.find(session=session, offload=runtime.offload)[::-1]
    if session is not None and not exchanges:
        return {"error": _unknown_session(session, runtime)}, 404
    ruleset = runtime.all_rules(session)
    names = {rule.name for rule in ruleset.each_rule()}
    names |= {each.rule.name for each in exchanges if each.rule is not None}
    asked, problems = read_question(content, names, ruleset.settings.match == "normalized")
    if asked is None:
        return refused(problems, "nothing was verified")
    if asked.question is None:
        found = partial(report, exchanges, ruleset, asked.ignored)
    else:
        found = partial(answer, exchanges, asked.question)
    told = runtime.offload(lambda: report_object(found()))
    told |= {"session": session, "forgotten": journal.written - len(journal)}
    return told | {"problems": list(map(problem_object, problems))}, 200


def report_object(found: Report) -> dict[str, Any]:
    """Return a report as JSON."""
    return {
        "passed": not found.has_failed,
        "has_warnings": found.has_warnings,
        "requests": len(found.exchanges),
        "expectations": list(map(_checked, found.expectations)),
        "verdicts": list(map(_verdict, found.verdicts)),
        "unmatched": [
            {
                "level": unmatched_level(exchange),
                "request": _brief(exchange),
                "near": [_near(miss, exchange) for miss in exchange.near],
            }
            for exchange in found.unmatched
        ],
        "unused": [{"rule": rule.name, "source": rule.place} for rule in found.unused],
        "warnings": [
            {
                "request": _brief(exchange),
                "warnings": [redacted(each, exchange.raw.api_key) for each in exchange.warnings],
            }
            for exchange in found.warned
        ],
    }


def _unknown_session(session: str, runtime: Runtime) -> str:
    known = list(map(_session, runtime.journal.sessions(_MAX_SESSIONS)))
    listed = ", ".join(known)
    there = f"there are requests of {listed}" if known else "there are no requests at all"
    return f"there is no request of session {session}: none came, or they are forgotten; {there}"


def _checked(checked: Checked) -> dict[str, Any]:
    rule = checked.rule
    return {
        "rule": rule.name if rule else None,
        "source": rule.place if rule else None,
        "expected": str(checked.expectation),
        "met": not checked.shortfalls,
        "count": len(checked.exchanges),
        "requests": _briefs(checked.exchanges),
        "failures": [
            {
                "why": shortfall.why
                if shortfall.exchange is None
                else redacted(shortfall.why, shortfall.exchange.raw.api_key),
                "request": _brief(shortfall.exchange) if shortfall.exchange else None,
            }
            for shortfall in checked.shortfalls[:MAX_SHOWN]
        ],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    own = verdict.exchanges[0].raw.api_key
    return {
        "verdict": verdict.name,
        "level": verdict.level,
        "message": redacted(verdict.message, own),
        "fix": verdict.fix,
        "manual": f"{_MANUAL}#{verdict.name}",
        "count": len(verdict.exchanges),
        "requests": _briefs(verdict.exchanges),
    }


def _briefs(exchanges: Iterable[Exchange]) -> list[dict[str, Any]]:
    return [_brief(exchange) for exchange in tuple(exchanges)[:MAX_SHOWN]]


def _brief(exchange: Exchange) -> dict[str, Any]:
    prompt = prompt_of(exchange)
    if prompt is not None:
        prompt = redacted(prompt, exchange.raw.api_key)
        prompt = prompt if len(prompt) <= _MAX_PROMPT else f"{prompt[: _MAX_PROMPT - 1]}…"
    return {
        "id": exchange.id,
        "session": _session(exchange),
        "received_at": time_of(exchange.received_at_s),
        "method": exchange.raw.method,
        "path": exchange.raw.path,
        "status": exchange.status,
        "model": exchange.request.model if exchange.request else None,
        "prompt": prompt,
        "rule": exchange.rule.name if exchange.rule else None,
    }


def _session(exchange: Exchange) -> str:
    """Return a session's name, unless it is its key (`settings.session_by: api_key`)."""
    return REDACTED if exchange.session == exchange.raw.api_key else exchange.session


def _near(miss: NearMiss, exchange: Exchange) -> dict[str, Any]:
    return {
        "rule": miss.rule.name,
        "source": miss.rule.place,
        "why": redacted(str(miss.mismatch), exchange.raw.api_key),
    }
