"""Whether the client is still there."""

from __future__ import annotations

import socket

import pytest

from mockllm.web.wire_access import departure


@pytest.mark.parametrize("name", ["gunicorn.socket", "werkzeug.socket"])
def test_open_connection_has_not_left(name: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        has_left = departure({name: ours})

        assert not has_left()


def test_connection_with_more_to_read_has_not_left() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(b"GET")
        has_left = departure({"gunicorn.socket": ours})

        assert not has_left()
        assert ours.recv(3) == b"GET"


def test_connection_closed_at_the_other_end_has_left() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.close()

        assert departure({"gunicorn.socket": ours})()


def test_connection_closed_at_this_end_has_left() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    ours.close()

    assert departure({"gunicorn.socket": ours})()


def test_connection_that_was_reset_has_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        theirs = socket.create_connection(server.getsockname())
        ours, _ = server.accept()
        with ours:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            theirs.close()

            assert departure({"gunicorn.socket": ours})()


def test_client_in_this_process_never_leaves() -> None:
    assert not departure({})()
