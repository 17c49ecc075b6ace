"""How true the timing of streams is, and what they cost. Run it with `make bench-streams`.

Starts `gunicorn wsgi:app` with one worker on one core and opens streams from another core, so
many at a time, spread over a second. Every token's arrival is compared with the time that the
rules give it. See benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.paced_server import paced, sent_times
from benchmarks.server_process import ROOT, Server, busy_s, machine, prepare, served, two_cores
from benchmarks.stream_client import Client, Stream, request_of
from mockllm.core import tokens

COUNTS = (1, 100, 200, 1000, 2000)
TOKENS, RATE, FIRST_S, SPREAD_S = 100, 50, 0.3, 1.0
ANSWER = " ".join(["word"] * TOKENS)
RULES = f"""\
defaults: {{timing: {{first_token: {FIRST_S * 1000:g}ms, rate: {RATE} tokens/s, chunk: token}}}}
responses: {{"go": "{ANSWER}"}}
"""

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- make bench-streams -->", "<!-- end -->"
BUDGET_S = 230.0
PASS_S = 25.0
_WARM_UP = 20
_ALONE_ROUNDS = 3
_FEWEST_CPU_S = 0.1
_FEWEST_FOR_MEMORY = 100
_LOOK_EVERY_S = 0.05


def due_s() -> list[float]:
    """Return when each token of a stream is due, in seconds after the request."""
    return [FIRST_S + number / RATE for number in range(TOKENS)]


class Spread(NamedTuple):
    """The median of what was measured, and percentiles of its relative error."""

    median_s: float
    error_p50: float
    error_p99: float


class Result(NamedTuple):
    """What a number of streams at once gave. What could not be measured is None."""

    streams: int
    first: Spread
    gap: Spread
    whole: Spread
    late_p50_s: float
    late_p99_s: float
    cpu_per_event_s: float | None
    core_share: float
    others_share: float
    stream_bytes: float | None
    outcomes: Counter[str]
    client_p50_s: float
    client_p99_s: float
    client_share: float


def main() -> int:
    """Measure, print, and write where asked to."""
    options = _options()
    if sys.platform != "linux":
        print("this benchmark reads /proc, which only Linux has", file=sys.stderr)
        return 2
    if tokens.count(ANSWER) != TOKENS:
        print(f"the answer has {tokens.count(ANSWER)} tokens, not {TOKENS}", file=sys.stderr)
        return 2
    server_core, client_core = two_cores()
    prepare(client_core)
    loads = f"load average at the start {os.getloadavg()[0]:.2f}"
    ends_s = time.monotonic() + BUDGET_S
    results = []
    for count in options.streams:
        if time.monotonic() + PASS_S > ends_s:
            print(f"no time is left for {count} streams", file=sys.stderr)
            continue
        print(f"{count} streams ...", file=sys.stderr)
        results.append(measure(count, server_core, client_core))
    text = f"{machine()}, {loads}.\n\n{tables(results)}"
    print(text)
    if options.write:
        write(PAGE, text)
    return 1 if any(result.outcomes.keys() - {"complete"} for result in results) else 0


def measure(count: int, server_core: int, client_core: int) -> Result:
    """Return the figures for `count` streams at once, on a server of their own."""
    with served(RULES, server_core) as server:
        _play(server, "warm-up", _WARM_UP)
        stream_bytes = _memory(server, count) if count >= _FEWEST_FOR_MEMORY else None
        cpu_s, core_s, client_s = server.cpu_s(), busy_s(server_core), time.process_time()
        started_s = time.monotonic()
        rounds = 1 if count > 1 else _ALONE_ROUNDS
        streams = [stream for each in range(rounds) for stream in _play(server, f"{each}", count)]
        took_s = time.monotonic() - started_s
        cpu_s, core_s = server.cpu_s() - cpu_s, busy_s(server_core) - core_s
        client_s = time.process_time() - client_s
    lags_s = sorted(client_lags_s(count, server_core))
    complete = [stream for stream in streams if len(stream.token_s) == TOKENS]
    timings = [(stream, due_s()) for stream in complete]
    lates_s = sorted(
        came_s - stream.opened_s - token_due_s
        for stream, token_dues_s in timings
        for came_s, token_due_s in zip(stream.token_s, token_dues_s, strict=True)
    )
    return Result(
        streams=count,
        first=_spread([(stream.token_s[0] - stream.opened_s, due[0]) for stream, due in timings]),
        gap=_spread(
            [
                (stream.token_s[i] - stream.token_s[i - 1], due[i] - due[i - 1])
                for stream, due in timings
                for i in range(1, TOKENS)
            ]
        ),
        whole=_spread([(stream.ended_s - stream.opened_s, due[-1]) for stream, due in timings]),
        late_p50_s=percentile(lates_s, 50),
        late_p99_s=percentile(lates_s, 99),
        cpu_per_event_s=cpu_s / (len(streams) * TOKENS) if cpu_s >= _FEWEST_CPU_S else None,
        core_share=cpu_s / took_s,
        others_share=max(0.0, core_s - cpu_s - (client_s if server_core == client_core else 0))
        / took_s,
        stream_bytes=stream_bytes,
        outcomes=Counter(_verdict(stream) for stream in streams),
        client_p50_s=percentile(lags_s, 50),
        client_p99_s=percentile(lags_s, 99),
        client_share=client_s / took_s,
    )


def client_lags_s(count: int, server_core: int) -> list[float]:
    """Return for every token of a server that only paces how long after it was sent the client
    saw it."""
    token_due_s = [0.3 + number / RATE for number in range(TOKENS)]
    with paced(server_core, count, token_due_s) as (port, results):
        streams = _streams("paced", count)
        run(Client(port), streams)
        sent = sent_times(results)
    return [
        came_s - sent_s
        for number, stream in enumerate(streams)
        for came_s, sent_s in zip(stream.token_s, sent.get(f"paced {number}", ()), strict=False)
    ]


def run(
    client: Client,
    streams: Sequence[Stream],
    spread_s: float = SPREAD_S,
    longest_s: float = PASS_S,
) -> None:
    """Open the streams spread over a time, and read them to their end."""
    started_s = time.monotonic()
    for number, stream in enumerate(streams):
        client.open_at(started_s + number * spread_s / len(streams), stream)
    gc.collect()
    gc.disable()  # its pauses would be counted as the server's
    try:
        client.run(started_s + longest_s)
    finally:
        gc.enable()


def _play(server: Server, name: str, count: int) -> list[Stream]:
    """Open so many streams and return them when all have ended."""
    streams = _streams(name, count)
    run(Client(server.port), streams)
    return streams


def _memory(server: Server, count: int) -> float | None:
    """Return how much memory a stream takes, with so many open. None when some end before the
    last has begun."""
    streams = _streams("memory", count)
    client = Client(server.port)
    idle_bytes = server.memory_bytes()
    found: list[float] = []

    def look() -> None:
        if any(stream.outcome not in ("waiting", "open") for stream in streams):
            return
        if all(stream.has_begun for stream in streams):
            found.append((server.memory_bytes() - idle_bytes) / count)
        else:
            client.call_at(time.monotonic() + _LOOK_EVERY_S, look)

    client.call_at(time.monotonic() + SPREAD_S, look)
    run(client, streams)
    return found[0] if found else None


def _streams(name: str, count: int) -> list[Stream]:
    return [Stream(request_of("go", f"{name} {number}")) for number in range(count)]


def _verdict(stream: Stream) -> str:
    """Return what became of a stream; one that lacks tokens is broken, however it ended."""
    if stream.outcome == "complete" and len(stream.token_s) != TOKENS:
        return "broken"
    return stream.outcome


def _spread(pairs: Sequence[tuple[float, float]]) -> Spread:
    """Return how what was achieved spreads about what was due."""
    errors = sorted(abs(achieved_s - wanted_s) / wanted_s for achieved_s, wanted_s in pairs)
    achieved = sorted(achieved_s for achieved_s, _ in pairs)
    return Spread(percentile(achieved, 50), percentile(errors, 50), percentile(errors, 99))


def percentile(ordered: Sequence[float], share: int) -> float:
    """Return a percentile of what is in order already; not a number when there is nothing."""
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


def tables(results: Sequence[Result]) -> str:
    """Return the figures as two tables in Markdown."""
    timing = [
        (
            f"{result.streams:,}",
            *_cells(result.first),
            *_cells(result.gap),
            *_cells(result.whole),
            f"{_ms(result.late_p50_s)} / {_ms(result.late_p99_s)}",
            f"{_ms(result.client_p50_s)} / {_ms(result.client_p99_s)}",
        )
        for result in results
    ]
    cost = [
        (
            f"{result.streams:,}",
            _or_dash(result.cpu_per_event_s, 1e6, "µs"),
            f"{result.core_share:.0%}",
            f"{result.others_share:.0%}",
            _or_dash(result.stream_bytes, 1 / 1024, "KB"),
            f"{result.outcomes['complete']:,}",
            f"{result.outcomes['refused']:,}",
            f"{result.outcomes['broken'] + result.outcomes['waiting']:,}",
            f"{result.client_share:.0%}",
        )
        for result in results
    ]
    return "\n\n".join((_table(_TIMING_HEAD, timing), _table(_COST_HEAD, cost)))


_TIMING_HEAD = (
    "streams",
    "first token",
    "error p50 / p99",
    "between tokens",
    "error p50 / p99",
    "whole stream",
    "error p50 / p99",
    "token late p50 / p99",
    "client's own lag p50 / p99",
)
_COST_HEAD = (
    "streams",
    "CPU per token",
    "core used",
    "by others",
    "memory per stream",
    "complete",
    "refused",
    "broken",
    "client's core used",
)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---:"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(spread: Spread) -> tuple[str, str]:
    return _ms(spread.median_s), f"{spread.error_p50:.1%} / {spread.error_p99:.1%}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"


def _or_dash(value: float | None, scale: float, unit: str) -> str:
    return "–" if value is None else f"{value * scale:,.0f} {unit}"


def write(page: Path, text: str, mark: str = BEGIN) -> None:
    """Write the figures between the marks of the manual's page."""
    before, begin, rest = page.read_text().partition(mark)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{page} lacks {mark} or {END}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streams", description=__doc__)
    parser.add_argument(
        "--streams",
        type=lambda text: [int(number) for number in text.split(",")],
        default=COUNTS,
        metavar="N,N",
        help="how many streams at once (default: %(default)s)",
    )
    parser.add_argument("--write", action="store_true", help=f"write to {PAGE.relative_to(ROOT)}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
