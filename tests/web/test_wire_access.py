"""What is done with the client's connection itself."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from mockllm.web.wire_access import connection_of


@pytest.mark.parametrize("name", ["gunicorn.socket", "werkzeug.socket"])
def test_open_connection_has_not_left(name: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not connection_of({name: ours}).has_left()


def test_connection_with_more_to_read_has_not_left() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(b"GET")
        assert not connection_of({"gunicorn.socket": ours}).has_left()
        assert ours.recv(3) == b"GET"


def test_connection_closed_at_the_other_end_has_left() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.close()

        assert connection_of({"gunicorn.socket": ours}).has_left()


def test_connection_closed_at_this_end_has_left() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    ours.close()

    assert connection_of({"gunicorn.socket": ours}).has_left()


def test_connection_that_was_reset_has_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        theirs = socket.create_connection(server.getsockname())
        ours, _ = server.accept()
        with ours:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            theirs.close()

            assert connection_of({"gunicorn.socket": ours}).has_left()


def test_client_in_this_process_never_leaves() -> None:
    assert not connection_of({}).has_left()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A connection: our end and the client's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        theirs = socket.create_connection(server.getsockname())
        ours, _ = server.accept()
        with ours, theirs:
            yield ours, theirs


Pair = tuple[socket.socket, socket.socket]


def test_reset_reaches_the_client_as_one_and_leaves_a_socket_to_close(pair: Pair) -> None:
    ours, theirs = pair
    wire = connection_of({"gunicorn.socket": ours})

    with pytest.raises(ConnectionResetError):
        wire.reset()

    with pytest.raises(ConnectionResetError):
        theirs.recv(1)
    ours.close()


def test_what_was_sent_before_a_reset_arrives(pair: Pair) -> None:
    ours, theirs = pair
    wire = connection_of({"gunicorn.socket": ours})
    wire.send(b"before")
    while not wire.flush():
        pass

    with pytest.raises(ConnectionResetError):
        wire.reset()

    assert theirs.recv(10) == b"before"
    with pytest.raises(ConnectionResetError):
        theirs.recv(1)


def test_hanging_up_ends_the_connection_at_once(pair: Pair) -> None:
    ours, theirs = pair

    with pytest.raises(ConnectionResetError):
        connection_of({"gunicorn.socket": ours}).hang_up()

    assert theirs.recv(1) == b""


@pytest.mark.parametrize("how", ["reset", "hang_up"])
def test_connection_that_is_closed_already_can_be_ended(pair: Pair, how: str) -> None:
    ours, _ = pair
    wire = connection_of({"gunicorn.socket": ours})
    ours.close()

    assert wire.flush()
    with pytest.raises(ConnectionResetError):
        getattr(wire, how)()


def test_client_in_this_process_sees_an_error(pair: Pair) -> None:
    connection = connection_of({})

    assert connection.flush()
    for end in (connection.reset, connection.hang_up):
        with pytest.raises(ConnectionResetError):
            end()
