"""The one place that finds the client's raw socket."""

from __future__ import annotations

import _socket
import socket
from collections.abc import Callable
from typing import Any

_SOCKETS = ("gunicorn.socket", "werkzeug.socket")
_ESTABLISHED = 1
_PEEK = socket.MSG_PEEK | getattr(socket, "MSG_DONTWAIT", 0)


def departure(environ: dict[str, Any]) -> Callable[[], bool]:
    """Return a function that tells whether the client has closed its connection.

    Without a socket (a client in the same process) the answer is always no.
    """
    connection = next((environ[name] for name in _SOCKETS if name in environ), None)

    def has_left() -> bool:
        return connection is not None and _is_closed(connection.fileno())

    return has_left


def _is_closed(descriptor: int) -> bool:
    """Ask without waiting, with the unpatched socket: gevent's would wait for data.

    Linux tells the state of a TCP connection; elsewhere its end is seen only behind whatever the
    client sent before it, such as TLS's farewell.
    """
    if descriptor < 0:
        return True
    peer = _socket.socket(fileno=descriptor)
    try:
        if hasattr(socket, "TCP_INFO") and peer.family in (socket.AF_INET, socket.AF_INET6):
            return peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != _ESTABLISHED
        return peer.recv(1, _PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        peer.detach()
