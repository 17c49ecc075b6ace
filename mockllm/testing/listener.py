"""werkzeug's threaded server in a thread of this process, on a free port of the loopback."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

_HOST = "127.0.0.1"
_POLL_S = 0.02  # how long stopping may take


class Listener:
    """A running server; `url` has no slash at its end."""

    def __init__(self, application: WSGIApplication) -> None:
        """Listen, and return when connections are taken.

        Raises:
            OSError: there is no port to be had.
        """
        self._server = _Server(_HOST, 0, application, handler=_Handler)
        self.url = f"http://{_HOST}:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": _POLL_S},
            name="mockllm",
            daemon=True,
        )
        self._thread.start()

    def close(self) -> None:
        """Take no more connections and close those that are open."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._server.hang_up()


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body leave in two writes

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the journal has it."""

    def log_error(self, format: str, *args: Any) -> None:
        """Say nothing: a client that leaves is no error."""


class _Server(ThreadedWSGIServer):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._connections: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log, but for the traceback of a connection that a fault has broken."""
        if not any("as a fault asks" in str(each) for each in args):
            super().log(type, message, *args)

    def hang_up(self) -> None:
        """End the connections that clients keep, so that their threads end."""
        for connection in tuple(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
