"""A WSGI application that says what it was asked, and answers in all the ways there are."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Environ = dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]
TEXT = [("Content-Type", "text/plain")]
LARGE = b"0123456789abcdef" * 500_000
_OF_THE_CONNECTION = ("REMOTE_PORT", "SERVER_PORT")


def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    answer = ANSWERS.get(environ["PATH_INFO"], echo)
    return answer(environ, start_response)


def echo(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Say what the environment holds and how the body reads; of objects their kind is said."""
    body = environ["wsgi.input"].read()
    found = {
        name: value if isinstance(value, str | bool | tuple) else str(callable(value))
        for name, value in environ.items()
        if name not in _OF_THE_CONNECTION
    }
    content = json.dumps([found, body.decode("latin-1")], sort_keys=True).encode()
    start_response("200 OK", [*TEXT, ("Content-Length", str(len(content)))])
    return [content]


def unread(_: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [*TEXT, ("Content-Length", "6")])
    return [b"unread"]


def kind_of_input(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", TEXT)
    return [type(environ["wsgi.input"]).__name__.encode()]


def lines(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", TEXT)
    source = environ["wsgi.input"]
    return [source.read(1), b"|", source.readline(), b"|", *source]


def stream(_: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", TEXT)
    yield b"one"
    yield b""
    yield b"two"


def written(_: Environ, start_response: StartResponse) -> Iterable[bytes]:
    write = start_response("200 OK", TEXT)
    write(b"one")
    write(b"two")
    return [b"three"]


def file(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", TEXT)
    wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](io.BytesIO(b"a file"))
    return wrapped


def large(_: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [*TEXT, ("Content-Length", str(len(LARGE)))])
    return [LARGE]


def large_stream(_: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", TEXT)
    return [LARGE[:1_000_000]] * 8


def hints(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    environ["wsgi.early_hints"]([("Link", "</a.css>; rel=preload")])
    return unread(environ, start_response)


def raises(_environ: Environ, _start_response: StartResponse) -> Iterable[bytes]:
    raise ValueError("as it was asked to")


def raises_after_start(_: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", TEXT)
    yield from ()
    raise ValueError("as it was asked to")


def raises_late(_: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", TEXT)
    yield b"one"
    raise ValueError("as it was asked to")


def never_starts(_environ: Environ, _start_response: StartResponse) -> Iterable[bytes]:
    return [b"one"]


def bad_header(_: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("X-A", "a\r\nX-B: b")])
    return [b"one"]


def no_content(_: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("204 No Content", [])
    return []


def not_modified(_: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("304 Not Modified", [("Content-Length", "5")])
    return []


def error_log(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    environ["wsgi.errors"].write("said to the error log\n")
    return unread(environ, start_response)


class Closing:
    """An answer that says in the error log that it was closed."""

    def __init__(self, environ: Environ, start_response: StartResponse) -> None:
        start_response("200 OK", TEXT)
        self._errors = environ["wsgi.errors"]

    def __iter__(self) -> Iterator[bytes]:
        yield b"one"
        raise ValueError("as it was asked to")

    def close(self) -> None:
        self._errors.write("the answer was closed\n")


ANSWERS = {
    "/unread": unread,
    "/kind-of-input": kind_of_input,
    "/lines": lines,
    "/stream": stream,
    "/written": written,
    "/file": file,
    "/large": large,
    "/large-stream": large_stream,
    "/hints": hints,
    "/raises": raises,
    "/raises-after-start": raises_after_start,
    "/raises-late": raises_late,
    "/never-starts": never_starts,
    "/bad-header": bad_header,
    "/no-content": no_content,
    "/not-modified": not_modified,
    "/error-log": error_log,
    "/closing": Closing,
}
