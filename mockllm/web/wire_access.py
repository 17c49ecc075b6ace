"""The one place that finds the client's raw socket."""

from __future__ import annotations

import _socket
import errno
import os
import socket
import struct
from typing import Any, NoReturn

from mockllm.core.raw import IN_PROCESS, Connection

_SOCKETS = ("gunicorn.socket", "werkzeug.socket")
_ESTABLISHED = 1
_PEEK = socket.MSG_PEEK | getattr(socket, "MSG_DONTWAIT", 0)
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_UNSENT = 0x5411  # SIOCOUTQ, Linux's


def connection_of(environ: dict[str, Any]) -> Connection:
    """Return the connection that a request came through."""
    found = next((environ[name] for name in _SOCKETS if name in environ), None)
    return IN_PROCESS if found is None else Wire(found)


class Wire:
    """`Connection` on a socket, which may be gevent's, and TLS's."""

    is_wire = True

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def has_left(self) -> bool:
        """As `Connection.has_left`.

        Asks without waiting, with the unpatched socket: gevent's would wait for data. Linux tells
        the state of a TCP connection; elsewhere its end is seen only behind whatever the client
        sent before it, such as TLS's farewell.
        """
        descriptor = self._connection.fileno()
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

    def send(self, data: bytes) -> None:
        """As `Connection.send`."""
        self._connection.sendall(data)

    def flush(self) -> bool:
        """As `Connection.flush`. Where nobody can tell it is taken to have arrived."""
        import fcntl  # no such module on Windows

        try:
            unsent = fcntl.ioctl(self._connection.fileno(), _UNSENT, b"\0\0\0\0")
        except (OSError, ValueError):  # it is closed, or no TCP
            return True
        return unsent == b"\0\0\0\0"

    def reset(self) -> NoReturn:
        """As `Connection.reset`.

        The server would shut the connection down before closing it, and that is a farewell; so
        the socket is closed under it, and one that is at its end stands in its place until it
        closes that.
        """
        descriptor = self._connection.fileno()
        if descriptor >= 0:
            spare, other = _socket.socketpair()
            other.close()
            peer = _socket.socket(fileno=descriptor)
            try:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                os.dup2(spare.fileno(), descriptor)
            finally:
                peer.detach()
                spare.close()
        raise ConnectionResetError(errno.ECONNRESET, "reset, as a fault asks")

    def hang_up(self) -> NoReturn:
        """As `Connection.hang_up`."""
        descriptor = self._connection.fileno()
        if descriptor >= 0:
            peer = _socket.socket(fileno=descriptor)
            try:
                peer.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is closed already
            finally:
                peer.detach()
        raise ConnectionResetError(errno.ECONNRESET, "closed too early, as a fault asks")
