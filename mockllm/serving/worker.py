"""gunicorn's gevent worker, faster where requests are ordinary, and with two habits mended for a
server of many idle SDK connections."""

from __future__ import annotations

import errno
import gc
import math
import os
import socket
from contextlib import suppress
from time import monotonic
from typing import Any

import gevent
from greenlet import greenlet
from gunicorn import util
from gunicorn.config import PostRequest
from gunicorn.glogging import Logger
from gunicorn.http.wsgi import _make_early_hints_callback
from gunicorn.workers.ggevent import GeventWorker

from mockllm.serving import settings
from mockllm.serving.http_body import READ_BYTES, LateBody, is_drained
from mockllm.serving.http_connection import (
    Connection,
    Unread,
    https_when,
    limits_of,
    worker_environ,
)
from mockllm.serving.http_request import Request, parse
from mockllm.serving.http_response import Response, write_error
from mockllm.web.view import EXTENSION

_LOOK_EVERY_S = 0.1
_READ = 1
"""libev's `EV_READ`."""

_CLIENT_HAS_LEFT = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN)


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn is not typed
    """A gevent worker that answers ordinary requests itself, and on a graceful stop waits for
    running requests only.

    gunicorn takes several times as long for an ordinary request: a parser in Python, two sends, a
    timer. From the first request that is not ordinary a connection is gunicorn's, which knows the
    rest of HTTP, and refuses what is none.

    The stock worker waits for idle keep-alive connections too: with a keep-alive of 75 s one idle
    client holds up every stop for the whole graceful time. Errors in HTTP itself are answered in
    JSON, as everything else is, and not in HTML.
    """

    alive: bool
    """gunicorn's: whether it goes on."""

    @classmethod
    def setup(cls) -> None:
        """Note that gunicorn is starting: it calls this before it makes a preloaded application."""
        settings.is_preloading = True

    def init_process(self) -> None:
        self._idle: dict[Any, float] = {}
        """The connections without a request under way, and until when they may be."""
        util.write_error = write_error
        super().init_process()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self._runtime = getattr(self.wsgi, "extensions", {}).get(EXTENSION)
        if self._runtime is not None:
            self._runtime.count_greenlets = _count_greenlets
        self._keepalive_s = self.cfg.keepalive
        self._limits = limits_of(self.cfg)
        self._environ = worker_environ(self.cfg)
        self._may_answer = _may_answer(self.cfg, self.log)

    def run(self) -> None:
        gevent.spawn(self._close_idle)
        super().run()

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        if self._may_answer and listener.family != socket.AF_UNIX:
            unread = self._serve(listener, client, addr)
            if unread is None:
                return
            client = Unread(client, unread)
        self._idle[client] = math.inf  # gunicorn has a timer of its own
        try:
            super().handle(listener, client, addr)
        finally:
            self._idle.pop(client, None)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        self._idle.pop(sock, None)
        try:
            keeps_alive = super().handle_request(listener_name, req, sock, addr)
            if not is_drained(req.body.reader.read):
                raise StopIteration
            return keeps_alive
        finally:
            self._idle[sock] = math.inf

    def handle_exit(self, sig: Any, frame: Any) -> None:
        super().handle_exit(sig, frame)
        if self._runtime is not None:
            self._runtime.has_to_stop = True

    def _serve(self, listener: Any, client: Any, addr: Any) -> bytes | None:
        """Answer ordinary requests as long as they come, then close the connection and return None;
        or return what was read of a request that is not ordinary.

        What goes wrong is logged and answered as gunicorn's own `handle` does it.
        """
        client.setblocking(1)
        request, hub = None, gevent.get_hub()
        readable = hub.loop.io(client.fileno(), _READ)
        try:
            connection = self._connection(listener.getsockname(), client, addr)
            self._idle[client] = monotonic() + self._keepalive_s
            while received := client.recv(READ_BYTES):
                request = parse(received, connection)
                if request is None:
                    unread: bytes = received
                    return unread
                self._idle.pop(client, None)
                del received  # the answer may be a long stream
                if not self._answer(request, client):
                    break
                request = None  # its body, while the connection is idle
                self._idle[client] = monotonic() + self._keepalive_s
                hub.wait(readable)  # to try it first is to fail nearly every time, which is dear
        except OSError as error:
            if error.errno not in _CLIENT_HAS_LEFT:
                self.log.exception("Socket error processing request.")
        except (gevent.GreenletExit, SystemExit):
            pass  # the worker is being stopped
        except Exception as error:  # noqa: BLE001  # whatever an application raises
            self.handle_error(request, client, addr, error)
        finally:
            self._idle.pop(client, None)
            readable.close()
        util.close(client)
        return None

    def _connection(self, name: Any, client: Any, addr: Any) -> Connection:
        environ = self._environ | {
            "gunicorn.socket": client,
            "REMOTE_ADDR": addr[0],
            "REMOTE_PORT": str(addr[1]),
            "SERVER_NAME": name[0],
            "SERVER_PORT": str(name[1]),
        }
        return Connection(client, environ, https_when(self.cfg, addr), self._limits)

    def _answer(self, request: Request, client: Any) -> bool:
        """Answer a request; return whether the connection goes on."""
        response = Response(request, client, self.cfg)
        environ, request.environ = request.environ, {}  # or each would hold the other
        environ["wsgi.early_hints"] = _make_early_hints_callback(request, client, response)
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("Autorestarting worker after current request.")
            self.alive = False
        if not self.alive:
            response.force_close()
        try:
            self._call(environ, response)
        except OSError:
            raise
        except Exception:
            if not response.headers_sent:
                raise
            self.log.exception("Error handling request")
            return False
        body = request.body
        if response.should_close():
            return False
        return not isinstance(body, LateBody) or body.is_read or is_drained(body.read)

    def _call(self, environ: dict[str, Any], response: Response) -> None:
        """Send what the application answers. Only here, and in gunicorn's `handle_request` for
        what is not ordinary, is it called."""
        pieces = self.wsgi(environ, response.start_response)
        if self.is_already_handled(pieces):
            response.force_close()
            return
        try:
            if isinstance(pieces, environ["wsgi.file_wrapper"]):
                response.write_file(pieces)
            else:
                for piece in pieces:
                    response.write(piece)
            response.close()
        finally:
            if hasattr(pieces, "close"):
                pieces.close()

    def _close_idle(self) -> None:
        """Close what has been idle for too long, and all that is idle when the server stops."""
        while True:
            now_s = monotonic()
            for client, until_s in list(self._idle.items()):
                if now_s < until_s and self.alive:
                    continue
                del self._idle[client]
                with suppress(OSError):
                    # gevent's own shutdown would make the waiting read fail, and be logged
                    client._sock.shutdown(socket.SHUT_RDWR)
            gevent.sleep(_LOOK_EVERY_S)


def _may_answer(cfg: Any, log: Any) -> bool:
    """Return whether gunicorn's settings ask for nothing that only its own code does."""
    is_plain = not (
        cfg.is_ssl
        or cfg.protocol != "http"
        or "h2" in cfg.http_protocols
        or cfg.proxy_protocol != "off"
        or "SCRIPT_NAME" in os.environ
    )
    is_unobserved = (
        cfg.pre_request is settings.pre_request
        and cfg.post_request is PostRequest.default
        and type(log) is Logger
        and not log.access_log_enabled
    )
    return is_plain and is_unobserved and cfg.keepalive > 0


def _count_greenlets() -> int:
    """Return how many greenlets have not ended. This looks at every object there is."""
    return sum(isinstance(each, greenlet) and not each.dead for each in gc.get_objects())
