"""The requests that are being answered, so that nobody reads the journal too early.

A client has its answer before the server has written the exchange down. Whoever asks what has
arrived therefore waits until every request under way is either over or has a wait of its own
ahead (a paced stream, a delay, a hang): that one is not over for the client either.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from werkzeug.wsgi import ClosingIterator

from mockllm.web.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

MAX_WAIT_S = 1.0


class _Underway:
    """A request. `is_waiting` tells that it sleeps, and has more to do afterwards; `is_stuck` that
    somebody has waited for it long enough."""

    def __init__(self) -> None:
        self.is_waiting = False
        self.is_stuck = False


class InFlight:
    """The requests under way in a server that has a thread for each."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._underway: set[_Underway] = set()
        self._local = threading.local()

    def counted(self, application: WSGIApplication) -> WSGIApplication:
        """Return an application whose requests are counted from their first byte to the end."""

        def count(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            request = _Underway()
            self._local.request = request
            with self._changed:
                self._underway.add(request)

            def leave() -> None:
                with self._changed:
                    self._underway.discard(request)
                    self._changed.notify_all()

            try:
                return ClosingIterator(application(environ, start_response), leave)
            except BaseException:
                leave()
                raise

        return count

    def settle(self, within_s: float = MAX_WAIT_S) -> None:
        """Wait until no request is about to end. One that takes longer than `within_s` (a client
        that does not read) is waited for only once."""
        with self._changed:
            self._changed.wait_for(self._is_settled, within_s)
            for request in self._underway:
                request.is_stuck = not request.is_waiting

    def _is_settled(self) -> bool:
        return all(request.is_waiting or request.is_stuck for request in self._underway)

    def sleep(self, is_waiting: bool) -> None:
        """Note that the request of this thread begins or ends a wait."""
        request = getattr(self._local, "request", None)
        if request is not None:
            with self._changed:
                request.is_waiting = is_waiting
                self._changed.notify_all()


class WatchedClock(SystemClock):
    """The system's clock, which notes who waits."""

    def __init__(self, in_flight: InFlight) -> None:
        self._in_flight = in_flight

    def wait_until(self, due_s: float) -> None:
        """As `Clock.wait_until`."""
        self._in_flight.sleep(True)
        try:
            super().wait_until(due_s)
        finally:
            self._in_flight.sleep(False)
