"""What was asked and what was answered: the newest exchanges."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from mockllm.core.exchange import Exchange
from mockllm.core.protocol import Offload, call

MAX_ENTRIES = 10_000
MAX_BYTES = 64 * 1024 * 1024
_ENTRY_BYTES = 2_000
"""What an entry takes besides the request's body and what is answered, about."""

_BYTES_A_TOKEN = 8


Wanted = Callable[[Exchange], bool]


def anything(_: Exchange) -> bool:
    """Return that an exchange is wanted, whatever it is."""
    return True


class Journal(Protocol):
    """Closed exchanges, the oldest forgotten first when there are too many or they are too large.
    Safe under greenlets; `offload` is how long work is done."""

    def __len__(self) -> int:
        """Return how many there are."""

    @property
    def written(self) -> int:
        """How many were ever written: the number of the newest."""

    def write(self, exchange: Exchange) -> None:
        """Write down a closed exchange."""

    def find(
        self,
        wanted: Wanted = anything,
        session: str | None = None,
        offload: Offload = call,
    ) -> list[Exchange]:
        """Return the exchanges that are wanted, of all sessions or of one, the newest first."""

    def get(self, name: str) -> Exchange | None:
        """Return the exchange of an id, ours or one that its answer's headers told."""

    def sessions(self, most: int) -> list[Exchange]:
        """Return the newest exchange of each session, the newest first; of so many at most."""

    def since(self, number: int) -> tuple[list[Exchange], int]:
        """Return the exchanges written after the `number`th, the oldest first, and the number of
        the last of them, `number` where there are none."""

    def forget(
        self,
        wanted: Wanted = anything,
        session: str | None = None,
        offload: Offload = call,
    ) -> int:
        """Forget the exchanges that are wanted, of all sessions or of one; return how many."""


class MemoryJournal:
    """The journal of one process."""

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self.written = 0
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._entries: deque[Exchange] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def write(self, exchange: Exchange) -> None:
        """As `Journal.write`."""
        self._entries.append(exchange)
        self._bytes += _size(exchange)
        self.written += 1
        while len(self._entries) > self._max_entries or self._bytes > self._max_bytes:
            self._bytes -= _size(self._entries.popleft())

    def find(
        self,
        wanted: Wanted = anything,
        session: str | None = None,
        offload: Offload = call,
    ) -> list[Exchange]:
        """As `Journal.find`."""
        entries = tuple(self._entries)
        found: list[Exchange] = offload(
            lambda: [each for each in reversed(entries) if _is_of(each, session) and wanted(each)]
        )
        return found

    def get(self, name: str) -> Exchange | None:
        """As `Journal.get`."""
        return next((each for each in reversed(tuple(self._entries)) if each.is_named(name)), None)

    def sessions(self, most: int) -> list[Exchange]:
        """As `Journal.sessions`."""
        newest: dict[str, Exchange] = {}
        for each in reversed(tuple(self._entries)):
            newest.setdefault(each.session, each)
        return list(newest.values())[:most]

    def since(self, number: int) -> tuple[list[Exchange], int]:
        """As `Journal.since`."""
        entries, written = tuple(self._entries), self.written
        newer = min(written - number, len(entries))
        return (list(entries[-newer:]), written) if newer > 0 else ([], number)

    def forget(
        self,
        wanted: Wanted = anything,
        session: str | None = None,
        offload: Offload = call,
    ) -> int:
        """As `Journal.forget`."""
        gone = set(map(id, self.find(wanted, session, offload)))
        entries = tuple(self._entries)
        kept = [exchange for exchange in entries if id(exchange) not in gone]
        self._entries = deque(kept)
        self._bytes = sum(map(_size, kept))
        return len(entries) - len(kept)


def _is_of(exchange: Exchange, session: str | None) -> bool:
    return session is None or exchange.session == session


def _size(exchange: Exchange) -> int:
    return _ENTRY_BYTES + 2 * len(exchange.raw.body) + _BYTES_A_TOKEN * exchange.usage.output_tokens
