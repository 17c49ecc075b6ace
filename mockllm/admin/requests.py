"""The journal on the admin pages: what was asked, what was answered, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

from mockllm import log
from mockllm.core.exchange import Exchange
from mockllm.core.model import ChatReply, ErrorReply, Reply, ToolCall, joined_text, part_text
from mockllm.core.near import NearMiss
from mockllm.core.raw import KEY_HEADERS, KEY_PARAMETERS
from mockllm.core.secrets import REDACTED
from mockllm.runtime import Runtime
from mockllm.state.journal import Wanted

MAX_LISTED = 1_000
MAX_BODY_BYTES = 256 * 1024
FILTERS = ("session", "operation", "provider", "rule", "status", "outcome", "matched", "text")

_LISTED = 50
_SECRET = ("token", "secret", "cookie", "authorization", "password", "api-key", "apikey")
_POLL_S = 0.1
_BEAT_S = 15.0


class BadFilter(ValueError):
    """What is asked for cannot be; the message says what can."""


def find(query: Mapping[str, str], runtime: Runtime) -> tuple[dict[str, Any], int]:
    """Return the requests that a query asks for, newest first, and how many there are in all.

    Raises:
        BadFilter: it asks for what there is not.
    """
    wanted, session = wanted_by(query)
    limit = _number(query, "limit", _LISTED)
    offset = _number(query, "offset", 0)
    if limit > MAX_LISTED:
        raise BadFilter(f"limit is at most {MAX_LISTED}")
    found = runtime.journal.find(wanted, session, runtime.offload)
    shown = [request_object(exchange) for exchange in found[offset : offset + limit]]
    return {"requests": shown, "total": len(found)}, len(found)


def delete(query: Mapping[str, str], runtime: Runtime) -> dict[str, Any]:
    """Delete the requests that a query asks for, and say how many.

    Raises:
        BadFilter: it asks for what there is not.
    """
    wanted, session = wanted_by(query)
    return {"deleted": runtime.journal.forget(wanted, session, runtime.offload)}


def wanted_by(query: Mapping[str, str]) -> tuple[Wanted, str | None]:
    """Return which exchanges a query's filters let through, and of which session they are, None
    for all.

    Raises:
        BadFilter: there is no such filter, or it does not take such a value.
    """
    unknown = query.keys() - {*FILTERS, "limit", "offset"}
    if unknown:
        raise BadFilter(f"there is no filter {min(unknown)}; there are {', '.join(FILTERS)}")
    tests = [test(query[name]) for name, test in _TESTS.items() if name in query]
    return lambda exchange: all(test(exchange) for test in tests), query.get("session")


def request_object(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange as JSON, without keys and secrets, and with the beginning of its body."""
    raw, asked = exchange.raw, exchange.request
    first_s = exchange.first_byte_at_s
    return {
        "id": exchange.id,
        "session": exchange.session,
        "received_at": time_of(exchange.received_at_s),
        "method": raw.method,
        "path": raw.path,
        "query": _query(raw.query),
        "headers": _headers(raw.headers),
        **_body(raw.body),
        "provider": asked.provider if asked else None,
        "operation": asked.operation if asked else None,
        "model": asked.model if asked else None,
        "stream": asked.stream if asked else None,
        "prompt": prompt_of(exchange),
        "matched": exchange.is_matched,
        "rule": _rule(exchange),
        "near": [_near(miss) for miss in exchange.near],
        "replies": [_reply(reply) for reply in exchange.replies],
        "usage": msgspec.to_builtins(exchange.usage),
        "warnings": list(exchange.warnings),
        "fault": _fault(exchange),
        "error": exchange.error.message if exchange.error else None,
        "status": exchange.status,
        "response_headers": dict(exchange.response_headers),
        "generation": exchange.generation,
        "outcome": exchange.outcome,
        "first_byte_ms": None if first_s is None else _ms(first_s - exchange.started_s),
        "took_ms": _ms(exchange.took_s),
        "sent_bytes": exchange.sent_bytes,
    }


def prompt_of(exchange: Exchange) -> str | None:
    """Return the text of the newest user message, None when there is none."""
    messages = exchange.request.messages if exchange.request else ()
    texts = (joined_text(each.parts) for each in reversed(messages) if each.role == "user")
    return next(texts, None)


def events(runtime: Runtime) -> Iterator[str]:
    """Yield each exchange as it is closed, as server-sent events, until the server stops."""
    journal, clock = runtime.journal, runtime.clock
    seen, beat_s = journal.written, clock.monotonic() + _BEAT_S
    yield ": the requests as they end\n\n"
    while not runtime.is_stopping():
        newer, seen = journal.since(seen)
        for exchange in newer:
            told = {"line": log.request_line(exchange), **request_object(exchange)}
            yield f"data: {msgspec.json.encode(told).decode()}\n\n"
        if clock.monotonic() >= beat_s:
            yield ":\n\n"  # proxies close what is silent
            beat_s = clock.monotonic() + _BEAT_S
        clock.wait_until(clock.monotonic() + _POLL_S)


def _number(query: Mapping[str, str], name: str, otherwise: int) -> int:
    text = query.get(name, str(otherwise))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadFilter(f"{name} takes a number, not {text[:40]!r}")
    return int(text)


def _equal(read: Callable[[Exchange], object]) -> Callable[[str], Wanted]:
    return lambda value: lambda exchange: read(exchange) == value


def _status(value: str) -> Wanted:
    """Return a test of a status, or of a class of them: `429`, `5xx`."""
    shape = value.lower().replace("x", "0")
    if len(value) != 3 or not (shape.isascii() and shape.isdigit()):
        raise BadFilter(f"status takes 429 or 4xx, not {value[:40]!r}")
    digits = value.lower().rstrip("x")
    return lambda exchange: str(exchange.status).startswith(digits)


def _matched(value: str) -> Wanted:
    if value not in ("true", "false"):
        raise BadFilter(f"matched takes true or false, not {value[:40]!r}")
    return lambda exchange: exchange.is_matched == (value == "true")


_OUTCOMES = ("completed", "client_left", "faulted", "failed")


def _outcome(value: str) -> Wanted:
    if value not in _OUTCOMES:
        raise BadFilter(f"outcome takes {', '.join(_OUTCOMES)}, not {value[:40]!r}")
    return lambda exchange: exchange.outcome == value


def _text(value: str) -> Wanted:
    sought = value.encode()
    return lambda exchange: sought in exchange.raw.body or value in (prompt_of(exchange) or "")


_TESTS: Mapping[str, Callable[[str], Wanted]] = {
    "operation": _equal(lambda exchange: exchange.request and exchange.request.operation),
    "provider": _equal(lambda exchange: exchange.request and exchange.request.provider),
    "rule": _equal(lambda exchange: exchange.rule and exchange.rule.name),
    "status": _status,
    "outcome": _outcome,
    "matched": _matched,
    "text": _text,
}


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: REDACTED if _is_secret(name) else value for name, value in headers.items()}


def _is_secret(name: str) -> bool:
    return name in KEY_HEADERS or any(word in name for word in _SECRET)


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(name in KEY_PARAMETERS for name, _ in pairs):
        return query
    return urlencode(
        [(name, REDACTED if name in KEY_PARAMETERS else value) for name, value in pairs], safe="[]"
    )


def _body(body: bytes) -> dict[str, Any]:
    cut = len(body) > MAX_BODY_BYTES
    shown: Any = body[:MAX_BODY_BYTES].decode(errors="replace")
    if not cut:
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            shown = msgspec.json.decode(body)
    return {"body": shown, "body_bytes": len(body), "body_is_cut": cut}


def _rule(exchange: Exchange) -> dict[str, Any] | None:
    rule = exchange.rule
    return None if rule is None else {"name": rule.name, "source": rule.place}


def _near(miss: NearMiss) -> dict[str, Any]:
    return {
        "name": miss.rule.name,
        "source": miss.rule.place,
        "condition": miss.mismatch.key,
        "wanted": miss.mismatch.wanted,
        "actual": miss.mismatch.actual,
    }


def _reply(reply: Reply) -> dict[str, Any]:
    match reply:
        case ErrorReply():
            return {"error": reply.kind, "status": reply.status, "message": reply.message}
        case ChatReply():
            calls = [part for part in reply.parts if isinstance(part, ToolCall)]
            others = (part for part in reply.parts if not isinstance(part, ToolCall))
            return {
                "text": "".join(map(part_text, others)),
                "tool_calls": [{"name": call.name, "arguments": call.arguments} for call in calls],
                "finish": reply.finish,
            }
        case _:
            return {"kind": type(reply).__name__.removesuffix("Reply").lower()}


def _fault(exchange: Exchange) -> dict[str, Any] | None:
    chosen = exchange.fault
    if chosen is None:
        return None
    return {"kind": chosen.fault.kind, "source": chosen.source, "happened": exchange.has_faulted}


def time_of(unix_s: float) -> str:
    """Return a time as JSON has it."""
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="milliseconds")


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
