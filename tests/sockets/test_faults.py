"""Faults of the connection itself, over real ones."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sockets.client import CHAT, body, fold, read, request
from tests.sockets.conftest import Tls
from tests.sockets.server import FLASK, GUNICORN, STOCK_WORKER, Server, running

pytestmark = pytest.mark.sockets

TEXT = "one two three four five six seven eight"
RULES = f'responses: {{"p": "{TEXT}", "big": {{lorem: {{tokens: 200000}}}}}}'
LAUNCHES = {"gunicorn": GUNICORN, "stock-worker": STOCK_WORKER, "flask": FLASK}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("faults") / "responses.yml"
    file.write_text(RULES)
    return file


@pytest.fixture(scope="module", params=LAUNCHES)
def server(request: pytest.FixtureRequest, source: Path) -> Iterator[Server]:
    with running(LAUNCHES[request.param], source) as server:
        yield server
        assert "Traceback" not in server.log


def ask(
    connection: http.client.HTTPConnection, fault: str, prompt: str = "p", stream: bool = True
) -> http.client.HTTPResponse:
    connection.request("POST", CHAT, body(prompt, stream), {"X-Mockllm-Fault": fault})
    return connection.getresponse()


STREAMED = pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])


@STREAMED
def test_reset_before_the_answer(server: Server, stream: bool) -> None:
    with server.client.connection() as connection, pytest.raises(ConnectionResetError):
        ask(connection, "reset", stream=stream)


@STREAMED
def test_what_was_due_before_a_reset_arrives(server: Server, stream: bool) -> None:
    with server.client.connection() as connection:
        response = ask(connection, "reset; after=50%", stream=stream)

        assert response.status == 200
        assert b'"content":"o' in response.read1()
        with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
            response.read()


def test_much_that_was_due_before_a_reset_arrives_too(server: Server) -> None:
    with server.client.connection() as connection:
        response = ask(connection, "reset; after=90%", "big", stream=False)
        wanted = int(response.headers["Content-Length"]) * 9 // 10

        assert len(response.read(wanted)) == wanted
        with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
            response.read()


def test_truncated_stream_ends_cleanly_and_the_connection_goes_on(server: Server) -> None:
    with server.client.connection() as connection:
        answer = read(ask(connection, "truncate"))

        assert answer.status == 200
        assert b"[DONE]" not in answer.body
        assert fold(request(connection, "POST", CHAT, body("p", stream=True)).body) == TEXT


@STREAMED
def test_half_frame_ends_without_an_end(server: Server, stream: bool) -> None:
    with server.client.connection() as connection:
        response = ask(connection, "half_frame", stream=stream)

        with pytest.raises(http.client.IncompleteRead):
            response.read()


def test_nothing_is_sent_and_the_connection_is_closed(server: Server) -> None:
    with server.client.connection() as connection, pytest.raises(http.client.RemoteDisconnected):
        ask(connection, "hang; for=50ms")


@STREAMED
def test_head_comes_slowly_and_the_answer_is_whole(server: Server, stream: bool) -> None:
    with server.client.connection() as connection:
        begun_s = time.monotonic()
        answer = read(ask(connection, "slow_headers; for=200ms", stream=stream))

        assert time.monotonic() - begun_s >= 0.2
        assert answer.status == 200
        assert answer.headers["Connection"] == "close"
        said = fold(answer.body) if stream else answer.json()["choices"][0]["message"]["content"]
        assert said == TEXT


@pytest.mark.parametrize(
    "fault", ["reset", "reset; after=50%", "half_frame", "slow_headers; for=1ms"]
)
def test_faults_over_https(fault: str, source: Path, tls: Tls) -> None:
    with running(GUNICORN(*tls.options), source, tls.trust) as server:
        with server.client.connection() as connection:
            try:
                answer = read(ask(connection, fault))
            except (OSError, http.client.HTTPException):
                assert not fault.startswith("slow")
            else:
                assert fold(answer.body) == TEXT
                assert fault.startswith("slow")
        assert server.client.ask("p") == TEXT
        assert "Traceback" not in server.log
