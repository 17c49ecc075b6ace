"""The real clock."""

from __future__ import annotations

import time

from mockllm.web.clock import SystemClock


def test_wait_ends_when_the_time_has_come() -> None:
    clock = SystemClock()
    due_s = clock.monotonic() + 0.002

    clock.wait_until(due_s)

    assert clock.monotonic() >= due_s


def test_wait_for_the_past_is_over_at_once() -> None:
    clock = SystemClock()

    clock.wait_until(clock.monotonic() - 3600)

    assert clock.wall() <= time.time()
