"""What all requests on one connection share, so that it is made once."""

from __future__ import annotations

from typing import Any

from gevent.socket import socket
from gunicorn.http.message import HeaderPolicy
from gunicorn.http.wsgi import WSGIErrorsWrapper, base_environ
from msgspec import Struct


class Limits(Struct, frozen=True):
    """What gunicorn refuses heads for. Nothing that comes near is ordinary."""

    line_bytes: int
    field_bytes: int
    fields: int


class Connection(Struct, frozen=True):
    """A client's connection.

    `environ` is the part of the WSGI environment that every request has; `https_when` has what
    headers say when a trusted proxy was asked over https.
    """

    client: Any
    environ: dict[str, Any]
    https_when: tuple[tuple[str, str], ...]
    limits: Limits


def limits_of(cfg: Any) -> Limits:
    """Return gunicorn's limits; where it has none, those that it has by default."""
    return Limits(
        line_bytes=cfg.limit_request_line if cfg.limit_request_line > 0 else 4094,
        field_bytes=cfg.limit_request_field_size if cfg.limit_request_field_size > 0 else 8190,
        fields=cfg.limit_request_fields if cfg.limit_request_fields > 0 else 100,
    )


def worker_environ(cfg: Any) -> dict[str, Any]:
    """Return the part of the environment that all requests to a worker have."""
    own = {"wsgi.multithread": True, "wsgi.url_scheme": "http", "wsgi.errors": _Errors(cfg)}
    return {**base_environ(cfg), **own, "SERVER_PROTOCOL": "HTTP/1.1", "SCRIPT_NAME": ""}


def https_when(cfg: Any, address: Any) -> tuple[tuple[str, str], ...]:
    """Return the headers by which a client at this address may say that it was asked over https,
    by their names in the environment, and their values."""
    policy = HeaderPolicy()
    policy.cfg, policy.peer_addr = cfg, address
    headers, _ = policy._peer_trusted_for_forwarded()
    return tuple((f"HTTP_{name.replace('-', '_')}", value) for name, value in headers.items())


class _Errors(WSGIErrorsWrapper):  # type: ignore[misc]  # gunicorn is not typed
    """gunicorn's error log, looked up when something is written: SIGUSR1 opens it anew."""

    def __init__(self, cfg: Any) -> None:
        self._cfg = cfg

    def write(self, data: str) -> None:
        WSGIErrorsWrapper(self._cfg).write(data)


class Unread(socket):  # type: ignore[misc]  # gevent is not typed
    """The socket of a client, which gives once more what was already read from it."""

    def __init__(self, client: Any, unread: bytes) -> None:
        family, kind, protocol = client.family, client.type, client.proto
        super().__init__(family, kind, protocol, fileno=client.detach())
        self._unread = unread

    def recv(self, size: int, *flags: int) -> bytes:
        if not self._unread:
            received: bytes = super().recv(size, *flags)
            return received
        received, self._unread = self._unread[:size], self._unread[size:]
        return received
