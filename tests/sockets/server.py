"""Real servers, each a process of its own on a free loopback port."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from tests.sockets.client import Answer, Client, poll

REPOSITORY = Path(__file__).parents[2]
DEADLINE_S = 20
_COMMANDS = Path(sys.executable).parent
_OURS = ("PORT", "GUNICORN_", "MOCKLLM_", "FLASK_", "WEB_CONCURRENCY", "COV_", "PYTHON")


class Launch(NamedTuple):
    """A way to start a server. `{port}` in its words and variables stands for the port.

    From the repository the responses are named by a variable; else the server starts in the
    folder that holds them and finds them there.
    """

    words: tuple[str, ...]
    from_repository: bool = False
    environ: Mapping[str, str] = {}

    def __call__(self, *options: str) -> Launch:
        """Return the same with more options."""
        return self._replace(words=(*self.words, *options))


_BIND = ("--bind", "127.0.0.1:{port}")

GUNICORN = Launch(("gunicorn", "wsgi:app", *_BIND), from_repository=True)
PRELOAD = GUNICORN("--preload")
STOCK_WORKER = GUNICORN("-k", "gevent")
START = Launch(("mockllm", "start", "--port", "{port}"))
FACTORY = Launch(
    ("gunicorn", "-c", "python:mockllm.serving.settings", "mockllm:create_app()", *_BIND)
)
FLASK = Launch(("flask", "--app", "mockllm", "run", "--port", "{port}"))


class Server:
    """A server that runs."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        client: Client,
        source: Path,
        output: IO[bytes],
    ) -> None:
        self.client = client
        self.source = source
        self._process = process
        self._output = output

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        """Everything that it has written, to stdout and stderr."""
        return os.pread(self._output.fileno(), 2**24, 0).decode()

    @property
    def health(self) -> dict[str, Any]:
        page: dict[str, Any] = self.client.get("/_mockllm/health").json()
        return page

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def exit_code(self) -> int:
        """Wait until it has ended."""
        return self._process.wait(DEADLINE_S)

    def wait_until_up(self) -> None:
        answer = poll(self._attempt, lambda answer: answer is not None, DEADLINE_S)
        assert answer is not None
        assert answer.status == 200, self.log

    def _attempt(self) -> Answer | None:
        ended = self._process.poll()
        assert ended is None, f"ended with {ended}:\n{self.log}"
        try:
            return self.client.get("/_mockllm/health")
        except OSError:
            return None


class Ended(NamedTuple):
    """What a command left behind."""

    exit_code: int
    stdout: str
    stderr: str


@contextmanager
def running(launch: Launch, source: Path, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Start a server that answers from `source`, yield it when it answers, and end it."""
    with starting(launch, source, tls) as server:
        server.wait_until_up()
        yield server


@contextmanager
def starting(launch: Launch, source: Path, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """As `running`, but yield at once."""
    port = free_port()
    with tempfile.TemporaryFile() as output:
        process = _begun(launch, source, port, output, subprocess.STDOUT)
        try:
            yield Server(process, Client(port, tls), source, output)
        finally:
            _end(process)


def run_to_end(launch: Launch, source: Path, port: int | None = None) -> Ended:
    """Start a server that is to end by itself, and return what it left."""
    port = free_port() if port is None else port
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = _begun(launch, source, port, output, errors)
        try:
            process.wait(DEADLINE_S)
        finally:
            _end(process)
        texts = (os.pread(each.fileno(), 2**24, 0).decode() for each in (output, errors))
        return Ended(process.returncode, *texts)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _begun(
    launch: Launch, source: Path, port: int, stdout: IO[bytes], stderr: IO[bytes] | int
) -> subprocess.Popen[bytes]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    environ |= {name: value.format(port=port) for name, value in launch.environ.items()}
    if launch.from_repository:
        environ["MOCKLLM_RESPONSES"] = str(source)
    command, *words = (word.replace("{port}", str(port)) for word in launch.words)
    return subprocess.Popen(
        [_COMMANDS / command, *words],
        cwd=REPOSITORY if launch.from_repository else source.parent,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, and all that it started when it does not end by itself."""
    process.terminate()
    try:
        process.wait(DEADLINE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
