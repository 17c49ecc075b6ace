"""gunicorn's gevent worker, with two habits mended for a server of many idle SDK connections."""

from __future__ import annotations

import gc
import socket
from typing import Any

import gevent
import msgspec
from greenlet import greenlet
from gunicorn import util
from gunicorn.workers.ggevent import GeventWorker

from mockllm.serving import settings
from mockllm.web.view import EXTENSION

_LOOK_EVERY_S = 0.1
_DRAIN_S = 10.0
_DRAIN_BYTES = 65_536
_DRAIN_READS = 1_000


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn is not typed
    """A gevent worker that on a graceful stop waits for running requests only.

    The stock worker waits for idle keep-alive connections too: with a keep-alive of 75 s one idle
    client holds up every stop for the whole graceful time. Errors in HTTP itself are answered in
    JSON, as everything else is, and not in HTML.
    """

    @classmethod
    def setup(cls) -> None:
        """Note that gunicorn is starting: it calls this before it makes a preloaded application."""
        settings.is_preloading = True

    def init_process(self) -> None:
        self._connections: set[Any] = set()
        self._busy: set[Any] = set()
        util.write_error = _write_error
        super().init_process()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self._runtime = getattr(self.wsgi, "extensions", {}).get(EXTENSION)
        if self._runtime is not None:
            self._runtime.count_greenlets = _count_greenlets

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        self._connections.add(client)
        try:
            super().handle(listener, client, addr)
        finally:
            self._connections.discard(client)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        self._busy.add(sock)
        try:
            keeps_alive = super().handle_request(listener_name, req, sock, addr)
            if not _is_drained(req):
                raise StopIteration
            return keeps_alive
        finally:
            self._busy.discard(sock)

    def handle_exit(self, sig: Any, frame: Any) -> None:
        super().handle_exit(sig, frame)
        if self._runtime is not None:
            self._runtime.has_to_stop = True
        gevent.spawn(self._close_idle)

    def _close_idle(self) -> None:
        """Close what has no request under way, until the process ends."""
        while True:
            for connection in self._connections - self._busy:
                try:
                    # gevent's own shutdown would make the waiting read fail, and be logged
                    connection._sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    self._connections.discard(connection)
            gevent.sleep(_LOOK_EVERY_S)


def _count_greenlets() -> int:
    """Return how many greenlets have not ended. This looks at every object there is."""
    return sum(isinstance(each, greenlet) and not each.dead for each in gc.get_objects())


def _is_drained(request: Any) -> bool:
    """Read what the application has not, so that the client sees the answer and the connection
    can go on; return whether the body has ended.

    gunicorn would read all of it without a pause, and nobody else would be served until then.
    """
    with gevent.Timeout(_DRAIN_S, False):
        for _ in range(_DRAIN_READS):
            try:
                if not request.body.reader.read(_DRAIN_BYTES):
                    return True
            except OSError:
                return False
            gevent.sleep(0)
    return False


def _write_error(sock: Any, status: int, reason: str, message: str) -> None:
    """Answer a request that is not HTTP: before it is understood there is no dialect to choose,
    so the error has the members that both OpenAI's and Anthropic's SDKs read."""
    error = {"type": "invalid_request_error", "message": message or reason}
    body = msgspec.json.encode({"type": "error", "error": {**error, "param": None, "code": None}})
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(sock, head.encode("latin-1") + body)
