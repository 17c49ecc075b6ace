"""A clock that tests set."""

from __future__ import annotations


class FakeClock:
    """`Clock` whose time passes only when somebody waits; `waits` holds the due times."""

    def __init__(self, now_s: float = 100.0, unix_s: float = 1_700_000_000.0) -> None:
        self.now_s = now_s
        self.unix_s = unix_s
        self.waits: list[float] = []

    def wall(self) -> float:
        return self.unix_s + self.now_s

    def monotonic(self) -> float:
        return self.now_s

    def wait_until(self, due_s: float) -> None:
        self.waits.append(due_s)
        self.now_s = max(self.now_s, due_s)
