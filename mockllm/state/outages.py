"""Faults that were set while the server runs, and heal by themselves."""

from __future__ import annotations

from msgspec import Struct

from mockllm.core.rules import Chaos

EVERYONE = ""
"""The session of an outage that everybody has."""

MAX_OUTAGES = 1_000


class Outage(Struct, frozen=True):
    """Faults of one session, or of everyone. Times are Unix times; of `content` they can be made
    again."""

    session: str
    faults: tuple[Chaos, ...]
    since_s: float
    until_s: float
    content: bytes = b""


class Outages:
    """What is set now: at most one outage of each session, and one of everyone's."""

    def __init__(self) -> None:
        self._outages: dict[str, Outage] = {}

    def __bool__(self) -> bool:
        return bool(self._outages)

    def put(self, outage: Outage, now_s: float) -> None:
        """Set an outage in place of the session's own.

        Raises:
            OverflowError: there are too many.
        """
        self._heal(now_s)
        if len(self._outages) >= MAX_OUTAGES and outage.session not in self._outages:
            raise OverflowError
        self._outages[outage.session] = outage

    def get(self, session: str, now_s: float) -> Outage | None:
        """Return the outage of a session, None when there is none or it has healed."""
        found = self._outages.get(session)
        return found if found is not None and now_s < found.until_s else None

    def take(self, session: str, outage: Outage | None) -> None:
        """Hold what another process has set, None for nothing."""
        if outage is None:
            self._outages.pop(session, None)
        else:
            self._outages[session] = outage

    def all(self, now_s: float) -> list[Outage]:
        """Return every outage that has not healed."""
        self._heal(now_s)
        return list(self._outages.values())

    def remove(self, session: str, now_s: float) -> bool:
        """End an outage; return whether there was one that had not healed."""
        self._heal(now_s)
        return self._outages.pop(session, None) is not None

    def _heal(self, now_s: float) -> None:
        for outage in tuple(self._outages.values()):
            if now_s >= outage.until_s:
                del self._outages[outage.session]
