"""What is measured: each function gives the figures of one run of one server."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks import wrk
from benchmarks.contenders import OURS, Contender, answers_yaml, ask
from benchmarks.server_process import BIN, ROOT, Server, busy_s, compiled, gunicorn, running
from benchmarks.stream_client import Client, Stream, request_of
from benchmarks.streams import percentile, run
from benchmarks.work import ANSWERS, FIRST_S, RATE, STREAMED, TOKENS, Work, bodies

Figures = Mapping[str, float]
"""What one run gave, in seconds, bytes and numbers. What could not be measured is not there."""

STREAMS = 1_000
CONNECTIONS = 16
LONGEST_S = 60.0
_WARM_UP_S, _LOAD_S = 1, 3
_WARM_UP_STREAMS = 20
_WARM_UP_SPREAD_S, _SPREAD_S, _MEMORY_SPREAD_S = 0.2, 1.0, 0.5
_LOOK_EVERY_S, _LOOKS = 0.1, 8


class Cores(NamedTuple):
    """Which cores the server and the client have, and which there are."""

    server: int
    client: int
    every: tuple[int, ...]


class Figure(NamedTuple):
    """How a figure is shown. `scale` turns seconds, bytes or what it is into the unit."""

    title: str
    unit: str
    scale: float = 1.0
    digits: int = 0
    has_ratio: bool = True


class Broken(Exception):
    """A server that did not do the work: why."""


# -- a plain answer -------------------------------------------------------------------------------


def plain(contender: Contender, cores: Cores) -> Figures:
    """Return what an exact answer among a thousand costs."""
    with _started(contender, "plain", cores) as server:
        _check_answer(contender, server)
        return _loaded(server, "plain", cores)


def burst(contender: Contender, cores: Cores) -> Figures:
    """Return what a stream costs that has no delay."""
    with _started(contender, "burst", cores) as server:
        _check(_run(contender, server, 1, 0.0))
        found = _loaded(server, "burst", cores)
    return {"cpu_per_burst": found["cpu_per_request"], "bursts_per_s": found["requests_per_s"]}


def _loaded(server: Server, work: Work, cores: Cores) -> Figures:
    asked, client = bodies(work), {cores.client}
    wrk.load(server.port, asked, CONNECTIONS, _WARM_UP_S, client)
    cpu_s = server.cpu_s()
    load = wrk.load(server.port, asked, CONNECTIONS, _LOAD_S, client)
    cpu_s = server.cpu_s() - cpu_s
    if load.errors or not load.requests:
        raise Broken(f"{load.errors} of {load.requests} requests failed")
    return {
        "cpu_per_request": cpu_s / load.requests,
        "requests_per_s": load.requests / load.took_s,
        "latency_p50": load.p50_s,
        "latency_p99": load.p99_s,
    }


def _check_answer(contender: Contender, server: Server) -> None:
    prompt, text = list(ANSWERS.items())[len(ANSWERS) // 2]
    found = ask(server.port, prompt)
    if contender.knows_answers and found != text:
        raise Broken(f"it answered {found!r}, not {text!r}")


# -- streams --------------------------------------------------------------------------------------


def paced(contender: Contender, cores: Cores) -> Figures:
    """Return what a thousand streams at once cost that take their time, and how late they are."""
    with _started(contender, "paced", cores) as server:
        _check(_run(contender, server, _WARM_UP_STREAMS, _WARM_UP_SPREAD_S))
        cpu_s = server.cpu_s()
        streams = _run(contender, server, STREAMS, _SPREAD_S)
        cpu_s = server.cpu_s() - cpu_s
    _check(streams)
    found = {"cpu_per_event": cpu_s / (STREAMS * TOKENS)}
    if contender.keeps_time:
        lates_s = sorted(
            came_s - stream.opened_s - FIRST_S - number / RATE
            for stream in streams
            for number, came_s in enumerate(stream.token_s)
        )
        found["late_p50"] = percentile(lates_s, 50)
        found["late_p99"] = percentile(lates_s, 99)
    return found


def memory(contender: Contender, cores: Cores) -> Figures:
    """Return the most memory that a server was seen to have with a thousand streams open."""
    with _started(contender, "held", cores) as server:
        most, master = _most(contender, server)
    if contender is OURS:
        return {"most_bytes": most, "master_bytes": master, "worker_bytes": most - master}
    return {"most_bytes": most}


def _most(contender: Contender, server: Server) -> tuple[int, int]:
    """Return the memory of all its processes and of the first, at the worst of several looks
    while all streams are open."""
    streams = _streams(contender, STREAMS)
    client = Client(server.port)
    seen: list[tuple[int, int]] = []

    def look() -> None:
        if any(stream.outcome not in ("waiting", "open") for stream in streams):
            return
        if all(stream.has_begun for stream in streams):
            seen.append((server.memory_bytes(), server.master_bytes()))
        if len(seen) < _LOOKS:
            client.call_at(time.monotonic() + _LOOK_EVERY_S, look)
        else:
            for stream in streams:
                client.leave(stream)

    client.call_at(time.monotonic() + _MEMORY_SPREAD_S, look)
    run(client, streams, _MEMORY_SPREAD_S, LONGEST_S)
    if not seen:
        raise Broken(f"some streams ended before all {STREAMS} were open")
    return max(seen)


def _run(contender: Contender, server: Server, count: int, spread_s: float) -> list[Stream]:
    """Open so many streams and return them when all have ended."""
    streams = _streams(contender, count)
    run(Client(server.port), streams, spread_s, LONGEST_S)
    return streams


def _streams(contender: Contender, count: int) -> list[Stream]:
    return [Stream(request_of(STREAMED, f"{each}"), contender.mark) for each in range(count)]


def _check(streams: Sequence[Stream]) -> None:
    """See to it that every stream came whole.

    Raises:
        Broken: one did not.
    """
    for stream in streams:
        tokens = len(stream.token_s)
        if stream.outcome != "complete" or tokens != TOKENS:
            raise Broken(f"a stream was {stream.outcome}, with {tokens} of {TOKENS} tokens")


# -- start ----------------------------------------------------------------------------------------


def ready(contender: Contender, cores: Cores) -> Figures:
    """Return how long it takes from the start to the first answer, with a thousand answers, and the
    memory after it."""
    with _started(contender, "plain", cores) as server:
        return {"ready": server.ready_s, "idle_bytes": server.memory_bytes()}


# -- ours alone -----------------------------------------------------------------------------------


def validate(_contender: Contender, cores: Cores) -> Figures:
    """Return how long `mockllm-validate` takes for a small file."""
    command = [str(BIN / "mockllm-validate"), str(ROOT / "responses" / "responses.yml")]
    started_s = time.monotonic()
    done = subprocess.run(
        _pinned(cores.server, command), env=compiled(), capture_output=True, check=False
    )
    took_s = time.monotonic() - started_s
    if done.returncode:
        raise Broken(done.stderr.decode())
    return {"validate": took_s}


MANY = 100_000
_MANY_STREAMS, _MANY_RATE, _MANY_S = 20, 100, 10.0
_EDIT_AT_S = 3.0


def load(_contender: Contender, cores: Cores) -> Figures:
    """Return how long 100,000 answers take to load, and the longest pause of streams that run
    while they are loaded once more."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "responses.yml"
        file.write_text(_many("before"))
        command = [sys.executable, "-m", "benchmarks.loading", str(file)]
        done = subprocess.run(
            _pinned(cores.server, command), cwd=ROOT, capture_output=True, text=True, check=True
        )
        with running(gunicorn(file), {cores.server}, OURS.is_ready("paced")) as server:
            pauses = _pauses(server, file)
    return {"load": float(done.stdout), "pause_before": pauses[0], "pause": pauses[1]}


def _many(mark: str) -> str:
    """Return 100,000 plain answers, and one that takes so long that a reload fits into it."""
    answers = {f"question {number} {mark}": f"answer {number}" for number in range(MANY)}
    answers[STREAMED] = " ".join(["word"] * int(_MANY_RATE * _MANY_S))
    return (
        f"defaults: {{timing: {{rate: {_MANY_RATE} tokens/s, chunk: token}}}}\n"
        f"{answers_yaml(answers)}"
    )


def _pauses(server: Server, file: Path) -> tuple[float, float]:
    """Return the longest time between two tokens before the file is edited, and after it."""
    streams = _streams(OURS, _MANY_STREAMS)
    client = Client(server.port)
    edited = file.with_suffix(".new")
    edited.write_text(_many("after"))
    started_s = time.monotonic()
    edit_s = started_s + _EDIT_AT_S
    client.call_at(edit_s, lambda: os.replace(edited, file))
    run(client, streams, 0.2, _MANY_S * 2)
    if server.health()["generation"] < 2:
        raise Broken(f"the edit was not taken while the streams ran ({_MANY_S:g} s)")
    gaps = [
        (later_s, later_s - earlier_s)
        for stream in streams
        for earlier_s, later_s in zip(stream.token_s, stream.token_s[1:], strict=False)
    ]
    before = [gap_s for at_s, gap_s in gaps if started_s + 1 < at_s < edit_s]
    after = [gap_s for at_s, gap_s in gaps if at_s >= edit_s]
    return max(before), max(after)


# -- workers --------------------------------------------------------------------------------------


class Workers(NamedTuple):
    """A way to run our workers: how many, where state is kept, whether answers change it."""

    name: str
    title: str
    processes: int
    in_file: bool
    counts: bool


WORKERS = tuple(
    Workers(
        f"{count}{'f' if in_file else 'm'}{'c' if counts else 'p'}", title, count, in_file, counts
    )
    for counts, what in ((False, "plain answers"), (True, "answers that are counted"))
    for count, in_file, title in (
        (1, False, f"one worker, {what}, state in memory"),
        (1, True, f"one worker, {what}, state in SQLite"),
        (2, True, f"two workers, {what}, state shared through SQLite"),
    )
)


def workers(_contender: Contender, cores: Cores) -> Figures:
    """Return what a request costs with one worker on a core and with two on two."""
    found: dict[str, float] = {}
    for each in WORKERS:
        for name, value in _workers(each, cores).items():
            found[f"{each.name} {name}"] = value
    return found


def _workers(way: Workers, cores: Cores) -> Figures:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "responses.yml"
        text = answers_yaml(ANSWERS)
        if way.counts:
            text = "rules: [{when: {contains: question}, replies: [one, two, three]}]\n" + text
        if way.in_file and way.processes == 1:  # several share a file as they come
            text += f"settings: {{state: {{sqlite: {folder}/state.sqlite}}}}\n"
        file.write_text(text)
        program = gunicorn(file, ["--workers", str(way.processes)])
        server_cores = cores.every[: way.processes]
        with running(program, server_cores, OURS.is_ready("plain")) as server:
            return _shared(server, server_cores, {cores.client})


def _shared(server: Server, server_cores: Collection[int], client: Collection[int]) -> Figures:
    asked = bodies("plain")
    connections = CONNECTIONS * len(server_cores)
    wrk.load(server.port, asked, connections, _WARM_UP_S, client)
    cpu_s, busy = server.cpu_s(), sum(map(busy_s, server_cores))
    started_s = time.monotonic()
    found = wrk.load(server.port, asked, connections, _LOAD_S, client)
    took_s = time.monotonic() - started_s
    cpu_s, busy = server.cpu_s() - cpu_s, sum(map(busy_s, server_cores)) - busy
    if found.errors or not found.requests:
        raise Broken(f"{found.errors} of {found.requests} requests failed")
    return {
        "cpu_per_request": cpu_s / found.requests,
        "requests_per_s": found.requests / found.took_s,
        "idle": max(0.0, 1 - busy / (took_s * len(server_cores))),
    }


def _pinned(core: int, command: list[str]) -> list[str]:
    return ["taskset", "-c", str(core), *command]


@contextmanager
def _started(contender: Contender, work: Work, cores: Cores) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        program = contender.program(work, Path(folder))
        with running(program, {cores.server}, contender.is_ready(work)) as server:
            contender.set_up(work, server.port)
            yield server


# -- the list -------------------------------------------------------------------------------------


class Row(NamedTuple):
    """A kind of measurement: what does it, how often, for whom, and what it gives."""

    measure: Callable[[Contender, Cores], Figures]
    rounds: int
    work: Work | None
    """What a server must be able to do; None: it is for ours alone."""
    figures: Mapping[str, Figure]
    needs_wrk: bool = False


_US, _MS, _MB = 1e6, 1e3, 1 / 1024**2

ROWS: Mapping[str, Row] = {
    "plain": Row(
        plain,
        3,
        "plain",
        {
            "cpu_per_request": Figure("a plain answer: CPU", "µs", _US),
            "requests_per_s": Figure("requests a second (more is better)", ""),
            "latency_p50": Figure("latency p50, 16 connections", "ms", _MS, 2),
            "latency_p99": Figure("latency p99", "ms", _MS, 2),
        },
        needs_wrk=True,
    ),
    "paced": Row(
        paced,
        3,
        "paced",
        {
            "cpu_per_event": Figure("1,000 streams, 50 events/s each: CPU per event", "µs", _US, 1),
            "late_p50": Figure("events late, p50", "ms", _MS, 1),
            "late_p99": Figure("events late, p99", "ms", _MS, 1),
        },
    ),
    "burst": Row(
        burst,
        3,
        "burst",
        {
            "cpu_per_burst": Figure("a stream of 100 events, no delay: CPU", "µs", _US),
            "bursts_per_s": Figure("such streams a second (more is better)", ""),
        },
        needs_wrk=True,
    ),
    "memory": Row(
        memory,
        3,
        "held",
        {
            "most_bytes": Figure("memory, 1,000 streams open", "MB", _MB),
            "master_bytes": Figure("of it the master", "MB", _MB, has_ratio=False),
            "worker_bytes": Figure("of it the worker", "MB", _MB, has_ratio=False),
        },
    ),
    "ready": Row(
        ready,
        5,
        "plain",
        {
            "ready": Figure("from start to the first answer", "ms", _MS),
            "idle_bytes": Figure("memory after the first answer", "MB", _MB),
        },
    ),
    "validate": Row(
        validate, 10, None, {"validate": Figure("`mockllm-validate` of a small file", "ms", _MS)}
    ),
    "load": Row(
        load,
        3,
        None,
        {
            "load": Figure("100,000 answers: load", "s", 1, 2),
            "pause": Figure("longest pause of a running stream while they reload", "ms", _MS),
            "pause_before": Figure("longest pause of it before", "ms", _MS),
        },
    ),
    "workers": Row(workers, 3, None, {}, needs_wrk=True),
}
