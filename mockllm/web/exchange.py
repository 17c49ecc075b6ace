"""One request, from the wire to the wire. Knows no Flask: it takes a `Raw`, gives an `Answer`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from urllib.parse import quote

from msgspec import structs

from mockllm import service
from mockllm.core.damage import Damage
from mockllm.core.exchange import Exchange
from mockllm.core.faults import WIRE_FAULTS
from mockllm.core.model import ErrorReply
from mockllm.core.problems import Location
from mockllm.core.protocol import Dialect, Headers, Keep, Operation, Resource, Whole
from mockllm.core.raw import Raw
from mockllm.errors import CannotAnswer, InternalError, RateLimited, RequestError, ScriptedError
from mockllm.opened import Opened, admit, open_exchange
from mockllm.runtime import Runtime
from mockllm.web.sending import IN_BAND, Answer, Outgoing, streamed, whole

log = logging.getLogger(__name__)

_WARNING_SAFE = " !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""What a warning's header holds as it is; the rest is percent-encoded."""

_MAX_WARNINGS = 5
_MAX_WARNING_LENGTH = 300


def serve(operation: Operation, raw: Raw, runtime: Runtime, keep: Keep | None = None) -> Answer:
    """Return the answer of an operation. Never raises: what goes wrong becomes an error reply.

    `keep` stores what the client asked to be stored of it.
    """
    return _guarded(operation, raw, runtime, partial(_complete, operation, keep))


def serve_resource(resource: Resource, dialect: Dialect, raw: Raw, runtime: Runtime) -> Answer:
    """Return the answer of a resource. Never raises, as `serve`."""

    def fetch(opened: Opened) -> Answer:
        body = resource(opened.exchange, opened.objects)
        return _whole(dialect, body, opened, opened.exchange)

    return _guarded(dialect, raw, runtime, fetch)


def refuse(error: RequestError, dialect: Dialect, raw: Raw, runtime: Runtime) -> Answer:
    """Return the answer to a request that no operation takes. Never raises, as `serve`."""
    return _guarded(dialect, structs.replace(raw, unread=error), runtime, _unreachable)


def _unreachable(opened: Opened) -> Answer:
    raise AssertionError(opened)


def _guarded(
    dialect: Dialect, raw: Raw, runtime: Runtime, produce: Callable[[Opened], Answer]
) -> Answer:
    opened = open_exchange(raw, runtime)
    try:
        admit(opened)
        if raw.unread is not None:
            raise raw.unread
        return produce(opened)
    except RequestError as error:
        return _refused(dialect, error, opened, opened.exchange)
    except Exception:
        log.exception("%s %s failed (request %s)", raw.method, raw.path, opened.exchange.id)
        return _refused(dialect, InternalError(), opened, opened.exchange)


def _complete(operation: Operation, keep: Keep | None, opened: Opened) -> Answer:
    request = operation.parse(opened.exchange.raw)
    try:
        exchange = service.answer(opened, request, operation.JUDGEMENTS)
    except RequestError as error:
        asked = structs.replace(opened.exchange, request=request)
        return _refused(operation, error, opened, asked)
    damage = _damage(exchange)
    if damage is not None and damage.is_page:
        page = damage.page(operation.ENCODINGS["whole"])
        return _whole(operation, page, opened, exchange, damage)
    if isinstance(exchange.reply, ErrorReply):
        return _refused(operation, ScriptedError(exchange.reply), opened, exchange, damage)
    if keep is not None:
        keep(exchange, opened.objects)
    if request.stream and operation.stream and operation.error_frame:
        headers = _common_headers(operation, exchange)
        outgoing = Outgoing(opened, exchange, headers, damage)
        return streamed(operation, operation.stream(exchange), operation.error_frame, outgoing)
    if damage is not None and damage.fault.kind == "error_event":
        damage.has_fired = True
        return _refused(operation, IN_BAND, opened, exchange, damage)
    content_type = (("Content-Type", operation.ENCODINGS["whole"]),)
    body = Whole(200, content_type, operation.render(exchange))
    return _whole(operation, body, opened, exchange, damage)


def _damage(exchange: Exchange) -> Damage | None:
    """Return what happens to an answer on its way, None when nothing does."""
    chosen = exchange.fault
    return Damage(chosen.fault) if chosen and chosen.fault.kind in WIRE_FAULTS else None


def _refused(
    dialect: Dialect,
    error: RequestError,
    opened: Opened,
    exchange: Exchange,
    damage: Damage | None = None,
) -> Answer:
    exchange = structs.replace(exchange, error=error)
    if isinstance(error, RateLimited):
        exchange = structs.replace(exchange, allowances=error.allowances)
    return _whole(dialect, dialect.render_error(error, exchange), opened, exchange, damage)


def _whole(
    dialect: Dialect,
    body: Whole,
    opened: Opened,
    exchange: Exchange,
    damage: Damage | None = None,
) -> Answer:
    return whole(body, Outgoing(opened, exchange, _common_headers(dialect, exchange), damage))


def _common_headers(dialect: Dialect, exchange: Exchange) -> Headers:
    """Return the vendor's headers and ours: which answer this is, and of which generation."""
    headers = (*dialect.headers(exchange), ("x-mockllm-generation", str(exchange.generation)))
    if exchange.reply is not None and not isinstance(exchange.reply, ErrorReply):
        headers += exchange.reply.headers
    if exchange.warnings:
        headers += (("x-mockllm-warning", _warning(exchange.warnings)),)
    if exchange.rule is not None:
        headers += (("x-mockllm-source", _source(exchange.rule.location)),)
    elif isinstance(exchange.error, CannotAnswer):
        headers += (("x-mockllm-source", _source(exchange.error.location)),)
    return headers


def _warning(warnings: Sequence[str]) -> str:
    """Return the first warnings as a header's value: a proxy refuses headers that are too long."""
    shown = [
        warning if len(warning) <= _MAX_WARNING_LENGTH else f"{warning[:_MAX_WARNING_LENGTH]}…"
        for warning in warnings[:_MAX_WARNINGS]
    ]
    if len(warnings) > _MAX_WARNINGS:
        shown.append(f"and {len(warnings) - _MAX_WARNINGS} more")
    return quote("; ".join(shown), safe=_WARNING_SAFE)


@lru_cache(1_000)
def _source(location: Location | None) -> str:
    return quote(location.short, safe="/:") if location else "built-in"
