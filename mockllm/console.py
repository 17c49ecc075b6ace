"""Lines for a person to read, which hold nobody up."""

from __future__ import annotations

import os
import select
import stat
import sys
import threading
from io import UnsupportedOperation
from typing import TextIO

MAX_WAITING = 1_000_000
"""How many characters may wait to be written; what is beyond is dropped, and told, where writing
could wait for a reader."""

_LATER_S = 0.05
_PIECE_BYTES = 4096
"""What can be written without waiting to whatever takes anything at all (PIPE_BUF)."""


class Console:
    """A stream that is written to at once, or later, together with what else has come meanwhile:
    then by a thread of its own, and only as much as the stream takes without waiting. What is no
    file of the system is always written to at once."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._lines: list[str] = []
        self._waiting = 0
        self._dropped = 0
        self._rest = b""
        self._stirred = self._never = threading.Event()
        self._lock = threading.Lock()
        self._writer_of = 0
        self._descriptor = _descriptor(stream)
        self._holds_up = self._descriptor is not None and not _is_file(self._descriptor)

    def now(self, text: str) -> None:
        """Write a text, after everything that waits."""
        self.flush()
        if self._rest:  # nobody reads: it comes in its turn
            self.later(text)
            return
        self.stream.write(text)
        self.stream.flush()

    def later(self, text: str) -> None:
        """Have a text written soon."""
        if self._descriptor is None:
            self.now(text)
            return
        if self._writer_of != os.getpid():
            self._begin()
        if self._waiting > MAX_WAITING:
            if self._holds_up:
                self._dropped += 1
                return
            self.flush()
        if self._dropped:
            text = f"({self._dropped:,} lines were dropped: nobody read them)\n{text}"
            self._dropped = 0
        with self._lock:
            self._lines.append(text)
            self._waiting += len(text)
            is_first = len(self._lines) == 1
        if is_first:
            self._stir()

    def flush(self) -> None:
        """Write what waits, or as much of it as the stream takes."""
        if self._descriptor is None:
            return
        with self._lock:
            text = "".join(self._lines)
            self._lines.clear()
            encoding = getattr(self.stream, "encoding", None) or "utf-8"
            rest = self._rest + text.encode(encoding, "backslashreplace")
            if self.stream.closed:  # its number may be another file's by now
                rest = b""
            try:
                while rest and self._takes_more(self._descriptor):
                    piece = rest[:_PIECE_BYTES] if self._holds_up else rest
                    rest = rest[os.write(self._descriptor, piece) :]
            except (OSError, ValueError):  # whoever read it has gone
                rest = b""
            self._rest, self._waiting = rest, len(rest)

    def _takes_more(self, descriptor: int) -> bool:
        return not self._holds_up or bool(select.select([], [descriptor], [], 0)[1])

    def _stir(self) -> None:
        """Wake the thread that writes."""
        self._stirred.set()

    def _begin(self) -> None:
        """Begin the thread that writes: each process has one. What a fork brings along is written
        by the process that it came from."""
        self._writer_of = os.getpid()
        self._lock = threading.Lock()
        self._lines, self._waiting, self._dropped, self._rest = [], 0, 0, b""
        self._stirred, self._never = threading.Event(), threading.Event()
        threading.Thread(target=self._write, name="mockllm-console", daemon=True).start()

    def _write(self) -> None:
        while True:
            self._stirred.wait()
            self._stirred.clear()
            while True:
                self._never.wait(_LATER_S)
                self.flush()
                if not self._waiting:
                    break


def _descriptor(stream: TextIO) -> int | None:
    if sys.platform == "win32":
        return None  # select is for sockets only there
    try:
        return stream.fileno()
    except (AttributeError, OSError, UnsupportedOperation):
        return None


def _is_file(descriptor: int) -> bool:
    return stat.S_ISREG(os.fstat(descriptor).st_mode)
