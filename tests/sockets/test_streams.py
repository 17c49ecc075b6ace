"""Streams in time: many at once, clients that leave, and edits while they run."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.sockets.client import CHAT, MESSAGES, TIMEOUT_S, body, fold, poll
from tests.sockets.conftest import Tls
from tests.sockets.server import GUNICORN, Server, running

pytestmark = pytest.mark.sockets

STREAMS = 200
SHORT = "forty characters are sent one at a time."
MEDIUM = SHORT * 5
LONG = SHORT * 100
LAGGED = f"""\
responses:
  "short": "{SHORT}"
  "medium": "{MEDIUM}"
  "long": "{LONG}"
settings:
  lag_enabled: true
  lag_factor: 10
"""
AT_ONCE = f"""\
responses:
  "medium": "other"
  "huge": "{SHORT * 500}"
"""


@pytest.fixture(scope="module")
def lagged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of 100 characters a second."""
    source = tmp_path_factory.mktemp("lagged") / "responses.yml"
    source.write_text(LAGGED)
    with running(GUNICORN, source) as server:
        yield server


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that does not wait."""
    source = tmp_path_factory.mktemp("at_once") / "responses.yml"
    source.write_text(AT_ONCE)
    with running(GUNICORN, source) as server:
        yield server


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_two_hundred_lagged_streams_run_at_once(lagged: Server, path: str) -> None:
    all_have_begun = threading.Barrier(STREAMS, timeout=TIMEOUT_S)

    def read(_: int) -> str:
        with lagged.client.stream("short", path) as response:
            first = response.readline()
            all_have_begun.wait()
            return fold(first + response.read())

    with ThreadPoolExecutor(STREAMS) as pool:
        texts = list(pool.map(read, range(STREAMS)))

    assert texts == [SHORT] * STREAMS
    assert lagged.health["open_streams"] == 0


def test_a_client_that_leaves_ends_its_stream(lagged: Server) -> None:
    with lagged.client.stream("long") as response:
        response.readline()
        while_read = lagged.health["open_streams"]

    poll(lambda: lagged.health["open_streams"], lambda open_streams: open_streams == 0)
    assert while_read == 1
    poll(lambda: lagged.log, lambda log: any_left(log, '"long"'))


def test_a_client_that_does_not_wait_for_a_whole_reply_is_noticed(tmp_path: Path) -> None:
    source = tmp_path / "responses.yml"
    source.write_text(LAGGED.replace("lag_factor: 10", "lag_factor: 0.1"))
    with running(GUNICORN, source) as server:
        with server.client.connection() as connection:
            connection.request("POST", CHAT, body("short"))

        poll(lambda: server.log, lambda log: any_left(log, '"short"'))


def test_an_https_client_that_does_not_wait_is_noticed(tmp_path: Path, tls: Tls) -> None:
    source = tmp_path / "responses.yml"
    source.write_text(LAGGED)
    with running(GUNICORN(*tls.options), source, tls.trust) as server:
        with server.client.connection() as connection:
            connection.request("POST", CHAT, body("long"))
            assert isinstance(connection.sock, ssl.SSLSocket)
            connection.sock.settimeout(0)
            with pytest.raises(ssl.SSLWantReadError):
                connection.sock.unwrap()  # sends the goodbye, and need not wait for the other

        poll(lambda: server.log, lambda log: any_left(log, '"long"'))


def test_a_stream_keeps_the_rules_it_began_with(tmp_path: Path) -> None:
    source = tmp_path / "responses.yml"
    source.write_text(LAGGED)
    with running(GUNICORN, source) as server, server.client.stream("medium") as response:
        first = response.readline()

        source.write_text(AT_ONCE)
        poll(lambda: server.client.ask("medium"), lambda answer: answer == "other")

        assert fold(first + response.read()) == MEDIUM
        assert response.headers["x-mockllm-generation"] == "1"
        assert server.health["generation"] == 2


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_a_stream_without_lag_arrives_complete(at_once: Server, path: str) -> None:
    with at_once.client.stream("huge", path) as response:
        text = fold(response.read())

    assert text == SHORT * 500


def any_left(log: str, rule: str) -> bool:
    return any(rule in line and line.endswith("client left") for line in log.splitlines())
