"""Our worker answers as gunicorn's own does, whatever is sent and however it comes."""

from __future__ import annotations

import os
import re
import signal
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.serving.corpus import BAD, CUT, ODD, ORDINARY, PIPELINED, get, post, request
from tests.sockets import echo
from tests.sockets.client import poll
from tests.sockets.server import Launch, Server, running
from tests.sockets.test_http import until_closed

pytestmark = pytest.mark.sockets

ECHO = Launch(
    (
        *("gunicorn", "-c", "python:mockllm.serving.settings", "tests.sockets.echo:app"),
        *("--bind", "127.0.0.1:{port}"),
    ),
    from_repository=True,
)
STOCK_ECHO = ECHO("-k", "gevent")
LAUNCHES = {"worker": ECHO, "stock-worker": STOCK_ECHO}
DIFFERENT = ("/large", "/large-stream", "/kind-of-input")
RESET = struct.pack("ii", 1, 0)


class Servers(NamedTuple):
    ours: Server
    stock: Server


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("worker")
    with running(ECHO, folder) as ours, running(STOCK_ECHO, folder) as stock:
        yield Servers(ours, stock)


def exchange(server: Server, *pieces: bytes) -> bytes:
    """Send pieces, and no more; return all that comes until the server closes."""
    with server.client.socket() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces:
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has closed already
        return until_closed(connection)


def said(received: bytes) -> list[bytes]:
    """Return the answers without the day; of an error in HTTP only its status, for ours is JSON."""
    answers = re.split(rb"(?=HTTP/1\.\d \d\d\d)", received)
    dated = [re.sub(rb"\r\nDate: [^\r]*", b"", answer) for answer in answers if answer]
    return [each if b"\r\nServer: " in each else each.partition(b"\r\n")[0] for each in dated]


def both(servers: Servers, *pieces: bytes) -> tuple[list[bytes], list[bytes]]:
    return said(exchange(servers.ours, *pieces)), said(exchange(servers.stock, *pieces))


ALL = {
    f"{kind}-{name}": sent
    for kind, corpus in {
        "ordinary": ORDINARY,
        "odd": ODD,
        "bad": BAD,
        "pipelined": PIPELINED,
        "cut": CUT,
    }.items()
    for name, sent in corpus.items()
}
any_request = pytest.mark.parametrize("sent", ALL.values(), ids=ALL)


@any_request
def test_a_request_is_answered_as_gunicorn_does(servers: Servers, sent: bytes) -> None:
    ours, stock = both(servers, sent)

    assert ours == stock


@any_request
def test_byte_by_byte_too(servers: Servers, sent: bytes) -> None:
    ours, stock = both(servers, *(sent[at : at + 1] for at in range(len(sent))))

    assert ours == stock


@any_request
def test_on_a_connection_that_was_used_and_is_used_again(servers: Servers, sent: bytes) -> None:
    ours, stock = both(servers, get(target="/?first"), sent, get(target="/?last"))

    assert ours == stock


@pytest.mark.parametrize(
    ("field", "body", "kind"),
    [
        ("Content-Length: 5", "hello", b"BytesIO"),
        ("Content-Length: 5", "hell", b"LateBody"),
        ("Content-Length: 2000000", "", b"Body"),
        ("Transfer-Encoding: chunked", "0\r\n\r\n", b"Body"),
        ("Content-Length: 5", "hello!", b"Body"),
    ],
    ids=["whole", "late", "large", "chunked", "pipelined"],
)
def test_only_what_is_not_ordinary_is_gunicorns(
    servers: Servers, field: str, body: str, kind: bytes
) -> None:
    sent = request("POST /kind-of-input HTTP/1.1", field, body=body)

    [answer, *_] = said(exchange(servers.ours, sent))

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\n\r\n%X\r\n%b\r\n" % (len(kind), kind) in answer


@pytest.mark.parametrize("name", BAD)
def test_nothing_that_is_bad_is_answered(servers: Servers, name: str) -> None:
    received = exchange(servers.ours, BAD[name])

    if not name.startswith("chunk"):  # the application finds those, and this one does not look
        assert not received.startswith(b"HTTP/1.1 2")


@pytest.mark.parametrize("closes", [False, True], ids=["keep-alive", "close"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("path", [path for path in echo.ANSWERS if path not in DIFFERENT])
def test_an_application_answers_as_under_gunicorn(
    servers: Servers, path: str, method: str, closes: bool
) -> None:
    fields = ["Content-Length: 9", *["Connection: close"] * closes]
    sent = request(f"{method} {path} HTTP/1.1", *fields, body="a\nb\nc\nd\n.")
    end = sent.index(b"\r\n\r\n") + 4

    for pieces in ([sent], [sent[:end], sent[end:]], [sent[:-2]]):
        ours, stock = both(servers, *pieces)

        assert ours == stock


def test_an_answer_is_closed_when_it_fails(servers: Servers) -> None:
    before = servers.ours.log.count("the answer was closed")

    exchange(servers.ours, get(target="/closing"))

    after = servers.ours.log.count("the answer was closed")
    assert after == before + 1


@pytest.mark.parametrize("path", ["/large", "/large-stream"])
def test_a_client_that_reads_late_gets_everything(servers: Servers, path: str) -> None:
    with servers.ours.client.socket() as connection:
        connection.sendall(get("Connection: close", target=path))
        servers.ours.client.get("/echo")  # by now the other answer has filled what room there is

        received = until_closed(connection)

    assert received.count(b"0123456789abcdef") == 500_000


@pytest.mark.parametrize("size_bytes", [100_000, 1_048_576, 1_048_577, 5_000_000])
@pytest.mark.parametrize("path", ["/echo", "/unread"])
def test_bodies_of_every_size_are_taken(servers: Servers, path: str, size_bytes: int) -> None:
    sent = request(f"POST {path} HTTP/1.1", f"Content-Length: {size_bytes}", body="x" * size_bytes)

    ours, stock = both(servers, sent, get("Connection: close"))

    assert ours == stock
    assert len(ours) == 2 or (path, size_bytes) == ("/unread", 5_000_000)


def test_what_is_not_read_is_no_request(servers: Servers) -> None:
    inner = get(target="/smuggled").decode()
    outer = request("POST /unread HTTP/1.1", f"Content-Length: {len(inner)}", body=inner)
    end = outer.index(b"\r\n\r\n") + 4

    for pieces in ([outer], [outer[:end], outer[end:]], [outer[: end + 5], outer[end + 5 :]]):
        received = exchange(servers.ours, *pieces, get("Connection: close"))

        assert b"smuggled" not in received
        assert received.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize("resets", [False, True], ids=["leaves", "resets"])
@pytest.mark.parametrize("path", ["/echo", "/stream", "/unread", "/large"])
def test_a_client_may_go_at_any_moment(servers: Servers, path: str, resets: bool) -> None:
    sent = request(f"POST {path} HTTP/1.1", "Content-Length: 5", body="hello")
    traces = servers.ours.log.count("Traceback")

    for end in range(len(sent) + 1):
        with servers.ours.client.socket() as connection:
            if resets:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            connection.sendall(sent[:end])

    assert exchange(servers.ours, ORDINARY["body"]).startswith(b"HTTP/1.1 200")
    assert servers.ours.log.count("Traceback") == traces


def test_requests_on_one_connection_are_answered_in_their_order(servers: Servers) -> None:
    with servers.ours.client.socket() as connection:
        reader = connection.makefile("rb")
        for number in range(20):
            path = "/unread" if number % 3 else f"/echo?{number}"
            connection.sendall(get(target=path) if number % 2 else post("Content-Length: 0"))
            assert reader.readline() == b"HTTP/1.1 200 OK\r\n"
            head = list(iter(reader.readline, b"\r\n"))
            [size] = [line.split()[1] for line in head if line.startswith(b"Content-Length")]
            assert len(reader.read(int(size))) == int(size)
        reader.close()


@pytest.mark.parametrize("launch", LAUNCHES.values(), ids=LAUNCHES)
def test_a_worker_is_renewed_after_its_last_request(launch: Launch, tmp_path: Path) -> None:
    with running(launch("--max-requests", "3", "--log-level", "info"), tmp_path) as server:
        answers = [exchange(server, get()) for _ in range(2)]  # the first was asked to see it up

        poll(lambda: server.log.count("Booting worker"), lambda count: count >= 2)
        after = poll(lambda: exchange(server, get()), bool)

    assert [b"\r\nConnection: close\r\n" in answer for answer in answers] == [False, True]
    assert after.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("launch", LAUNCHES.values(), ids=LAUNCHES)
def test_an_access_log_is_written(launch: Launch, tmp_path: Path) -> None:
    line = "logged %(m)s %(U)s?%(q)s %(s)s %(B)s %({x-a}i)s"
    options = ("--access-logfile", "-", "--access-logformat", line)
    with running(launch(*options), tmp_path) as server:
        exchange(server, get("X-A: b", target="/unread?c"))
        exchange(server, get(target="/stream"))

        log = poll(lambda: server.log, lambda log: "/stream" in log)

    assert "logged GET /unread?c 200 6 b\n" in log
    assert "logged GET /stream? 200 6 -\n" in log


HOOKS = """\
from mockllm.serving.settings import *

def pre_request(worker, request):
    worker.log.warning("hooked before %s", request.uri)

def post_request(worker, request, environ, response):
    worker.log.warning("hooked after %s %s", environ["PATH_INFO"], response.status)
"""


@pytest.mark.parametrize("launch", LAUNCHES.values(), ids=LAUNCHES)
def test_hooks_are_called(launch: Launch, tmp_path: Path) -> None:
    conf = tmp_path / "conf.py"
    conf.write_text(HOOKS)
    with running(launch("-c", str(conf)), tmp_path) as server:
        exchange(server, get(target="/unread?a"))

        log = poll(lambda: server.log, lambda log: "hooked after /unread 200 OK\n" in log)

    assert "hooked before /unread?a\n" in log


def test_a_proxy_says_whose_connection_it_is(tmp_path: Path) -> None:
    line = b"PROXY TCP4 192.0.2.1 192.0.2.2 1000 80\r\n"
    with (
        running(ECHO("--proxy-protocol"), tmp_path) as ours,
        running(STOCK_ECHO("--proxy-protocol"), tmp_path) as stock,
    ):
        answers, expected = both(Servers(ours, stock), line + get(), get())

    assert answers == expected
    assert b'"REMOTE_ADDR": "192.0.2.1"' in answers[0]


def test_a_socket_of_unix_is_served(tmp_path: Path) -> None:
    file = tmp_path / "socket"
    with (
        running(ECHO("--bind", f"unix:{file}"), tmp_path),
        socket.socket(socket.AF_UNIX) as connection,
    ):
        connection.settimeout(30)
        connection.connect(str(file))
        connection.sendall(get("Connection: close"))

        received = until_closed(connection)

    assert b'"SERVER_NAME": "mock"' in received


@pytest.mark.parametrize("sent", [b"", get(), get()[:-2], post("Content-Length: 0")])
@pytest.mark.parametrize("launch", LAUNCHES.values(), ids=LAUNCHES)
def test_a_connection_is_not_kept_for_ever(launch: Launch, sent: bytes, tmp_path: Path) -> None:
    with running(launch("--keep-alive", "1"), tmp_path) as server:
        with server.client.socket() as connection:
            connection.sendall(sent)

            until_closed(connection)

        assert "Traceback" not in server.log


@pytest.mark.parametrize("signal_sent", [signal.SIGTERM, signal.SIGHUP])
def test_idle_connections_are_closed_when_a_worker_stops(
    signal_sent: signal.Signals, tmp_path: Path
) -> None:
    with running(ECHO("--graceful-timeout", "60"), tmp_path) as server:
        held = [socket.create_connection(("127.0.0.1", server.client.port), 30) for _ in range(3)]
        held[1].sendall(get(target="/no-content"))
        held[2].sendall(get()[:-2])
        held[1].recv(65_536)

        os.kill(server.pid, signal_sent)

        for connection in held:
            with connection:
                assert until_closed(connection) == b""
        assert "Traceback" not in server.log


def test_the_error_log_is_found_after_it_was_opened_anew(tmp_path: Path) -> None:
    log, moved = tmp_path / "errors.log", tmp_path / "errors.log.1"
    launch = ECHO("--error-logfile", str(log))
    with running(launch, tmp_path) as server, server.client.connection() as connection:

        def asked() -> str:
            connection.request("GET", "/error-log")
            connection.getresponse().read()
            return log.read_text()

        asked()
        log.rename(moved)
        os.kill(server.pid, signal.SIGUSR1)
        poll(log.exists, bool)

        poll(asked, lambda text: "said to the error log" in text)
    assert "said to the error log" in moved.read_text()
