"""How servers start, and how they refuse to."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from tests.sockets.client import fold
from tests.sockets.conftest import Tls
from tests.sockets.server import (
    FACTORY,
    FLASK,
    GUNICORN,
    START,
    Launch,
    run_to_end,
    running,
)

pytestmark = pytest.mark.sockets

RULES = 'responses:\n  "hello": "Hi."\n'
BROKEN = 'respones:\n  "hello": "Hi."\nsettings:\n  lag_factor: quick\n'

BY_VARIABLE = {
    "gunicorn": Launch(("gunicorn", "wsgi:app"), True, {"PORT": "{port}"}),
    "start": Launch(("mockllm", "start"), environ={"PORT": "{port}"}),
}
BIND_ARGUMENT = {"GUNICORN_CMD_ARGS": "--bind 127.0.0.1:{port}"}
ON_PORT = {
    "gunicorn-arguments": Launch(("gunicorn", "wsgi:app"), True, BIND_ARGUMENT),
    "start-arguments": Launch(("mockllm", "start"), environ=BIND_ARGUMENT),
    "factory": FACTORY,
    "start-option": Launch(("mockllm", "start", "-p", "{port}")),
    "start-host": Launch(("mockllm", "start", "-h", "127.0.0.1", "-p", "{port}")),
}
REFUSING = {
    "gunicorn": GUNICORN,
    "gunicorn-preload": GUNICORN("--preload"),
    "factory": FACTORY,
    "factory-preload": FACTORY("--preload"),
    "start": START,
    "start-preload": START("--preload"),
    "flask": FLASK,
}

refusing_launch = pytest.mark.parametrize("launch", REFUSING.values(), ids=REFUSING)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "responses.yml"
    file.write_text(RULES)
    return file


@refusing_launch
def test_a_broken_file_is_refused(launch: Launch, source: Path) -> None:
    source.write_text(BROKEN)

    ended = run_to_end(launch, source)

    assert ended.exit_code == 2
    assert "responses.yml:1:1: error MOCK003 " in ended.stderr
    assert "responses.yml:4:15: error MOCK005 " in ended.stderr
    assert "Traceback" not in ended.stderr


@refusing_launch
def test_a_missing_named_file_is_refused(launch: Launch, source: Path) -> None:
    source.unlink()

    ended = run_to_end(launch._replace(environ={"MOCKLLM_RESPONSES": str(source)}), source)

    assert ended.exit_code == 2
    assert "responses.yml:1:1: error MOCK008 " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_missing_file_given_as_an_option_is_refused(source: Path) -> None:
    ended = run_to_end(START("--responses", "missing.yml"), source)

    assert ended.exit_code == 2
    assert ended.stderr == "missing.yml:1:1: error MOCK008 there is no such file or folder\n"


@pytest.mark.parametrize("launch", [GUNICORN, START], ids=["gunicorn", "start"])
def test_a_port_in_use_is_refused_in_one_sentence(launch: Launch, source: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = run_to_end(launch, source, port)

    assert ended.exit_code == 2
    assert ended.stderr.startswith(f"Error: port {port} on 127.0.0.1 is in use: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("options", [(), ("--host", "127.0.0.1")], ids=["bare", "host"])
@pytest.mark.parametrize("port", ["quick", "99999"])
def test_a_port_that_is_none_is_refused(source: Path, port: str, options: tuple[str, ...]) -> None:
    launch = Launch(("mockllm", "start"), environ={"PORT": port})

    ended = run_to_end(launch(*options), source)

    assert "Traceback" not in ended.stderr
    assert port in ended.stderr
    assert ended.exit_code == 2


@pytest.mark.parametrize("launch", ON_PORT.values(), ids=ON_PORT)
def test_it_listens_where_it_is_told(launch: Launch, source: Path) -> None:
    with running(launch, source) as server:
        answer = server.client.ask("hello")

    assert answer == "Hi."


@pytest.mark.parametrize("launch", BY_VARIABLE.values(), ids=BY_VARIABLE)
def test_it_listens_on_a_port_of_the_loopback_address_only(launch: Launch, source: Path) -> None:
    with running(launch, source) as server, socket.socket() as stranger:
        # 127.0.0.2 is this machine too, and is answered when the server listens everywhere.
        refused = stranger.connect_ex(("127.0.0.2", server.client.port))

    assert refused == errno.ECONNREFUSED


def test_the_banner_has_what_clients_need(source: Path) -> None:
    with running(START, source) as server:
        url = f"http://127.0.0.1:{server.client.port}"
        lines = server.log.splitlines()

    assert f"  export OPENAI_BASE_URL={url}/v1" in lines
    assert f"  export ANTHROPIC_BASE_URL={url}" in lines
    assert f"  export OLLAMA_HOST={url}" in lines
    assert f"  export GOOGLE_GEMINI_BASE_URL={url}" in lines
    assert "1 answer from responses.yml, taken anew whenever you save" in lines


def test_it_serves_https(source: Path, tls: Tls) -> None:
    with running(START(*tls.options), source, tls.trust) as server:
        whole = server.client.ask("hello")
        with server.client.stream("hello") as response:
            streamed = fold(response.read())
        log = server.log

    assert (whole, streamed) == ("Hi.", "Hi.")
    assert f"  export OPENAI_BASE_URL=https://127.0.0.1:{server.client.port}/v1\n" in log


TWO = "mockllm:create_app(['responses.yml', 'staging.yml'])"
OVERRIDING = {
    "option": START("-r", "responses.yml", "-r", "staging.yml"),
    "variable": START._replace(
        environ={"MOCKLLM_RESPONSES": os.pathsep.join(["responses.yml", "staging.yml"])}
    ),
    "factory": FACTORY._replace(
        words=tuple(TWO if word == "mockllm:create_app()" else word for word in FACTORY.words)
    ),
}


@pytest.mark.parametrize("launch", OVERRIDING.values(), ids=OVERRIDING)
def test_later_responses_override(launch: Launch, source: Path) -> None:
    staging = source.with_name("staging.yml")
    staging.write_text("responses: {pay: Staging takes no money.}\nsettings: {seed: 1}")
    with running(launch, source) as server:
        answers = server.client.ask("hello"), server.client.ask("pay")
        lines = server.log.splitlines()

    assert answers == ("Hi.", "Staging takes no money.")
    assert "2 answers from responses.yml, staging.yml, taken anew whenever you save" in lines


@pytest.mark.parametrize("launch", [OVERRIDING["option"], OVERRIDING["factory"]])
def test_a_broken_second_file_is_refused(launch: Launch, source: Path) -> None:
    source.with_name("staging.yml").write_text(BROKEN)

    ended = run_to_end(launch, source)

    assert ended.exit_code == 2
    assert "staging.yml:1:1: error MOCK003 " in ended.stderr
    assert "Traceback" not in ended.stderr
