"""What is sent, byte for byte what gunicorn sends, and in how many pieces."""

from __future__ import annotations

import io
import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http import wsgi
from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName

from mockllm.serving import http_response
from mockllm.serving.http_response import Response
from mockllm.web.pump import LastPiece

Answer = Callable[[Any], object]
TEXT = ("Content-Type", "text/plain")


class Client:
    """A socket that takes so many bytes at once."""

    def __init__(self, room: int = sys.maxsize) -> None:
        self.room = room
        self.calls: list[bytes] = []

    def send(self, data: bytes) -> int:
        self.calls.append(data[: self.room])
        return len(self.calls[-1])

    def sendall(self, data: bytes) -> None:
        self.calls.append(bytes(data))

    def sendfile(self, file: Any, offset: int, count: int) -> None:
        file.seek(offset)
        self.calls.append(file.read(count))


class Asked:
    """A request, as far as a response looks at it."""

    version = (1, 1)
    uri = "/"

    def __init__(self, method: str = "GET", closes: bool = False) -> None:
        self.method = method
        self._closes = closes

    def should_close(self) -> bool:
        return self._closes


def sent(kind: Any, asked: Asked, answer: Answer, room: int = sys.maxsize) -> list[bytes]:
    """Return the calls that an answer makes. The day is taken out."""
    client = Client(room)
    response = kind(asked, client, Config())
    answer(response)
    response.close()
    return [re.sub(rb"Date: [^\r]*", b"Date: now", call) for call in client.calls]


def answering(
    *pieces: bytes, status: str = "200 OK", headers: Iterable[tuple[str, str]] = (TEXT,)
) -> Answer:
    def answer(response: Any) -> None:
        response.start_response(status, list(headers))
        for piece in pieces:
            response.write(piece)

    return answer


def length(size: int | str) -> tuple[tuple[str, str], ...]:
    return (TEXT, ("Content-Length", str(size)))


def again(response: Any) -> None:
    """Answer otherwise, as an application that fails before it has sent anything."""
    response.start_response("200 OK", [TEXT])
    error = ValueError()
    response.start_response("500 Oh", [("X-A", "b")], (ValueError, error, None))
    response.write(b"oh")


def forced(response: Any) -> None:
    response.force_close()
    answering(b"last")(response)


def of_file(response: Any) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"0123456789")
        file.seek(2)
        answering(headers=length(8))(response)
        response.write_file(wsgi.FileWrapper(file))


def of_file_of_unknown_length(response: Any) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"0123456789")
        file.seek(0)
        answering()(response)
        response.write_file(wsgi.FileWrapper(file))


def of_no_real_file(response: Any) -> None:
    answering()(response)
    response.write_file(wsgi.FileWrapper(io.BytesIO(b"0123456789"), 4))


ANSWERS = {
    "whole": answering(b"hello", headers=length(5)),
    "pieces": answering(b"hel", b"lo", headers=length(5)),
    "stream": answering(b"hel", b"", b"lo"),
    "stream-with-a-last-piece": answering(b"hel", LastPiece(b"lo")),
    "only-a-last-piece": answering(LastPiece(b"hello")),
    "empty-last-piece": answering(b"hello", LastPiece(b"")),
    "last-piece-of-known-length": answering(LastPiece(b"hello"), headers=length(5)),
    "nothing": answering(),
    "empty": answering(headers=length(0)),
    "empty-piece": answering(b""),
    "empty-piece-first": answering(b"", b"hello", headers=length(5)),
    "too-much": answering(b"hel", b"lo, and more", b"!", headers=length(5)),
    "too-little": answering(b"hel", headers=length(5)),
    "no-content": answering(status="204 No Content", headers=length(5)),
    "no-content-and-a-body": answering(b"hello", status="204 No Content"),
    "not-modified": answering(status="304 Not Modified", headers=length(5)),
    "no-reason": answering(b"", status="299"),
    "no-headers": answering(b"a", headers=()),
    "hop-by-hop": answering(b"a", headers=[("Connection", "close"), ("Keep-Alive", "1"), TEXT]),
    "server-and-date": answering(b"a", headers=[("Server", "x"), ("Date", "y"), ("X-A", "z")]),
    "upgrade": answering(
        status="101 Go", headers=[("Connection", "Upgrade"), ("Upgrade", "websocket")]
    ),
    "upgrade-to-something": answering(headers=[("Upgrade", "h2c")]),
    "twice": answering(b"a", headers=[("Set-Cookie", "a"), ("Set-Cookie", "b")]),
    "spaces": answering(b"a", headers=[("X-A", "  a b\t")]),
    "tab": answering(b"a", headers=[("X-A", "a\tb")]),
    "empty-value": answering(b"a", headers=[("X-A", "")]),
    "latin-1": answering(b"a", headers=[("X-A", "\xe4\x80")], status="200 \xe4"),
    "big": answering(b"x" * 100_000, headers=length(100_000)),
    "big-stream": answering(b"x" * 100_000, b"y" * 17),
    "again": again,
    "forced": forced,
    "file": of_file,
    "file-of-unknown-length": of_file_of_unknown_length,
    "no-real-file": of_no_real_file,
}


@pytest.mark.parametrize("room", [sys.maxsize, 10, 0])
@pytest.mark.parametrize("closes", [False, True], ids=["keep-alive", "close"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_it_sends_what_gunicorn_sends(
    answer: Answer, method: str, closes: bool, room: int, caplog: pytest.LogCaptureFixture
) -> None:
    asked = Asked(method, closes)

    for _ in range(2):  # a name is looked at once
        ours = sent(Response, asked, answer, room)

    assert b"".join(ours) == b"".join(sent(wsgi.Response, asked, answer))


@pytest.mark.parametrize(
    ("answer", "calls"),
    [
        ("whole", [b"hello"]),
        ("stream", [b"3\r\nhel\r\n", b"2\r\nlo\r\n", b"0\r\n\r\n"]),
        ("stream-with-a-last-piece", [b"3\r\nhel\r\n", b"2\r\nlo\r\n0\r\n\r\n"]),
        ("only-a-last-piece", [b"5\r\nhello\r\n0\r\n\r\n"]),
        ("nothing", [b"0\r\n\r\n"]),
        ("empty", [b""]),
        ("pieces", [b"hel", b"lo"]),
        ("empty-piece-first", [b"", b"hello"]),
    ],
)
def test_the_head_is_sent_with_what_comes_first(answer: str, calls: list[bytes]) -> None:
    found = sent(Response, Asked(), ANSWERS[answer])

    found[0] = found[0].partition(b"\r\n\r\n")[2]
    assert found == calls


def test_nothing_is_sent_before_the_first_piece() -> None:
    client = Client()
    response = Response(Asked(), client, Config())

    response.start_response("200 OK", [TEXT])

    assert client.calls == []
    assert not response.headers_sent


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ([("X A", "b")], InvalidResponseHeaderName),
        ([("X-A", "b\r\nX-B: c")], InvalidResponseHeader),
        ([("X-A", "b\0")], InvalidResponseHeader),
        ([("X-A", "\u20ac")], InvalidResponseHeader),
        ([("X-A", b"b")], TypeError),
        ([(b"X-A", "b")], TypeError),
        ([("X-A", None)], TypeError),
        ([("Content-Length", "many")], ValueError),
        ([("X-A",)], ValueError),
    ],
)
def test_what_gunicorn_does_not_send_is_not_sent(headers: Any, error: type[Exception]) -> None:
    for kind in (Response, wsgi.Response):
        answering(headers=[("X-A", "known")])(kind(Asked(), Client(), Config()))
        with pytest.raises(error):
            answering(headers=headers)(kind(Asked(), Client(), Config()))


def test_an_application_answers_once() -> None:
    response = Response(Asked(), Client(), Config())
    response.start_response("200 OK", [])

    with pytest.raises(AssertionError):
        response.start_response("200 OK", [])


def test_an_error_after_the_head_is_the_applications() -> None:
    response = Response(Asked(), Client(), Config())
    answering(b"hello")(response)
    error = ValueError("oh")

    with pytest.raises(ValueError, match="oh"):
        response.start_response("500 Oh", [], (ValueError, error, None))


def test_a_piece_of_text_is_an_error_after_the_head() -> None:
    client = Client()
    response = Response(Asked(), client, Config())
    response.start_response("200 OK", [])

    with pytest.raises(TypeError):
        response.write("text")  # type: ignore[arg-type]  # as an application may

    assert client.calls[0].startswith(b"HTTP/1.1 200 OK\r\n")


def test_names_are_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_response, "_PLAIN", names := set[str]())

    for number in range(2_000):
        answering(headers=[(f"X-{number}", "a")])(Response(Asked(), Client(), Config()))

    assert len(names) == 1_000
