"""One request, from the wire to the wire. Knows no Flask: it takes a `Raw`, gives an `Answer`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from urllib.parse import quote

from msgspec import Struct, structs

from mockllm import service
from mockllm.core.exchange import Exchange
from mockllm.core.model import ErrorReply
from mockllm.core.pacing import due_times
from mockllm.core.problems import Location
from mockllm.core.protocol import Dialect, Frame, Headers, Keep, Operation, Resource, Whole
from mockllm.core.raw import Raw
from mockllm.errors import CannotAnswer, InternalError, RequestError, ScriptedError
from mockllm.opened import Opened, Sent, admit, open_exchange
from mockllm.runtime import Runtime
from mockllm.web.pump import Delivery, pump

log = logging.getLogger(__name__)

_STREAM_HEADERS: Headers = (("Cache-Control", "no-cache"), ("X-Accel-Buffering", "no"))


class Answer(Struct, frozen=True):
    """A response ready to send. The body waits while it is read, until each piece is due."""

    status: int
    headers: Headers
    body: Iterator[bytes]


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
        whole = resource(opened.exchange, opened.objects)
        return _whole(dialect, whole, opened, opened.exchange)

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
    exchange = service.answer(opened, request, operation.JUDGEMENTS)
    if isinstance(exchange.reply, ErrorReply):
        return _refused(operation, ScriptedError(exchange.reply), opened, exchange)
    if keep is not None:
        keep(exchange, opened.objects)
    if request.stream and operation.stream and operation.error_frame:
        frames = operation.stream(exchange)
        return _streamed(operation, frames, operation.error_frame, opened, exchange)
    headers = (("Content-Type", operation.ENCODINGS["whole"]),)
    whole = Whole(200, headers, operation.render(exchange))
    return _whole(operation, whole, opened, exchange)


def _refused(dialect: Dialect, error: RequestError, opened: Opened, exchange: Exchange) -> Answer:
    exchange = structs.replace(exchange, error=error)
    return _whole(dialect, dialect.render_error(error, exchange), opened, exchange)


def _whole(dialect: Dialect, whole: Whole, opened: Opened, exchange: Exchange) -> Answer:
    exchange = structs.replace(exchange, status=whole.status)
    frames = iter((Frame(whole.body, "end", 0),))
    due_s = iter((exchange.plan.whole_s,))
    headers = (
        *whole.headers,
        ("Content-Length", str(len(whole.body))),
        *_common_headers(dialect, exchange),
    )
    delivery = Delivery(frames, due_s, exchange.started_s, bytes, exchange.raw.client_left)
    return Answer(whole.status, headers, _pumped(delivery, opened, exchange))


def _streamed(
    operation: Operation,
    frames: Iterator[Frame],
    error_frame: Callable[[RequestError, Exchange], Frame],
    opened: Opened,
    exchange: Exchange,
) -> Answer:
    exchange = structs.replace(exchange, status=200)

    def failure() -> bytes:
        return error_frame(InternalError(), exchange).data

    delivery = Delivery(
        frames,
        due_times(exchange.plan, exchange.draws, exchange.replies),
        exchange.started_s,
        failure,
        exchange.raw.client_left,
    )
    headers = (
        ("Content-Type", operation.ENCODINGS[exchange.answered[0].encoding]),
        *_STREAM_HEADERS,
        *_common_headers(operation, exchange),
    )
    body = _tracked(_pumped(delivery, opened, exchange), exchange.id, opened.runtime.open_streams)
    return Answer(200, headers, body)


def _pumped(delivery: Delivery, opened: Opened, exchange: Exchange) -> Iterator[bytes]:
    def close(sent: Sent) -> Exchange:
        return service.close(opened, exchange, sent)

    return pump(delivery, opened.runtime.clock, close)


def _tracked(body: Iterator[bytes], name: str, open_streams: set[str]) -> Iterator[bytes]:
    """Pass `body` on, and count it as open from its first piece to its end."""
    open_streams.add(name)
    try:
        yield from body
    finally:
        open_streams.discard(name)


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


def _source(location: Location | None) -> str:
    return quote(f"{location.file}:{location.line}", safe="/:") if location else "built-in"
