"""A plain client of the standard library, and what to read out of its answers."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
TIMEOUT_S = 30
_LOOK_EVERY_S = 0.02


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Sends requests to one server, each on a connection of its own unless one is held open."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self.port = port
        self._tls = tls

    def get(self, path: str) -> Answer:
        with self.connection() as connection:
            return request(connection, "GET", path)

    def post(self, path: str, body: bytes) -> Answer:
        with self.connection() as connection:
            return request(connection, "POST", path, body)

    def ask(self, prompt: str) -> str:
        """Return the whole answer to a prompt."""
        answer = self.post(CHAT, body(prompt))
        assert answer.status == 200, answer.body
        text: str = answer.json()["choices"][0]["message"]["content"]
        return text

    @contextmanager
    def connection(self) -> Iterator[http.client.HTTPConnection]:
        connection = (
            http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
            if self._tls is None
            else http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=TIMEOUT_S, context=self._tls
            )
        )
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def stream(self, prompt: str, path: str = CHAT) -> Iterator[http.client.HTTPResponse]:
        """Begin a stream; leaving the context leaves the server."""
        with self.connection() as connection:
            connection.request("POST", path, body(prompt, stream=True))
            with connection.getresponse() as response:
                yield response

    @contextmanager
    def socket(self) -> Iterator[socket.socket]:
        """Connect, for what is not HTTP as `http.client` speaks it."""
        with socket.create_connection(("127.0.0.1", self.port), TIMEOUT_S) as connection:
            yield connection


def request(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    content: bytes | None = None,
    headers: Mapping[str, str] = {},
) -> Answer:
    """Send a request on an open connection and read the answer to its end."""
    connection.request(method, path, content, headers)
    return read(connection.getresponse())


def read(response: http.client.HTTPResponse) -> Answer:
    return Answer(response.status, response.headers, response.read())


def body(prompt: str, stream: bool = False) -> bytes:
    """Return a request that both dialects take."""
    messages = [{"role": "user", "content": prompt}]
    return json.dumps({"model": "mock", "messages": messages, "stream": stream}).encode()


def fold(stream: bytes) -> str:
    """Return the text of a stream in either dialect, which must be there from begin to end."""
    events = [event for event in stream.decode().split("\n\n") if event]
    data = [event.partition("data: ")[2] for event in events]
    if data[-1] == "[DONE]":
        choices = [json.loads(each)["choices"][0] for each in data[:-1]]
        assert choices[-1]["finish_reason"] == "stop"
        return "".join(choice["delta"].get("content", "") for choice in choices)
    loaded = list(map(json.loads, data))
    assert loaded[0]["type"] == "message_start"
    assert loaded[-1]["type"] == "message_stop"
    deltas = (each["delta"] for each in loaded if each["type"] == "content_block_delta")
    return "".join(delta["text"] for delta in deltas)


def poll(probe: Callable[[], T], holds: Callable[[T], bool], deadline_s: float = 15) -> T:
    """Return the first result of `probe` that holds; fail when none has until the deadline."""
    end_s = time.monotonic() + deadline_s
    while not holds(found := probe()):
        assert time.monotonic() < end_s, f"still {found!r} after {deadline_s} s"
        time.sleep(_LOOK_EVERY_S)
    return found
