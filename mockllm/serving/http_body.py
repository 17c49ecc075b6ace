"""Request bodies: how they are read when they are asked for, and when they are not."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import gevent

READ_BYTES = 65_536
_DRAIN_S = 10.0
_DRAIN_READS = 1_000


class LateBody:
    """A body that had not come whole with the head. It is read when it is first asked for: an
    application that answers without it need not wait for it."""

    def __init__(self, client: Any, received: bytes, length: int) -> None:
        self.is_read = False
        self._client = client
        self._pieces = [received]
        self._missing_bytes = length - len(received)

    def read(self, size: int | None = -1) -> bytes:
        return self._whole.read(size)

    def readline(self, size: int | None = -1) -> bytes:
        return self._whole.readline(size)

    def readlines(self, hint: int = -1) -> list[bytes]:
        return self._whole.readlines(hint)

    def __iter__(self) -> io.BytesIO:
        return self._whole

    @property
    def _whole(self) -> io.BytesIO:
        """The body, or as much of it as came before the client left."""
        if not self.is_read:
            while self._missing_bytes and (piece := self._receive()):
                self._pieces.append(piece)
                self._missing_bytes -= len(piece)
            self._stream = io.BytesIO(b"".join(self._pieces))
            self._pieces.clear()
            self.is_read = True
        return self._stream

    def _receive(self) -> bytes:
        piece: bytes = self._client.recv(min(self._missing_bytes, READ_BYTES))
        return piece


def is_drained(read: Callable[[int], bytes]) -> bool:
    """Read what the application has not, so that the client sees the answer and the connection
    can go on; return whether the body has ended.

    gunicorn would read all of it without a pause, and nobody else would be served until then.
    """
    with gevent.Timeout(_DRAIN_S, False):
        for _ in range(_DRAIN_READS):
            try:
                if not read(READ_BYTES):
                    return True
            except OSError:
                return False
            gevent.sleep(0)
    return False
