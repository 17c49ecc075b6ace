"""A server that does nothing but send tokens when they are due, and notes when it sent them: what
the client sees later than that is the client's own lag.
"""

from __future__ import annotations

import heapq
import multiprocessing
import os
import re
import select
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection

_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream\r\n\r\n"
_EVENT = (
    b'data: {"id":"chatcmpl-abcdefghijklmnopqrstuvwxyz012","object":"chat.completion.chunk",'
    b'"created":1700000000,"model":"mock","service_tier":"default","system_fingerprint":'
    b'"fp_6d6f636b31","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,'
    b'"finish_reason":null}]}\n\n'
)
_CHUNK = b"%x\r\n%b\r\n" % (len(_EVENT), _EVENT)
_END = b"0\r\n\r\n"
_USER = re.compile(rb'"user": "([^"]+)"')
_WAIT_S = 5.0

Sent = dict[str, list[float]]
"""When the tokens of each user's stream were sent (monotonic seconds)."""


@contextmanager
def paced(core: int, streams: int, due_s: Sequence[float]) -> Iterator[tuple[int, Connection]]:
    """Serve so many streams on a core, their tokens due so many seconds after the request. Yield
    the port, and where a `Sent` will come from."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    with socket.create_server(("127.0.0.1", 0), backlog=streams) as listener:
        process = multiprocessing.get_context("fork").Process(
            target=_serve, args=(listener, core, streams, due_s, theirs), daemon=True
        )
        process.start()
        theirs.close()
        try:
            yield listener.getsockname()[1], ours
        finally:
            process.kill()
            process.join()
            ours.close()


def sent_times(connection: Connection) -> Sent:
    """Return what the server noted; nothing when it does not say so in time."""
    found: Sent = connection.recv() if connection.poll(_WAIT_S) else {}
    return found


def _serve(
    listener: socket.socket,
    core: int,
    streams: int,
    due_s: Sequence[float],
    results: Connection,
) -> None:
    os.sched_setaffinity(0, {core})
    results.send(_Paced(listener, due_s).run(streams))


class _Paced:
    def __init__(self, listener: socket.socket, due_s: Sequence[float]) -> None:
        self._listener = listener
        self._due_s = due_s
        self._epoll = select.epoll()
        self._epoll.register(listener.fileno(), select.EPOLLIN)
        self._unread: dict[int, socket.socket] = {}
        self._due: list[tuple[float, str, float, socket.socket]] = []
        self._sent: Sent = {}

    def run(self, streams: int) -> Sent:
        """Send until so many streams have ended."""
        ended = 0
        while ended < streams:
            now_s = time.monotonic()
            wait_s = min(max(self._due[0][0] - now_s, 0.0), 1.0) if self._due else 1.0
            for descriptor, _ in self._epoll.poll(wait_s, 16):
                self._receive(descriptor)
            now_s = time.monotonic()
            while self._due and self._due[0][0] <= now_s:
                ended += self._send()
        return self._sent

    def _receive(self, descriptor: int) -> None:
        if descriptor == self._listener.fileno():
            connection, _ = self._listener.accept()
            self._unread[connection.fileno()] = connection
            self._epoll.register(connection.fileno(), select.EPOLLIN)
            return
        now_s = time.monotonic()
        self._epoll.unregister(descriptor)
        connection = self._unread.pop(descriptor)
        found = _USER.search(connection.recv(65_536))
        user = found[1].decode() if found else ""
        self._sent[user] = []
        connection.sendall(_HEAD)
        heapq.heappush(self._due, (now_s + self._due_s[0], user, now_s, connection))

    def _send(self) -> bool:
        """Send the token that is due next, and return whether it was its stream's last."""
        _, user, started_s, connection = self._due[0]
        sent = self._sent[user]
        sent.append(time.monotonic())
        is_last = len(sent) == len(self._due_s)
        try:
            connection.send(_CHUNK + _END if is_last else _CHUNK)
        except OSError:
            is_last = True
        if is_last:
            heapq.heappop(self._due)
            connection.close()
        else:
            due_s = started_s + self._due_s[len(sent)]
            heapq.heapreplace(self._due, (due_s, user, started_s, connection))
        return is_last
