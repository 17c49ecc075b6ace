"""A server, ours or another, on cores of its own, and what it takes: time, memory, sockets.

Reads `/proc`, so it is for Linux.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
"""Where our own programs are."""

_PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_START_S, _STOP_S = 20.0, 5.0
_LOOK_EVERY_S = 0.003


class NotStarted(SystemExit):
    """A server that did not start: its command and the end of its output."""


class Program(NamedTuple):
    """What starts a server. `{port}` in the command stands for the port, and `environment` is all
    that it gets. Killed with `end_with`, it ends at once."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    end_with: signal.Signals = signal.SIGKILL


class Server:
    """A running server: gunicorn's master and its one worker, or another's processes.

    `ready_s` is how long it took from its start to its first answer.
    """

    def __init__(self, master: int, port: int) -> None:
        self.master = master
        self.port = port
        self.ready_s = float("nan")

    @property
    def worker(self) -> int:
        """The worker's process id. The worker of a server that is used stays the same one."""
        return _children(self.master)[0]

    def cpu_s(self) -> float:
        """Return the processor time that all its processes have used, in ticks of 10 ms."""
        return sum(map(_cpu_s, _tree(self.master)))

    def memory_bytes(self) -> int:
        """Return the memory of all its processes; what several share counts in parts (PSS).

        Socket buffers are the kernel's and are not in it.
        """
        return sum(map(_pss_bytes, _tree(self.master)))

    def master_bytes(self) -> int:
        """Return the memory of its first process alone."""
        return _pss_bytes(self.master)

    def sockets(self) -> int:
        """Return how many sockets the worker has open."""
        return sum(target.startswith("socket:") for target in _open_files(self.worker))

    def threads(self) -> int:
        """Return how many native threads the worker has."""
        return len(list((_PROC / str(self.worker) / "task").iterdir()))

    def health(self, query: str = "") -> dict[str, Any]:
        """Return the health page."""
        url = f"http://127.0.0.1:{self.port}/_mockllm/health{query}"
        with urllib.request.urlopen(url, timeout=5) as response:
            found: dict[str, Any] = json.load(response)
        return found


@contextmanager
def served(rules: str, core: int) -> Iterator[Server]:
    """Start a server that answers from `rules` (YAML), with all its processes on one core; end it
    when the context is left, however it is left."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.yml"
        file.write_text(rules)
        with running(gunicorn(file), {core}, _is_healthy) as server:
            yield server


def gunicorn(file: Path, options: Sequence[str] = ()) -> Program:
    """Return how anyone starts our server: `gunicorn wsgi:app` in this repository."""
    environment = compiled() | {"MOCKLLM_RESPONSES": str(file)}
    environment.pop("GUNICORN_CMD_ARGS", None)
    command = [str(BIN / "gunicorn"), "wsgi:app", "--bind", "127.0.0.1:{port}", *options]
    return Program(command, ROOT, environment, signal.SIGQUIT)  # at once, not gracefully


def compiled() -> dict[str, str]:
    """Return an environment in which Python keeps what it has compiled, as it usually does."""
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


@contextmanager
def running(
    program: Program, cores: Collection[int], is_ready: Callable[[int], bool]
) -> Iterator[Server]:
    """Start a server on some cores, with its output to a file; end it when the context is left,
    however it is left. `is_ready` asks a port; it may raise OSError."""
    port = _free_port()
    with tempfile.NamedTemporaryFile("w+") as log:
        started_s = time.monotonic()
        process = _start(program, port, cores, log.fileno())
        try:
            _wait_until_ready(process, port, is_ready, Path(log.name))
            server = Server(process.pid, port)
            server.ready_s = time.monotonic() - started_s
            yield server
        finally:
            _end(process, program.end_with)


def two_cores() -> tuple[int, int]:
    """Return a core for the server and one for the client; the same one where there is no other."""
    cores = sorted(os.sched_getaffinity(0))
    return cores[0], cores[-1]


def prepare(client_core: int) -> None:
    """Put this process on a core, let it open as many sockets as it may, and make a SIGTERM an
    exception, so that what was started is ended."""
    os.sched_setaffinity(0, {client_core})
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _exit)


def busy_s(core: int) -> float:
    """Return for how long a core has been busy since the machine started, with whatever."""
    line = next(
        line for line in (_PROC / "stat").read_text().splitlines() if line.startswith(f"cpu{core} ")
    )
    user, nice, system, _idle, _iowait, *rest = map(int, line.split()[1:9])
    return (user + nice + system + sum(rest)) / _TICKS_PER_S


def machine() -> str:
    """Return what the figures were measured on, and when."""
    info = (_PROC / "cpuinfo").read_text()
    names = [line.partition(": ")[2] for line in info.splitlines() if "model name" in line]
    python = ".".join(map(str, sys.version_info[:3]))
    system = os.uname()
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return (
        f"{names[0] if names else system.machine}, {os.cpu_count()} cores, "
        f"{system.sysname} {system.release}, CPython {python}, {day}"
    )


def _exit(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _start(
    program: Program, port: int, cores: Collection[int], log: int
) -> subprocess.Popen[bytes]:
    """Start it. In a session of its own: a Ctrl-C is the benchmark's, which ends it."""
    command = [part.replace("{port}", str(port)) for part in program.command]
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)  # a child inherits it
    try:
        return subprocess.Popen(
            command,
            cwd=program.folder,
            env=program.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    finally:
        os.sched_setaffinity(0, before)


def _is_healthy(port: int) -> bool:
    return bool(Server(0, port).health())


def _wait_until_ready(
    process: subprocess.Popen[bytes], port: int, is_ready: Callable[[int], bool], log: Path
) -> None:
    ends_s = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < ends_s:
        with suppress(OSError):
            if is_ready(port):
                return
        time.sleep(_LOOK_EVERY_S)
    raise NotStarted(f"{process.args!r} did not start:\n{log.read_text()[-4000:]}")


def _end(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """End the server, with its open streams: what is of interest has been measured."""
    process.send_signal(number)
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_S)
    finally:  # also a worker that has outlived its master
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _tree(pid: int) -> list[int]:
    return [pid, *(each for child in _children(pid) for each in _tree(child))]


def _children(pid: int) -> list[int]:
    return list(map(int, (_PROC / f"{pid}/task/{pid}/children").read_text().split()))


def _cpu_s(pid: int) -> float:
    fields = (_PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _pss_bytes(pid: int) -> int:
    lines = (_PROC / f"{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024


def _open_files(pid: int) -> Iterator[str]:
    for file in (_PROC / f"{pid}/fd").iterdir():
        try:
            yield os.readlink(file)
        except FileNotFoundError:  # closed since it was listed
            continue
