"""What browsers send: preflights, origins, and WebSockets where there are none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sockets.client import CHAT, MESSAGES, body, fold, request
from tests.sockets.server import GUNICORN, Server, running

pytestmark = pytest.mark.sockets

ORIGIN = {"Origin": "https://page.example"}
ALLOW = "Access-Control-Allow-Origin"
RULES = """\
responses:
  "hello": "Hi."
settings:
  prefixes: [/llm]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    source = tmp_path_factory.mktemp("browser") / "responses.yml"
    source.write_text(RULES)
    with running(GUNICORN, source) as server:
        yield server


def test_a_page_asks_on_one_connection(server: Server) -> None:
    wanted = {**ORIGIN, "Access-Control-Request-Method": "POST"}
    with server.client.connection() as connection:
        preflight = request(connection, "OPTIONS", "/llm/chat/completions", None, wanted)
        first_socket = connection.sock
        stream = request(connection, "POST", CHAT, body("hello", stream=True), ORIGIN)
        refused = request(connection, "POST", MESSAGES, b"{", ORIGIN)
        missing = request(connection, "GET", "/nowhere", None, ORIGIN)

        assert first_socket is not None
        assert connection.sock is first_socket
    assert (preflight.status, preflight.body) == (204, b"")
    assert fold(stream.body) == "Hi."
    assert (refused.status, missing.status) == (400, 404)
    assert {each.headers[ALLOW] for each in (preflight, stream, refused, missing)} == {"*"}
    assert "x-request-id" in stream.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "path",
    [
        "/_mockllm/health",
        "//_mockllm/health",
        "/%5Fmockllm/health",
        "/_mockllm%2Fhealth",
        "/s/x/_mockllm/health",
        "/s/x%2F_mockllm/health",
        "/s/x//_mockllm/health",
        "http://mock/_mockllm/health",
        "/health",
    ],
)
def test_no_page_reads_what_is_ours(server: Server, path: str) -> None:
    with server.client.connection() as connection:
        answer = request(connection, "GET", path, None, ORIGIN)

    assert answer.status == 200
    assert ALLOW not in answer.headers


@pytest.mark.parametrize("path", [CHAT, MESSAGES, "/llm/chat/completions"])
def test_a_websocket_gets_405_and_the_connection_goes_on(server: Server, path: str) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    with server.client.connection() as connection:
        refused = request(connection, "GET", path, None, upgrade)
        first_socket = connection.sock
        after = request(connection, "POST", CHAT, body("hello"))

        assert first_socket is not None
        assert connection.sock is first_socket
    assert refused.status == 405
    assert refused.headers["Allow"] == "POST"
    assert refused.json()["error"]["message"]
    assert after.status == 200
