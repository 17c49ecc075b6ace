"""A real server inside a test's process."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpcore2
import httpx
import httpx2
import ollama
import openai
import pytest
from werkzeug.routing import BuildError

from mockllm.testing import ConfigError, InvalidRule, MockServer
from tests.testing.conftest import anthropic_of, ask, openai_of


def test_it_is_ready_when_it_is_made() -> None:
    with MockServer() as server:
        answer = httpx.get(f"{server.url}/health")

    assert answer.status_code == 200
    assert answer.http_version == "HTTP/1.1"


def test_it_answers_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "said.yml"
    file.write_text("responses: {hello: Hi.}")

    with MockServer(file) as server:
        assert ask(server, "hello") == "Hi."


def test_a_later_file_overrides(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yml").write_text(f"responses: {{hello: {name}}}")

    with MockServer([tmp_path / "one.yml", tmp_path / "two.yml"]) as server:
        assert ask(server, "hello") == "two"


def test_it_answers_from_a_mapping_in_every_session() -> None:
    with MockServer({"hello": "Hi.", "how?": {"text": "So.", "finish": "length"}}) as server:
        assert ask(server, "hello") == "Hi."
        assert ask(server.session("a"), "how?") == "So."


def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bad.yml"
    file.write_text("response: {}")

    with pytest.raises(ConfigError, match=r"did you mean 'responses'"):
        MockServer(file)


def test_a_mapping_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(InvalidRule, match=r"responses=.*: unknown key 'txt'"):
        MockServer({"hello": {"txt": "Hi."}})


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        MockServer(tmp_path / "none.yml")


def test_nothing_else_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "responses.yml").write_text("responses: {hello: Hi.}")
    monkeypatch.chdir(tmp_path)

    with MockServer() as server, pytest.raises(openai.NotFoundError):
        ask(server, "hello")


def test_strict_says_why_nothing_answers(server: MockServer) -> None:
    server.on(contains="weather").reply("Sunny.")

    with pytest.raises(openai.NotFoundError, match=r"test_server.py:\d+ .*on\(contains='weather'"):
        ask(server, "the wether?")


def test_without_strict_there_is_the_unknown_response() -> None:
    with MockServer(strict=False) as server:
        assert ask(server, "anything") == "I don't know the answer to that."
        server.verify()


def test_strict_is_what_it_is_made_with_whatever_the_file_says(tmp_path: Path) -> None:
    file = tmp_path / "said.yml"
    file.write_text("settings: {strict: true}")

    with MockServer(file, strict=False) as server:
        assert ask(server, "anything")


def test_sessions_see_nothing_of_each_other(server: MockServer) -> None:
    one, two = server.session("one"), server.session("two ü")
    one.reply("1")
    two.reply("2")

    assert (ask(one, "?"), ask(two, "?")) == ("1", "2")
    assert [request.reply for request in one.requests] == ["1"]
    assert [request.reply for request in two.requests] == ["2"]
    assert server.requests == []


def test_a_session_may_be_named_in_a_header(server: MockServer) -> None:
    session = server.session("one")
    session.reply("1")

    answer = ask(server, "?", extra_headers={"X-Mockllm-Session": "one"})

    assert answer == "1"
    assert session.last.prompt == "?"


@pytest.mark.parametrize("name", ["", "x" * 201, "a/b"])
def test_a_name_that_no_session_can_have(server: MockServer, name: str) -> None:
    with pytest.raises(ValueError, match="1 to 200"):
        server.session(name)


def test_a_session_forgets(server: MockServer) -> None:
    session = server.session("one")
    session.reply("1", "2").times(9)
    ask(session, "?")

    session.forget()

    assert session.requests == []
    session.verify()
    with pytest.raises(openai.NotFoundError):
        ask(session, "?")


@pytest.mark.parametrize(
    ("provider", "path"),
    [("openai", "/v1"), ("anthropic", ""), ("gemini", ""), ("groq", "/openai/v1")],
)
def test_base_urls(server: MockServer, provider: str, path: str) -> None:
    assert server.base_url(provider) == f"{server.url}{path}"
    assert server.session("a b").base_url(provider) == f"{server.url}/s/a%20b{path}"


def test_a_provider_that_there_is_not(server: MockServer) -> None:
    with pytest.raises(ValueError, match="no provider 'opnai'; there are openai, anthropic"):
        server.base_url("opnai")


def test_the_key_is_one_that_the_file_takes(tmp_path: Path) -> None:
    file = tmp_path / "said.yml"
    file.write_text("settings: {api_keys: [mine]}")

    with MockServer(file) as server:
        assert server.environment["OPENAI_API_KEY"] == "mine"


def test_closing_twice_is_no_error() -> None:
    server = MockServer()
    server.close()
    server.close()

    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)


def test_closing_ends_connections_that_are_kept() -> None:
    server = MockServer()
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0)) as kept:
        kept.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert kept.recv(4096).startswith(b"HTTP/1.1 200")
        server.close()
        kept.settimeout(10)
        with suppress(ConnectionResetError):
            while kept.recv(4096):
                pass


def test_many_at_once_are_all_there_when_they_are_answered(server: MockServer) -> None:
    server.reply("Hi.")
    threads = [threading.Thread(target=ask, args=(server, str(n))) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {request.prompt for request in server.requests} == {str(n) for n in range(20)}


def test_a_stream_is_there_when_it_has_ended(server: MockServer) -> None:
    server.reply("one two three")
    for number in range(1, 20):
        with anthropic_of(server).messages.stream(
            model="m", max_tokens=9, messages=[{"role": "user", "content": "?"}]
        ) as stream:
            assert "".join(stream.text_stream) == "one two three"

        assert len(server.requests) == number
    assert server.last.stream


def test_a_stream_that_waits_holds_up_nobody_who_looks(server: MockServer) -> None:
    server.reply(
        {"text": "one two three", "timing": {"first_token": "0s", "rate": "0.01 tokens/s"}}
    )
    with openai_of(server) as client:
        stream = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "?"}], stream=True
        )
        next(iter(stream))

        assert server.requests == []
        stream.close()


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_the_transport_needs_no_socket(
    server: MockServer, library: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reply("Hi.")
    monkeypatch.setattr(socket, "create_connection", None)
    body = {"model": "m", "messages": [{"role": "user", "content": "?"}]}

    with library.Client(transport=server.transport()) as client:  # type: ignore[attr-defined]
        answer = client.post(f"{server.base_url('openai')}/chat/completions", json=body)

    assert answer.json()["choices"][0]["message"]["content"] == "Hi."
    assert server.last.prompt == "?"


def test_the_transport_for_an_sdk_of_either_library(server: MockServer) -> None:
    session = server.session("one")
    session.reply("Hi.")
    of_openai = openai.OpenAI(
        base_url=session.base_url("openai"),
        api_key="x",
        http_client=httpx2.Client(transport=session.transport()),
    )
    of_ollama = ollama.Client(session.base_url("ollama"), transport=session.transport())

    with of_openai:
        said = of_openai.responses.create(model="m", input="?", stream=True)
        assert [event.delta for event in said if event.type == "response.output_text.delta"]
    assert of_ollama.generate("m", "?").response == "Hi."
    assert [each.provider for each in session.requests] == ["openai", "ollama"]


def test_urls_are_still_built(server: MockServer) -> None:
    from flask import Flask, url_for

    app = server._serving.application
    assert isinstance(app, Flask)
    with app.test_request_context():
        assert url_for("admin.get_request", name="a b") == "/_mockllm/requests/a%20b"
        with pytest.raises(BuildError):
            url_for("admin.get_request")


def test_a_connection_that_a_fault_breaks(
    server: MockServer, capfd: pytest.CaptureFixture[str]
) -> None:
    server.reply({"text": "Hi.", "fault": "reset"}, "Hi.")

    with pytest.raises((openai.APIConnectionError, httpcore2.ReadError)):
        ask(server, "?")

    assert "Traceback" not in capfd.readouterr().err
    assert ask(server, "?") == "Hi."
    assert [request.outcome for request in server.requests] == ["faulted", "completed"]
    server.verify()
