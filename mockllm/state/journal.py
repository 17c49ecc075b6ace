"""What was asked and what was answered: the newest exchanges of this process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import islice

from mockllm.core.exchange import Exchange

MAX_ENTRIES = 10_000
MAX_BYTES = 64 * 1024 * 1024
_ENTRY_BYTES = 2_000
"""What an entry takes besides the request's body and what is answered, about."""

_BYTES_A_TOKEN = 8


class Journal:
    """Closed exchanges, the oldest forgotten first when there are too many or they are too large.

    `written` counts all that were ever written: the number of the newest.
    """

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self.written = 0
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._entries: deque[Exchange] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def write(self, exchange: Exchange) -> None:
        """Write down a closed exchange."""
        self._entries.append(exchange)
        self._bytes += _size(exchange)
        self.written += 1
        while len(self._entries) > self._max_entries or self._bytes > self._max_bytes:
            self._bytes -= _size(self._entries.popleft())

    def find(self, wanted: Callable[[Exchange], bool] = lambda _: True) -> list[Exchange]:
        """Return the exchanges that are wanted, the newest first."""
        return [exchange for exchange in reversed(tuple(self._entries)) if wanted(exchange)]

    def get(self, name: str) -> Exchange | None:
        """Return the exchange of an id, ours or one that its answer's headers told."""
        for exchange in reversed(tuple(self._entries)):
            if exchange.id == name or any(name == told for _, told in exchange.response_headers):
                return exchange
        return None

    def since(self, number: int) -> list[Exchange]:
        """Return the exchanges written after the `number`th, the oldest first."""
        newer = min(self.written - number, len(self._entries))
        return (
            list(islice(tuple(self._entries), len(self._entries) - newer, None))
            if newer > 0
            else []
        )

    def forget(self, wanted: Callable[[Exchange], bool] = lambda _: True) -> int:
        """Forget the exchanges that are wanted; return how many there were."""
        kept = [exchange for exchange in tuple(self._entries) if not wanted(exchange)]
        gone = len(self._entries) - len(kept)
        self._entries = deque(kept)
        self._bytes = sum(map(_size, kept))
        return gone


def _size(exchange: Exchange) -> int:
    return _ENTRY_BYTES + 2 * len(exchange.raw.body) + _BYTES_A_TOKEN * exchange.usage.output_tokens
