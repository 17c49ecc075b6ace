"""What is taken for an ordinary request, and whether gunicorn takes it for the same."""

from __future__ import annotations

import io
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http import wsgi
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.http.message import Request as GunicornRequest
from gunicorn.http.unreader import IterUnreader
from hypothesis import example, given
from hypothesis import strategies as st

from mockllm.core.remembered import Remembered
from mockllm.serving import http_request
from mockllm.serving.http_body import LateBody
from mockllm.serving.http_connection import Connection, https_when, limits_of, worker_environ
from mockllm.serving.http_request import MAX_BODY_BYTES, Request, parse
from tests.serving.corpus import BAD, CUT, ODD, ORDINARY, PIPELINED, get, post

PROXY, STRANGER = ("127.0.0.1", 1), ("192.0.2.1", 1)
SERVER = ("127.0.0.1", 8000)
OWN = ("wsgi.input", "wsgi.errors", "wsgi.early_hints", "wsgi.multithread", "gunicorn.socket")


class Client:
    """A socket that gives what it has in pieces; an error among them is raised."""

    def __init__(self, *pieces: bytes | OSError) -> None:
        self.pieces = list(pieces)

    def recv(self, size: int) -> bytes:
        if not self.pieces:
            return b""
        piece = self.pieces.pop(0)
        if isinstance(piece, OSError):
            raise piece
        assert len(piece) <= size
        return piece


def opened(client: Any = None, peer: Any = PROXY, **settings: Any) -> Connection:
    cfg = Config()
    for name, value in settings.items():
        cfg.set(name, value)
    environ = worker_environ(cfg) | {
        "gunicorn.socket": client,
        "REMOTE_ADDR": peer[0],
        "REMOTE_PORT": str(peer[1]),
        "SERVER_NAME": SERVER[0],
        "SERVER_PORT": str(SERVER[1]),
    }
    return Connection(client, environ, https_when(cfg, peer), limits_of(cfg))


def as_gunicorn(sent: bytes, peer: Any = PROXY) -> tuple[Any, dict[str, Any]]:
    """Return gunicorn's request and environment.

    Raises:
        ParseException: it refuses it.
        NoMoreData: it waits for more.
        StopIteration: there is nothing.
    """
    cfg = Config()
    request = GunicornRequest(cfg, IterUnreader([sent]), peer)
    _, environ = wsgi.create(request, None, peer, SERVER, cfg)
    return request, environ


def check(sent: bytes, request: Request, peer: Any = PROXY) -> None:
    """See that gunicorn takes a request for the same, which is over where ours is."""
    theirs, environ = as_gunicorn(sent, peer)
    ours = {name: value for name, value in request.environ.items() if name not in OWN}
    assert ours == {name: value for name, value in environ.items() if name not in OWN}
    assert request.environ["wsgi.multithread"]  # as its workers set it
    assert (request.method, request.uri, request.path, request.query, request.version) == (
        theirs.method,
        theirs.uri,
        theirs.path,
        theirs.query,
        theirs.version,
    )
    assert request.should_close() == theirs.should_close()
    assert request.body.read() == theirs.body.read()
    assert theirs.unreader.take_buffered() == b""


@pytest.mark.parametrize("peer", [PROXY, STRANGER], ids=["proxy", "stranger"])
@pytest.mark.parametrize("sent", ORDINARY.values(), ids=ORDINARY)
def test_an_ordinary_request_is_what_gunicorn_takes_it_for(sent: bytes, peer: Any) -> None:
    request = parse(sent, opened(peer=peer))

    assert request is not None
    check(sent, request, peer)


@pytest.mark.parametrize("sent", [*ODD.values(), *PIPELINED.values()], ids=[*ODD, *PIPELINED])
def test_what_is_odd_is_left_to_gunicorn(sent: bytes) -> None:
    assert parse(sent, opened()) is None


@pytest.mark.parametrize("sent", BAD.values(), ids=BAD)
def test_what_is_bad_is_left_to_gunicorn(sent: bytes) -> None:
    assert parse(sent, opened()) is None


@pytest.mark.parametrize("sent", BAD.values(), ids=BAD)
def test_what_is_bad_is_refused_by_gunicorn(sent: bytes) -> None:
    def read() -> None:
        request, _ = as_gunicorn(sent)
        request.body.read()

    with pytest.raises((ParseException, NoMoreData)):
        read()


@pytest.mark.parametrize("sent", ORDINARY.values(), ids=ORDINARY)
def test_a_head_that_did_not_come_whole_is_left_to_gunicorn(sent: bytes) -> None:
    head = sent[: sent.index(b"\r\n\r\n") + 4]

    connection = opened()
    assert not any(parse(head[:end], connection) for end in range(len(head)))


PIECES = st.sampled_from(
    [
        *(
            b"\r",
            b"\n",
            b"\r\n",
            b"\r\n\r\n",
            b" ",
            b"\t",
            b":",
            b"_",
            b"\0",
            b"\x7f",
            b"\xff",
            b";",
        ),
        *(b"Content-Length", b"Transfer-Encoding", b"Host", b"Connection", b"X-A", b"Expect"),
        *(b"chunked", b"close", b"keep-alive", b"0", b"5", b"+", b"-", b"GET", b"POST", b"/", b"?"),
        *(b"HTTP/1.1", b"HTTP/1.0", b"#", b"%41", b"//", b"X-Forwarded-Proto: https\r\n", b","),
    ]
)
EDITS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 3), PIECES | st.binary(max_size=2)))
ALL = (*ORDINARY.values(), *ODD.values(), *BAD.values(), *PIPELINED.values())


@given(st.sampled_from([sent for sent in ALL if len(sent) < 300]), EDITS)
@example(ORDINARY["get"], [(4, 0, b"/")])
def test_nothing_is_taken_that_gunicorn_takes_for_something_else(
    sent: bytes, edits: list[tuple[int, int, bytes]]
) -> None:
    for start, removed, piece in edits:
        sent = sent[:start] + piece + sent[start + removed :]

    request = parse(sent, opened(Client()))

    if request is not None:
        check(sent, request)


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ({"limit_request_line": 20}, get(target="/0123456789")),
        ({"limit_request_fields": 2}, get("X-A: 1", "X-B: 2")),
        ({"limit_request_field_size": 50}, get("X-A: ".ljust(60, "x"))),
        ({"limit_request_line": 0}, get(target="/".ljust(4_100, "x"))),
        ({"limit_request_fields": 0}, get(*["X-A: 1"] * 100)),
        ({"limit_request_field_size": 0}, get(*["X-A: ".ljust(4_000, "x")] * 3)),
    ],
)
def test_what_comes_near_a_limit_is_left_to_gunicorn(settings: dict[str, int], sent: bytes) -> None:
    assert parse(sent, opened(**settings)) is None


def test_a_large_body_is_left_to_gunicorn() -> None:
    largest = parse(post(f"Content-Length: {MAX_BODY_BYTES}"), opened())
    larger = parse(post(f"Content-Length: {MAX_BODY_BYTES + 1}"), opened())
    largest_of_all = parse(post(f"Content-Length: {'9' * 5_000}"), opened())

    assert largest is not None
    assert larger is largest_of_all is None


def late(*pieces: bytes | OSError, length: int = 10) -> tuple[LateBody, Client]:
    client = Client(*pieces)
    request = parse(post(f"Content-Length: {length}", body="ab\n"), opened(client))
    assert request is not None
    assert isinstance(request.body, LateBody)
    return request.body, client


def test_a_late_body_is_not_read_before_it_is_asked_for() -> None:
    body, client = late(b"cd\n", b"efgh")

    assert len(client.pieces) == 2
    assert not body.is_read
    assert body.read() == b"ab\ncd\nefgh"
    assert body.is_read


def test_a_late_body_is_a_wsgi_input() -> None:
    body = late(b"cd\n", b"efgh")[0]
    assert (body.read(1), body.readline(), body.read(2)) == (b"a", b"b\n", b"cd")
    assert (body.readlines(), body.read()) == ([b"\n", b"efgh"], b"")
    assert list(late(b"cd\n", b"efgh")[0]) == [b"ab\n", b"cd\n", b"efgh"]


def test_nothing_behind_a_late_body_is_read() -> None:
    body, client = late(b"cd\nefgh", b"GET / HTTP/1.1")

    body.read()

    assert client.pieces == [b"GET / HTTP/1.1"]


def test_a_late_body_ends_when_the_client_leaves() -> None:
    body = late(b"cd")[0]

    assert (body.read(), body.read()) == (b"ab\ncd", b"")


def test_a_late_body_of_a_lost_connection_is_an_error() -> None:
    body = late(ConnectionResetError())[0]

    with pytest.raises(ConnectionResetError):
        body.read()

    assert not body.is_read


def test_a_late_body_that_was_interrupted_goes_on_where_it_was() -> None:
    body, client = late(b"cd\n", TimeoutError(), b"efgh", b"GET / HTTP/1.1")
    with pytest.raises(TimeoutError):
        body.read()

    assert body.read() == b"ab\ncd\nefgh"
    assert client.pieces == [b"GET / HTTP/1.1"]


def test_names_are_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_request, "_KEYS", keys := Remembered(http_request._key))

    for number in range(2_000):
        parse(get(f"X-{number}-{'x' * 200}: 1", f"X-{number}: 1"), opened())

    assert len(keys) == 1_000
    assert max(map(len, keys)) < 10


def test_a_body_that_came_whole_needs_no_reading() -> None:
    request = parse(ORDINARY["body"], opened())

    assert request is not None
    assert isinstance(request.body, io.BytesIO)


@pytest.mark.parametrize("sent", CUT.values(), ids=CUT)
def test_what_is_cut_is_no_other_request(sent: bytes) -> None:
    request = parse(sent, opened(Client()))

    if request is not None:
        assert request.body.read() == sent.partition(b"\r\n\r\n")[2]
