"""The ordinary HTTP request, parsed in C. Every other one is left to gunicorn, with its bytes.

Ordinary is what the SDKs send: HTTP/1.1, one of seven methods, a path, a head that came whole and
at most a `Content-Length`. `_HEAD` says so character by character and takes less than gunicorn
does, so that nothing is answered here which gunicorn refuses, or takes for something else.
"""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import unquote_to_bytes

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from mockllm.core.remembered import Remembered
from mockllm.serving.http_body import LateBody
from mockllm.serving.http_connection import Connection

MAX_BODY_BYTES = 1_048_576
"""Larger bodies are left to gunicorn, which gives them to the application as they come."""

_HEAD = re.compile(
    rb"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /(?!/)[!\"$-~]* HTTP/1\.1\r\n"
    rb"(?:[!#$%&'*+.^`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)*\r\n"
)
"""No underscore in a name, no fragment in a target, no line that goes on in the next. A value has
no line end and a name no colon, so a match takes linear time."""

_HEAD_END = b"\r\n\r\n"
_MAX_LENGTH_DIGITS = 7
_NOT_ORDINARY = frozenset({b"expect", b"transfer-encoding", b"upgrade"})
_ONCE = frozenset({"HTTP_HOST", "HTTP_CONNECTION", "CONTENT_TYPE", "CONTENT_LENGTH"})
_GOES_ON = {"keep-alive": True, "close": False}


class Request:
    """A request: its environment, filled in by httptools, and what gunicorn's own code asks of a
    request when it answers one or reports an error."""

    version = (1, 1)

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = environ
        self.is_ordinary = True
        self.fields = 0
        self.goes_on = True
        self.uri = self.method = self.path = self.query = ""
        self.body: io.BytesIO | LateBody

    def on_url(self, url: bytes) -> None:
        """Called by httptools."""
        self.uri = url.decode("ascii")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by httptools."""
        key = _KEYS[name]
        environ = self.environ
        self.fields += 1
        if key not in environ:
            environ[key] = value.decode("latin-1").strip(" \t")
        elif key in _ONCE:
            self.is_ordinary = False
        else:
            environ[key] += "," + value.decode("latin-1").strip(" \t")
        if not key:
            self.is_ordinary = False

    def should_close(self) -> bool:
        """Return whether the client wants the connection closed after the answer."""
        return not self.goes_on


def parse(received: bytes, connection: Connection) -> Request | None:
    """Return the request that was received, None when it is not ordinary."""
    end = received.find(_HEAD_END) + len(_HEAD_END)
    is_short = len(_HEAD_END) <= end <= connection.limits.field_bytes
    if not is_short or not _HEAD.fullmatch(received, 0, end):
        return None
    request = Request(connection.environ.copy())
    parser = HttpRequestParser(request)
    try:
        parser.feed_data(received[:end])
    except (HttpParserError, HttpParserUpgrade):
        return None
    request.method = parser.get_method().decode("ascii")
    return request if _complete(request, received[end:], connection) else None


def _complete(request: Request, rest: bytes, connection: Connection) -> bool:
    """Fill in what the head does not say by itself; return whether it is an ordinary request."""
    environ, uri, limits = request.environ, request.uri, connection.limits
    goes_on = _GOES_ON.get(environ.get("HTTP_CONNECTION", "keep-alive").lower())
    length = _length(environ.get("CONTENT_LENGTH", "0"))
    if not request.is_ordinary or goes_on is None or length is None or len(rest) > length:
        return False
    line_bytes = len(request.method) + len(uri) + len("  HTTP/1.1")
    if line_bytes > limits.line_bytes or request.fields > limits.fields:
        return False
    request.goes_on = goes_on
    request.path, _, request.query = uri.partition("?")
    is_whole = len(rest) == length
    request.body = io.BytesIO(rest) if is_whole else LateBody(connection.client, rest, length)
    environ["REQUEST_METHOD"] = request.method
    environ["RAW_URI"] = uri
    environ["QUERY_STRING"] = request.query
    environ["PATH_INFO"] = _unquoted(request.path) if "%" in request.path else request.path
    environ["wsgi.input"] = request.body
    return _set_scheme(environ, connection.https_when)


def _set_scheme(environ: dict[str, Any], https_when: tuple[tuple[str, str], ...]) -> bool:
    """Set the scheme that a trusted proxy was asked by; return whether it is clear which."""
    said = [(environ[name], value) for name, value in https_when if name in environ]
    if said:
        environ["wsgi.url_scheme"] = "https" if said[0][0] == said[0][1] else "http"
    return not said or (len(said) == 1 and "," not in said[0][0])


def _length(value: str) -> int | None:
    if len(value) > _MAX_LENGTH_DIGITS or not (value.isascii() and value.isdecimal()):
        return None
    length = int(value)
    return length if length <= MAX_BODY_BYTES else None


def _unquoted(path: str) -> str:
    return unquote_to_bytes(path).decode("latin-1")


def _key(name: bytes) -> str:
    """Return where a header stands in the environment; "" when no ordinary request has it."""
    upper = name.decode("ascii").upper().replace("-", "_")
    key = upper if upper in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{upper}"
    return "" if name.lower() in _NOT_ORDINARY else key


_KEYS = Remembered(_key)
