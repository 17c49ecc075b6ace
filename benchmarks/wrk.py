"""Load from wrk, on a core of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.stream_client import PATH

MISSING = "wrk is missing: apt-get install wrk"
_SCRIPT = Path(__file__).with_suffix(".lua")


class Load(NamedTuple):
    """What came of a load."""

    requests: int
    took_s: float
    p50_s: float
    p99_s: float
    errors: int


def is_there() -> bool:
    """Return whether wrk can be run."""
    return shutil.which("wrk") is not None


def load(
    port: int,
    bodies: Sequence[bytes],
    connections: int,
    seconds: int,
    cores: Collection[int],
) -> Load:
    """Ask for chat completions for so long, over connections that are kept, and return what came
    of it. The bodies are sent in turn."""
    with tempfile.NamedTemporaryFile("wb") as file:
        file.write(b"".join(body + b"\n" for body in bodies))
        file.flush()
        command = ["taskset", "-c", ",".join(map(str, sorted(cores))), "wrk", "-t1"]
        command += [f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(_SCRIPT)]
        command += [f"http://127.0.0.1:{port}{PATH}", "--", file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"wrk failed: {done.stderr or done.stdout}")
    found = json.loads(done.stdout.strip().rpartition("\n")[2])
    return Load(
        found["requests"],
        found["duration_us"] / 1e6,
        found["p50_us"] / 1e6,
        found["p99_us"] / 1e6,
        found["errors"],
    )
