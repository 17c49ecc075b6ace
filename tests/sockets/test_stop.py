"""SIGTERM waits for requests under way, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sockets.client import CHAT, body, fold, poll, read, request
from tests.sockets.conftest import Tls
from tests.sockets.server import GUNICORN, START, Server, running, starting

pytestmark = pytest.mark.sockets

LAUNCHES = {"gunicorn": GUNICORN, "start-preload": START("--preload")}
PATIENT = ("--graceful-timeout", "60")  # three times as long as the tests wait
TEXT = "this takes a server of a hundred a second a while. " * 2
RULES = f"""\
responses:
  "slow": "{TEXT}"
  "quick": "."
settings:
  lag_enabled: true
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "responses.yml"
    file.write_text(RULES)
    return file


@pytest.fixture(params=LAUNCHES)
def server(request: pytest.FixtureRequest, source: Path) -> Iterator[Server]:
    with running(LAUNCHES[request.param](*PATIENT), source) as server:
        yield server


def test_a_running_stream_is_finished(server: Server) -> None:
    with server.client.stream("slow") as response:
        first = response.readline()

        server.terminate()

        assert fold(first + response.read()) == TEXT
    assert server.exit_code() == 0


def test_a_whole_reply_under_way_is_finished(server: Server) -> None:
    with server.client.connection() as connection:
        connection.request("POST", CHAT, body("slow"))
        with server.client.stream("slow") as later:
            later.readline()  # so the server has read what came before

        server.terminate()

        answer = read(connection.getresponse())
    assert answer.json()["choices"][0]["message"]["content"] == TEXT
    assert server.exit_code() == 0


def test_an_idle_connection_holds_up_no_stop(server: Server) -> None:
    with server.client.connection() as used, server.client.socket():
        request(used, "GET", "/_mockllm/health")

        server.terminate()

        assert server.exit_code() == 0


def test_an_idle_connection_is_closed_in_silence(source: Path) -> None:
    with running(GUNICORN(*PATIENT), source) as server, server.client.connection() as used:
        request(used, "GET", "/_mockllm/health")

        server.terminate()

        assert server.exit_code() == 0
        assert "Traceback" not in server.log


def test_an_idle_https_connection_is_closed_in_silence(source: Path, tls: Tls) -> None:
    with running(START(*PATIENT, *tls.options), source, tls.trust) as server:
        with server.client.connection() as used:
            request(used, "GET", "/_mockllm/health")

            server.terminate()

            assert server.exit_code() == 0
        assert "Traceback" not in server.log


def test_a_stop_while_the_worker_starts_is_not_lost(source: Path) -> None:
    with starting(START(*PATIENT), source) as server:
        poll(lambda: server.log, lambda log: "health: " in log)

        server.terminate()

        assert server.exit_code() == 0


@pytest.mark.parametrize("fault", ["stall", "hang", "silence"])
def test_a_connection_that_a_fault_holds_holds_up_no_stop(fault: str, source: Path) -> None:
    with (
        running(GUNICORN(*PATIENT), source) as server,
        server.client.connection() as connection,
    ):
        connection.request("POST", CHAT, body("quick", stream=True), {"X-Mockllm-Fault": fault})
        with server.client.connection() as other:
            request(other, "GET", "/_mockllm/health")  # so the server has read what came before

        server.terminate()

        assert server.exit_code() == 0
