"""gunicorn's response, sent in fewer pieces, and its answer to what is no HTTP, in JSON."""

from __future__ import annotations

from functools import lru_cache
from time import time
from typing import Any

import msgspec
from gunicorn import util
from gunicorn.http import wsgi

from mockllm.web.pump import LastPiece

_SPECIAL = frozenset({"content-length", *util.hop_headers})
_MAX_NAMES = 1_000
_LAST_CHUNK = b"0\r\n\r\n"


class Response(wsgi.Response):  # type: ignore[misc]  # gunicorn is not typed
    """What gunicorn's response sends, byte for byte, but the head together with what follows it:
    an answer of known length in one call of the system, and without asking the socket first
    whether it can be written."""

    headers_sent: bool

    def __init__(self, request: Any, client: Any, cfg: Any) -> None:
        super().__init__(request, client, cfg)
        self._unsent = b""
        self._has_ended = False

    def is_chunked(self) -> bool:
        """As gunicorn's, for HTTP/1.1."""
        return self.response_length is None and not self._omits_body

    def process_headers(self, headers: list[tuple[str, str]]) -> None:
        """As gunicorn's, which is asked about every name once, and about unusual values."""
        for header in headers:
            name, value = header
            if name in _PLAIN and _is_plain(value):
                self.headers.append(header)
            elif name == "Content-Length" and _is_plain(value) and value.isdecimal():
                self.response_length = int(value)
                self.headers.append(header)
            else:
                super().process_headers([header])
                if name.lower() not in _SPECIAL and len(_PLAIN) < _MAX_NAMES:
                    _PLAIN.add(name)

    def send_headers(self) -> None:
        """Make the head. It is sent with what comes next."""
        if self.headers_sent:
            return
        connection = "close" if self.should_close() else "keep-alive"
        head = (
            f"HTTP/1.1 {self.status}\r\nServer: {self.version}\r\nDate: {_date(int(time()))}\r\n"
            f"Connection: {'upgrade' if self.upgrade else connection}\r\n"
        )
        if self.chunked:
            head += "Transfer-Encoding: chunked\r\n"
        lines = [f"{name}: {value}\r\n" for name, value in self.headers]
        self._unsent = f"{head}{''.join(lines)}\r\n".encode("latin-1")
        self.headers_sent = True

    def write(self, data: bytes) -> None:
        """Send a piece of the body; before the first the head, whatever the piece is."""
        if self.chunked and self.headers_sent and data:  # one of many
            self.sent += len(data)
            self._emit_body(data)
            return
        try:
            super().write(data)
        finally:
            if self._unsent:
                self._send(b"")

    def write_file(self, file: Any) -> None:
        """Send a file, as gunicorn does."""
        self.write(b"")
        super().write_file(file)

    def close(self) -> None:
        """Send what ends the answer."""
        self.send_headers()
        end = _LAST_CHUNK if self.chunked and not self._has_ended else b""
        if end or self._unsent:
            self._send(end)

    def _emit_body(self, data: bytes) -> None:
        if not self.chunked:
            self._send(data)
            return
        self._has_ended = isinstance(data, LastPiece)
        end = _LAST_CHUNK if self._has_ended else b""
        self._send(b"%X\r\n%b\r\n%b" % (len(data), data, end))

    def _send(self, data: bytes) -> None:
        data, self._unsent = self._unsent + data, b""
        sent = self.sock.send(data)
        if sent < len(data):
            self.sock.sendall(memoryview(data)[sent:])


def write_error(sock: Any, status: int, reason: str, message: str) -> None:
    """Answer a request that is not HTTP: before it is understood there is no dialect to choose,
    so the error has the members that both OpenAI's and Anthropic's SDKs read."""
    error = {"type": "invalid_request_error", "message": message or reason}
    body = msgspec.json.encode({"type": "error", "error": {**error, "param": None, "code": None}})
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(sock, head.encode("latin-1") + body)


def _is_plain(value: Any) -> bool:
    """Return whether there is nothing to be checked or changed about a header's value."""
    is_text = type(value) is str and value.isascii() and value.isprintable()
    return is_text and value.strip(" ") == value


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    date: str = util.http_date(second)
    return date


_PLAIN: set[str] = set()
"""The names that gunicorn has found to be good, and has nothing to do about."""
