"""How late lagged streams are, and how long the validator takes. Run it with `make bench`.

Starts `gunicorn wsgi:app` on a free loopback port, opens the streams at once and compares the
arrival of every character with the time that the seed gives it. Figures depend on the machine
and on what else it does.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from mockllm.core.draws import Draws, request_digest, seeded_key
from mockllm.core.pacing import Plan, due_times

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
SEED, CHARACTERS, LAG_FACTOR = 7, 100, 5
PATH = "/v1/chat/completions"
RULES = f"""\
responses: {{"go": "{"x" * CHARACTERS}"}}
settings: {{lag_enabled: true, lag_factor: {LAG_FACTOR}, seed: {SEED}}}
"""


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure_streams(folder, (1, 200, 1000))
        measure_validator(folder)


def measure_streams(folder: Path, counts: tuple[int, ...]) -> None:
    print(f"streams of {CHARACTERS} characters, {LAG_FACTOR * 10} a second, one worker")
    print(f"{'streams':>8} {'event late p50':>15} {'p99':>9} {'duration error p50':>19} {'p99':>9}"
          f" {'CPU per event':>14}")  # fmt: skip
    rules = folder / "rules.yml"
    rules.write_text(RULES)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = os.environ | {"MOCKLLM_RESPONSES": str(rules)}
    command = [str(BIN / "gunicorn"), "wsgi:app", "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        for count in counts:
            worker = int(children(server.pid)[0])
            before_s = cpu_s(worker)
            arrivals = asyncio.run(run_streams(port, count))
            used_s = cpu_s(worker) - before_s
            report(count, arrivals, used_s)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def report(count: int, arrivals: list[tuple[bytes, list[float]]], used_s: float) -> None:
    late_ms, errors = [], []
    for body, times in arrivals:
        draws = Draws(seeded_key(SEED, "default", request_digest(PATH, body), 1))
        due_s = list(islice(due_times(Plan(0, 1 / (LAG_FACTOR * 10), 0.5), draws), CHARACTERS))
        assert len(times) == CHARACTERS, len(times)
        late_ms += [(time - due) * 1000 for time, due in zip(times, due_s, strict=True)]
        errors.append(abs(times[-1] - due_s[-1]) / due_s[-1] * 100)
    events = count * CHARACTERS
    print(f"{count:8} {percentile(late_ms, 50):12.1f} ms {percentile(late_ms, 99):6.1f} ms"
          f" {percentile(errors, 50):17.2f} % {percentile(errors, 99):7.2f} %"
          f" {used_s / events * 1e6:11.0f} µs")  # fmt: skip


async def run_streams(port: int, count: int) -> list[tuple[bytes, list[float]]]:
    """Return each stream's request body and when each character came, in seconds."""
    return await asyncio.gather(*(run_stream(port, number, count) for number in range(count)))


async def run_stream(port: int, number: int, count: int) -> tuple[bytes, list[float]]:
    messages = [{"role": "user", "content": "go"}]
    body = json.dumps(
        {"model": "m", "stream": True, "user": f"{number} of {count}", "messages": messages}
    ).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}"
    started_s = time.monotonic()
    writer.write(f"{head}\r\n\r\n".encode() + body)
    times: list[float] = []
    while piece := await reader.read(65536):
        now_s = time.monotonic() - started_s
        times += [now_s] * piece.count(b'"content":"x"')
    writer.close()
    return body, times


def measure_validator(folder: Path) -> None:
    print("\nmockllm-validate, from cold, best of 3")
    shapes = {"plain": '"p{}": "a"', "mapping": '"p{}": {{text: "a"}}', "wrong": '"p{}": {{t: a}}'}
    for entries in (3, 10_000, 100_000):
        for shape, line in shapes.items():
            file = folder / "many.yml"
            lines = "\n".join("  " + line.format(number) for number in range(entries))
            file.write_text(f"responses:\n{lines}\n")
            times_s = [validate_s(file) for _ in range(3)]
            print(f"{entries:8} {shape:8} {min(times_s) * 1000:8.0f} ms")
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory of any child {peak_mb:.0f} MB")


def validate_s(file: Path) -> float:
    started_s = time.monotonic()
    subprocess.run(
        [str(BIN / "mockllm-validate"), str(file)], stdout=subprocess.DEVNULL, check=False
    )
    return time.monotonic() - started_s


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            time.sleep(1)
            return
    raise TimeoutError("the server did not start")


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100)[share - 1] if len(values) > 1 else values[0]


if __name__ == "__main__":
    main()
