"""HTTP as it should not be, and HTTP that few clients speak."""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Iterator

import pytest

from tests.sockets.client import (
    CHAT,
    MESSAGES,
    Answer,
    body,
    fold,
    read,
    request,
)
from tests.sockets.server import GUNICORN, Server, running

pytestmark = pytest.mark.sockets

MAX_BODY_BYTES = 64 * 1024
RULES = """\
responses:
  "hello": "Hi."
settings:
  max_body: 64KB
"""
HELLO = body("hello")
HELLO_STREAMED = body("hello", stream=True)
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    source = tmp_path_factory.mktemp("http") / "responses.yml"
    source.write_text(RULES)
    with running(GUNICORN, source) as server:
        yield server


def head(first_line: bytes, *headers: bytes) -> bytes:
    return b"".join([first_line, b"\r\nHost: mock\r\n", *headers, b"\r\n"])


def post(content: bytes, path: str = CHAT) -> bytes:
    """Return a whole POST request."""
    length = f"Content-Length: {len(content)}\r\n".encode()
    return head(f"POST {path} HTTP/1.1".encode(), length) + content


def until_closed(connection: socket.socket) -> bytes:
    """Return all that comes until the server closes, be it by a reset for what it left unread."""
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


class _Received(io.BytesIO):
    """Bytes that pass for a socket where `http.client` reads one answer after the other."""

    def makefile(self, _mode: str) -> io.BytesIO:
        return self

    def close(self) -> None:
        """Stay open for the next answer."""


def answers_in(received: bytes) -> list[Answer]:
    stream, answers = _Received(received), []
    while stream.tell() < len(received):
        response = http.client.HTTPResponse(stream)  # type: ignore[arg-type]  # suffices
        response.begin()
        answers.append(read(response))
    return answers


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (head(b"GET / HTTP/9.9"), 400),
        (head(b"get / HTTP/1.1"), 400),
        (b"hello\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (head(b"GET / HTTP/1.1", b"a name: value\r\n"), 400),
        (head(b"GET / HTTP/1.1", b"no colon\r\n"), 400),
        (head(b"GET / HTTP/1.1", b"folded: one\r\n two\r\n"), 400),
        (head(b"GET / HTTP/1.1", b"large: " + b"x" * 10_000 + b"\r\n"), 431),
        (head(b"GET / HTTP/1.1", b"many: x\r\n" * 200), 431),
        (head(b"GET /" + b"x" * 5_000 + b" HTTP/1.1"), 414),
        (head(b"POST / HTTP/1.1", b"Content-Length: some\r\n"), 400),
        (head(b"POST / HTTP/1.1", b"Content-Length: 1\r\nContent-Length: 2\r\n"), 400),
        (head(b"POST / HTTP/1.1", b"Content-Length: 1\r\n", CHUNKED), 400),
        (head(b"POST / HTTP/1.1", b"Transfer-Encoding: zip\r\n"), 501),
        (head(b"POST / HTTP/1.1", b"Expect: much\r\nContent-Length: 0\r\n"), 417),
    ],
    ids=[
        "version",
        "method",
        "line",
        "tls",
        "name",
        "colon",
        "folding",
        "large",
        "many",
        "path",
        "length",
        "lengths",
        "both",
        "encoding",
        "expectation",
    ],
)
def test_what_is_not_http_gets_an_error_in_json(server: Server, sent: bytes, status: int) -> None:
    with server.client.socket() as connection:
        connection.sendall(sent)
        [answer] = answers_in(until_closed(connection))

    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert answer.json()["error"]["message"]
    assert server.health["status"] == "ok"


@pytest.mark.parametrize(
    "chunks",
    [
        b"size\r\n",
        b"2\r\n{}??0\r\n\r\n",
        b"2;\x01\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nbad\r\n\r\n",
    ],
    ids=["size", "terminator", "extension", "trailer"],
)
def test_a_malformed_chunk_is_the_clients_mistake(server: Server, chunks: bytes) -> None:
    with server.client.socket() as connection:
        connection.sendall(head(f"POST {MESSAGES} HTTP/1.1".encode(), CHUNKED) + chunks)
        [answer] = answers_in(until_closed(connection))

    assert answer.status == 400
    assert answer.json()["type"] == "error"
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("size_bytes", [MAX_BODY_BYTES + 1, 40 * MAX_BODY_BYTES])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize(
    ("path", "kind"), [(CHAT, "invalid_request_error"), (MESSAGES, "request_too_large")]
)
def test_a_body_that_is_too_large_is_refused_in_the_dialect(
    server: Server, path: str, kind: str, chunked: bool, size_bytes: int
) -> None:
    content = HELLO.ljust(size_bytes)
    with server.client.connection() as connection:
        connection.request("POST", path, iter([content]) if chunked else content)
        refused = read(connection.getresponse())
        after = request(connection, "POST", path, HELLO)

    assert refused.status == 413
    assert refused.json()["error"]["type"] == kind
    assert after.status == 200


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_the_largest_body_is_taken(server: Server, chunked: bool) -> None:
    content = HELLO.ljust(MAX_BODY_BYTES)
    with server.client.connection() as connection:
        connection.request("POST", CHAT, iter([content]) if chunked else content)
        answer = read(connection.getresponse())

    assert answer.status == 200


def test_a_body_that_ends_early_harms_nobody(server: Server) -> None:
    with server.client.socket() as connection:
        connection.sendall(post(HELLO)[:-10])
    with server.client.socket() as connection:
        connection.sendall(post(HELLO)[:-10])
        connection.shutdown(socket.SHUT_WR)
        [answer] = answers_in(until_closed(connection))

    assert answer.status == 400
    assert server.client.ask("hello") == "Hi."


def test_a_body_shorter_than_announced_is_not_answered(server: Server) -> None:
    longer = post(HELLO + b" ")
    with server.client.socket() as connection:
        connection.sendall(longer[:-1])
        connection.shutdown(socket.SHUT_WR)
        [answer] = answers_in(until_closed(connection))

    assert answer.status == 400


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_an_http_1_0_client_gets_a_whole_answer(server: Server, path: str) -> None:
    with server.client.socket() as connection:
        connection.sendall(post(HELLO, path).replace(b"HTTP/1.1", b"HTTP/1.0"))
        [answer] = answers_in(until_closed(connection))

    assert answer.status == 200
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert b"Hi." in answer.body


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_an_http_1_0_client_gets_a_stream_without_chunks(server: Server, path: str) -> None:
    with server.client.socket() as connection:
        connection.sendall(post(HELLO_STREAMED, path).replace(b"HTTP/1.1", b"HTTP/1.0"))
        [answer] = answers_in(until_closed(connection))

    assert answer.headers["Transfer-Encoding"] is None
    assert fold(answer.body) == "Hi."


def test_pipelined_requests_are_answered_in_their_order(server: Server) -> None:
    last = head(b"GET /health HTTP/1.1", b"Connection: close\r\n")
    with server.client.socket() as connection:
        connection.sendall(post(HELLO) + post(HELLO_STREAMED, MESSAGES) + post(b"{") + last)
        whole, streamed, refused, health = answers_in(until_closed(connection))

    assert whole.json()["object"] == "chat.completion"
    assert fold(streamed.body) == "Hi."
    assert refused.status == 400
    assert health.json()["status"] == "ok"


def test_a_client_that_waits_for_100_continue_is_told(server: Server) -> None:
    expecting = (b"Expect: 100-continue\r\n", b"Connection: close\r\n")
    length = f"Content-Length: {len(HELLO)}\r\n".encode()
    with server.client.socket() as connection:
        connection.sendall(head(f"POST {CHAT} HTTP/1.1".encode(), length, *expecting))
        told = connection.recv(25, socket.MSG_WAITALL)
        connection.sendall(HELLO)
        [answer] = answers_in(until_closed(connection))

    assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.status == 200


def test_a_connection_is_used_again(server: Server) -> None:
    with server.client.connection() as connection:
        whole = request(connection, "POST", CHAT, HELLO)
        first_socket = connection.sock
        streamed = request(connection, "POST", CHAT, HELLO_STREAMED)
        refused = request(connection, "POST", CHAT, b"{")
        missing = request(connection, "HEAD", "/nowhere")
        again = request(connection, "POST", MESSAGES, HELLO_STREAMED)

        assert first_socket is not None
        assert connection.sock is first_socket
    assert whole.status == 200
    assert fold(streamed.body) == "Hi."
    assert refused.status == 400
    assert (missing.status, missing.body) == (404, b"")
    assert fold(again.body) == "Hi."
