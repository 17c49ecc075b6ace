"""Whether anything stays behind when clients leave in the middle. Run it with `make bench-leaks`.

Keeps many streams open for a while; some clients read to the end, some leave at a random moment,
politely or with a reset. Afterwards the worker must have no more sockets, threads, streams and
memory than after a warm-up of the same kind. See benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from functools import partial
from typing import NamedTuple

from benchmarks.server_process import Server, prepare, served, two_cores
from benchmarks.stream_client import Client, Stream, request_of
from benchmarks.streams import RULES

FAULTS = (
    "truncate; after=3 chunks",
    "reset; after=700ms",
    "reset",
    "stall",
    "stall; after=0%; for=300ms",
    "hang",
    "silence",
    "slow_headers; for=1s",
    "error_event",
    "malformed_frame",
    "half_frame; after=40%",
    "split_utf8",
    "duplicate_frames",
    "reorder_frames",
    "no_finish",
    "no_terminator",
    "html",
    "overloaded",
)
HEADERS = tuple(f"X-Mockllm-Fault: {fault}" for fault in FAULTS)
"""Lines of the head, one of which every other request has."""

MAX_GROWN_BYTES = 4 * 1024 * 1024
_WARM_UP_S = 60.0  # the journal is full by then, and memory has settled
_SETTLE_S = 20.0
_LOOK_EVERY_S = 0.5
_LEAVE_SHARE, _RESET_SHARE, _HEADER_SHARE = 0.5, 0.5, 0.5
_LONGEST_S = 4.0
"""A stream takes two seconds; whoever waits longer (for one that stalls) leaves."""


class Held(NamedTuple):
    """What a worker holds. `greenlets` is None where the health page does not say."""

    sockets: int
    threads: int
    open_streams: int
    greenlets: int | None
    memory_bytes: int


class Crowd:
    """Clients of which so many are there at any time, until a time."""

    def __init__(self, port: int, draw: random.Random, size: int, until_s: float) -> None:
        self.outcomes: Counter[str] = Counter()
        self._client = Client(port, self._next)
        self._draw = draw
        self._size = size
        self._until_s = until_s

    def run(self) -> None:
        """Come, read, leave; return when the last one has gone."""
        started_s = time.monotonic()
        for number in range(self._size):
            self._come(started_s + number / self._size)
        self._client.run(self._until_s + _LONGEST_S + 1)

    def _next(self, stream: Stream) -> None:
        is_faulted = b"X-Mockllm-Fault" in stream.request and stream.outcome != "left"
        self.outcomes["faulted" if is_faulted else stream.outcome] += 1
        now_s = time.monotonic()
        if now_s < self._until_s:
            # A moment later: a server that refuses everything must not be asked without a pause.
            self._come(now_s + self._draw.uniform(0, 0.02))

    def _come(self, opened_s: float) -> None:
        draw = self._draw
        headers = [draw.choice(HEADERS)] if HEADERS and draw.random() < _HEADER_SHARE else []
        stream = Stream(request_of("go", f"{draw.getrandbits(64):x}", headers))
        stays_s = draw.uniform(0, 2) if draw.random() < _LEAVE_SHARE else _LONGEST_S
        is_rude = draw.random() < _RESET_SHARE
        self._client.open_at(opened_s, stream)
        self._client.call_at(opened_s + stays_s, partial(self._client.leave, stream, is_rude))


def main() -> int:
    """Return 1 when something stays behind."""
    options = _options()
    if sys.platform != "linux":
        print("this benchmark reads /proc, which only Linux has", file=sys.stderr)
        return 2
    server_core, client_core = two_cores()
    prepare(client_core)
    draw = random.Random(options.seed)
    with served(RULES, server_core) as server:
        worker = server.worker
        _crowd(server, draw, options.streams, _WARM_UP_S)
        before = _settled(server, _held(server))
        outcomes = _crowd(server, draw, options.streams, options.seconds)
        after = _settled(server, before)
        is_same = server.worker == worker
    print(f"seed {options.seed}: {outcomes.total():,} streams, {dict(outcomes)}")
    print(f"before {_shown(before)}\nafter  {_shown(after)}")
    found = _leaks(before, after) if is_same else ["the worker died"]
    if outcomes["refused"]:
        found.append(f"{outcomes['refused']} requests were refused")
    for line in found:
        print(f"FAILED: {line}")
    return 1 if found else 0


def _crowd(server: Server, draw: random.Random, size: int, seconds: float) -> Counter[str]:
    crowd = Crowd(server.port, draw, size, time.monotonic() + seconds)
    crowd.run()
    return crowd.outcomes


def _settled(server: Server, goal: Held) -> Held:
    """Return what is held once no stream is open and nothing exceeds the goal, or after a while:
    a server sees at its next write that a client has left."""
    ends_s = time.monotonic() + _SETTLE_S
    while True:
        time.sleep(_LOOK_EVERY_S)
        held = _held(server)
        is_calm = held.open_streams == 0 and not _leaks(goal, held)
        if is_calm or time.monotonic() > ends_s:
            return held


def _held(server: Server) -> Held:
    health = server.health("?greenlets")
    return Held(
        server.sockets(),
        server.threads(),
        health["open_streams"],
        health.get("greenlets"),
        server.memory_bytes(),
    )


def _leaks(before: Held, after: Held) -> list[str]:
    """Return what there is more of than before."""
    found = [
        f"{name}: {was} before, {is_now} after"
        for name, was, is_now in (
            ("sockets", before.sockets, after.sockets),
            ("threads", before.threads, after.threads),
            ("open streams", 0, after.open_streams),
            ("greenlets", before.greenlets or 0, after.greenlets or 0),
        )
        if is_now > was
    ]
    grown_bytes = after.memory_bytes - before.memory_bytes
    if grown_bytes > MAX_GROWN_BYTES:
        found.append(f"memory: {grown_bytes / 1024**2:.1f} MB more")
    return found


def _shown(held: Held) -> str:
    greenlets = "" if held.greenlets is None else f", {held.greenlets} greenlets"
    return (
        f"{held.sockets} sockets, {held.threads} threads, {held.open_streams} open streams"
        f"{greenlets}, {held.memory_bytes / 1024**2:.1f} MB"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leaks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for how long (default: 60)")
    parser.add_argument("--streams", type=int, default=500, help="how many at once (default: 500)")
    parser.add_argument(
        "--seed", type=int, default=random.randrange(1_000_000), help="of the draws"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
