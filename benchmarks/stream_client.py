"""A client of many streams at once that adds little to what it measures: one thread, epoll, and
no parsing but counting. `paced_server` tells how late it is by itself.
"""

from __future__ import annotations

import errno
import heapq
import json
import select
import socket
import struct
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Literal

PATH = "/v1/chat/completions"
TOKEN_MARK = b'"delta":{"content":"'
"""What every token of ours has once, and no other event of OpenAI's streams."""
LAST_CHUNK = b"\r\n0\r\n\r\n"

_READ_BYTES = 32_768
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_NOW_OR_LATER = (0, errno.EINPROGRESS)
_clock_s = time.monotonic

Outcome = Literal["waiting", "open", "complete", "refused", "broken", "left"]


class Stream:
    """One stream: when it was opened and when each of its tokens came (monotonic seconds).

    It is `complete` when all of its bytes have come, whatever they said; `refused` when there was
    no connection or another status than 200; `broken` when it ended before its end; `left` when
    this client left it.
    """

    __slots__ = (
        "_mark",
        "_tail",
        "_taken",
        "ended_s",
        "opened_s",
        "outcome",
        "request",
        "socket",
        "token_s",
    )

    def __init__(self, request: bytes, mark: bytes = TOKEN_MARK) -> None:
        self.request = request
        self._mark = mark
        self.outcome: Outcome = "waiting"
        self.opened_s = 0.0
        self.ended_s = 0.0
        self.token_s: list[float] = []
        self.socket = socket.socket()
        self._tail = b""
        self._taken = False

    @property
    def has_begun(self) -> bool:
        """Whether something has come."""
        return self._taken

    def take(self, piece: bytes, now_s: float) -> None:
        """Note what has come."""
        if not self._taken:
            self._taken = True
            if not piece.startswith(b"HTTP/1.1 200 "):
                self.outcome = "refused"
                return
        piece = self._tail + piece
        tokens = piece.count(self._mark)
        if tokens == 1:
            self.token_s.append(now_s)
        elif tokens:
            self.token_s += [now_s] * tokens
        self._tail = piece[1 - len(self._mark) :]  # no whole mark, and longer than LAST_CHUNK
        if self._tail.endswith(LAST_CHUNK):
            self.outcome = "complete"


class Client:
    """Opens streams when they are due and reads them all. Knows one server."""

    def __init__(self, port: int, ended: Callable[[Stream], object] = bool) -> None:
        """`ended` is told of every stream that has ended, in whatever way."""
        self._address = ("127.0.0.1", port)
        self._ended = ended
        self._epoll = select.epoll()
        self._open: dict[int, Stream] = {}
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = count()

    def call_at(self, due_s: float, action: Callable[[], object]) -> None:
        """Do something at a time (monotonic), within a millisecond or so."""
        heapq.heappush(self._due, (due_s, next(self._numbers), action))

    def open_at(self, due_s: float, stream: Stream) -> None:
        """Open a stream at a time (monotonic)."""
        self.call_at(due_s, partial(self._connect, stream))

    def leave(self, stream: Stream, reset: bool = False) -> None:
        """Close a stream's connection if it is still open, with a reset if asked for."""
        if stream.outcome != "open":
            return
        if reset:
            stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        stream.outcome = "left"
        self._close(stream)

    def run(self, until_s: float) -> None:
        """Do all that is due, until nothing is left to do or to read, or until a time; what is
        open then is broken."""
        poll, streams = self._epoll.poll, self._open
        try:
            while self._due or streams:
                now_s = _clock_s()
                if now_s >= until_s:
                    break
                self._do(now_s)
                if not (self._due or streams):  # what was done left the last ones
                    break
                next_s = min(self._due[0][0], until_s) if self._due else until_s
                for descriptor, event in poll(max(0.0, next_s - _clock_s())):
                    stream = streams.get(descriptor)
                    if stream is None:
                        continue
                    if event & select.EPOLLOUT:
                        self._send(stream)
                    else:
                        self._read(stream)
        finally:
            for stream in list(streams.values()):
                stream.outcome = "broken"
                self._close(stream)
            self._epoll.close()

    def _do(self, now_s: float) -> None:
        while self._due and self._due[0][0] <= now_s:
            heapq.heappop(self._due)[2]()

    def _connect(self, stream: Stream) -> None:
        stream.opened_s = _clock_s()
        stream.outcome = "open"
        stream.socket.setblocking(False)
        descriptor = stream.socket.fileno()
        self._open[descriptor] = stream
        self._epoll.register(descriptor, select.EPOLLOUT)
        if stream.socket.connect_ex(self._address) not in _NOW_OR_LATER:
            stream.outcome = "refused"
            self._close(stream)

    def _send(self, stream: Stream) -> None:
        try:
            stream.socket.send(stream.request)  # far smaller than an empty socket's buffer
        except OSError:
            stream.outcome = "refused"
            self._close(stream)
        else:
            self._epoll.modify(stream.socket.fileno(), select.EPOLLIN)

    def _read(self, stream: Stream) -> None:
        try:
            piece = stream.socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        now_s = _clock_s()
        if piece:
            stream.take(piece, now_s)
        else:
            stream.outcome = "broken"
        if stream.outcome != "open":
            self._close(stream)

    def _close(self, stream: Stream) -> None:
        stream.ended_s = _clock_s()
        del self._open[stream.socket.fileno()]
        stream.socket.close()
        self._ended(stream)


def request_of(content: str, user: str, headers: Sequence[str] = ()) -> bytes:
    """Return a request for a streamed chat completion on a connection of its own. `user` tells
    requests apart; `headers` are lines of the head."""
    messages = [{"role": "user", "content": content}]
    body = json.dumps({"model": "mock", "stream": True, "user": user, "messages": messages})
    lines = [
        f"POST {PATH} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join([*lines, "", body]).encode()
