"""The real clock: the one place that waits."""

from __future__ import annotations

import time


class SystemClock:
    """`Clock` on the system's time. Waiting yields to other greenlets where gevent has patched."""

    def wall(self) -> float:
        """As `Clock.wall`."""
        return time.time()

    def monotonic(self) -> float:
        """As `Clock.monotonic`."""
        return time.monotonic()

    def wait_until(self, due_s: float) -> None:
        """As `Clock.wait_until`."""
        wait_s = due_s - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)  # noqa: TID251  # this is the one place
