"""Requests under way, and who waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from mockllm.testing.in_flight import InFlight, WatchedClock


def begin(in_flight: InFlight, application: Callable[..., Iterable[bytes]]) -> Any:
    return in_flight.counted(application)({}, lambda *_: lambda _: None)


def test_a_request_is_over_when_its_answer_is_closed() -> None:
    in_flight, settled = InFlight(), threading.Event()
    answer = begin(in_flight, lambda *_: [b"x"])

    def look() -> None:
        in_flight.settle(30)
        settled.set()

    thread = threading.Thread(target=look)
    thread.start()
    assert not settled.wait(0.05)
    answer.close()

    thread.join(30)
    assert settled.is_set()


def test_an_application_that_raises_leaves_nothing_behind() -> None:
    def fail(*_: object) -> Iterable[bytes]:
        raise ConnectionResetError

    in_flight = InFlight()
    with pytest.raises(ConnectionResetError):
        begin(in_flight, fail)

    in_flight.settle(30)


def test_a_request_that_never_ends_is_waited_for_once() -> None:
    in_flight = InFlight()
    begin(in_flight, lambda *_: [b"x"])

    in_flight.settle(0.01)
    in_flight.settle(30)


def test_a_wait_of_nobodys_request_is_only_a_wait() -> None:
    clock = WatchedClock(InFlight())

    clock.wait_until(clock.monotonic() + 0.001)
