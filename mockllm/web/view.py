"""Flask on one side, `web.exchange` on the other: all that a blueprint's view needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, Response, current_app, request
from msgspec import Struct
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wsgi import get_content_length, get_input_stream

from mockllm.core.protocol import Dialect, Keep, Operation, Resource, Whole
from mockllm.core.raw import Raw
from mockllm.core.remembered import Remembered
from mockllm.errors import BodyTooLarge, NotHttp, RequestError
from mockllm.runtime import Runtime
from mockllm.web import exchange
from mockllm.web.doors import FAULT_KEY, SESSION_KEY, client_path
from mockllm.web.sending import Answer
from mockllm.web.wire_access import connection_of

EXTENSION = "mockllm"
_DIGITS = 12
"""Those of a length that can be."""

_BODY_CUT = "The request body ended before its announced length, or its chunks are malformed."


class OperationView(Struct, frozen=True):
    """Flask's view of an operation; `keep` stores what it answers.

    It needs nothing of Flask: `answer` is the same from the WSGI environment alone, which is how
    `web.direct` calls it.
    """

    operation: Operation
    keep: Keep | None = None

    def __call__(self, **url_parts: str) -> Response:
        """Return the response to Flask's current request."""
        return _response(self.answer(request.environ, current_runtime(), url_parts))

    def answer(
        self, environ: dict[str, Any], runtime: Runtime, url_parts: Mapping[str, str] = {}
    ) -> Answer:
        """Return the answer to a request."""
        raw = _raw(environ, runtime, url_parts)
        return exchange.serve(self.operation, raw, runtime, self.keep)


def post(bp: Blueprint, url: str, operation: Operation, keep: Keep | None = None) -> None:
    """Let a blueprint answer `POST url` with an operation; `keep` stores what it answers."""
    bp.add_url_rule(url, url, OperationView(operation, keep), methods=["POST"])


def view_resource(resource: Resource, dialect: Dialect) -> Response:
    """Return the response of a resource to Flask's current request."""
    runtime = current_runtime()
    return _response(exchange.serve_resource(resource, dialect, _current_raw(runtime), runtime))


def resource_view(resource: Callable[..., Whole], dialect: Dialect) -> Callable[..., Response]:
    """Return Flask's view of a resource; the parts of the URL that vary are its first arguments."""

    def resource_of(**ids: str) -> Response:
        return view_resource(partial(resource, *ids.values()), dialect)

    return resource_of


def view_error(error: RequestError, dialect: Dialect) -> Response:
    """Return the error reply to Flask's current request."""
    runtime = current_runtime()
    return _response(exchange.refuse(error, dialect, _current_raw(runtime), runtime))


def current_runtime() -> Runtime:
    """Return what the current application serves with."""
    runtime: Runtime = current_app.extensions[EXTENSION]
    return runtime


def request_headers() -> dict[str, str]:
    """Return the current request's headers by lower-case name."""
    return _headers(request.environ)


def _current_raw(runtime: Runtime) -> Raw:
    return _raw(request.environ, runtime, request.view_args or {})


def _raw(environ: dict[str, Any], runtime: Runtime, url_parts: Mapping[str, str]) -> Raw:
    headers = _headers(environ)
    body, unread = _body(environ, runtime.live.current.ruleset.settings.max_body_bytes)
    return Raw(
        method=environ["REQUEST_METHOD"],
        path=client_path(environ),
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=body,
        url_parts=url_parts,
        session=headers.get("x-mockllm-session") or environ.get(SESSION_KEY, ""),
        unread=unread,
        fault=environ.get(FAULT_KEY, ""),
        connection=connection_of(environ),
    )


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    return {name: value for key, value in environ.items() if (name := _NAMES[key]) is not None}


def _name(key: str) -> str | None:
    """Return the name of the header that stands there in the environment; None for what is no
    header."""
    is_header = key.startswith("HTTP_") or key == "CONTENT_TYPE"
    return key.removeprefix("HTTP_").replace("_", "-").lower() if is_header else None


_NAMES = Remembered(_name)


def _body(environ: dict[str, Any], limit_bytes: int) -> tuple[bytes, RequestError | None]:
    """Return the body, or why it was not read."""
    length = environ.get("CONTENT_LENGTH", "")
    try:
        is_plain = length.isdecimal() and "HTTP_TRANSFER_ENCODING" not in environ
        if is_plain and len(length) < _DIGITS and (size := int(length)) <= limit_bytes:
            body = environ["wsgi.input"].read(size)
            return (body, None) if len(body) == size else (b"", NotHttp(400, _BODY_CUT))
        # One byte more than allowed: at its limit werkzeug's stream ends and does not raise.
        body = get_input_stream(environ, max_content_length=limit_bytes + 1).read()
    except RequestEntityTooLarge:
        return b"", BodyTooLarge(limit_bytes)
    except (ClientDisconnected, OSError):
        return b"", NotHttp(400, _BODY_CUT)
    if len(body) > limit_bytes:
        return b"", BodyTooLarge(limit_bytes)
    if len(body) < (get_content_length(environ) or 0):
        return b"", NotHttp(400, _BODY_CUT)
    return body, None


def _response(answer: Answer) -> Response:
    if request.method == "HEAD":
        for _ in answer.body:  # nobody else would, and the exchange would never be closed
            pass
    return Response(answer.body, answer.status, list(answer.headers), direct_passthrough=True)
