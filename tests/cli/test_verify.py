"""`mockllm verify`."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from werkzeug.serving import make_server

from mockllm.admin.guard import TOKEN_VARIABLE
from mockllm.cli.main import main
from mockllm.cli.verify_formats import FORMATS, junit, text
from mockllm.core.verdict import KINDS
from tests.conftest import MakeApp

YAML = """\
rules:
  - {name: pay, when: {contains: pay}, reply: "Paid.", expect: {exactly: 1}}
  - {name: log-in, when: {contains: log in}, reply: "Welcome."}
  - {name: broken, when: {contains: fail}, reply: {error: server}}
"""

REQUEST: dict[str, Any] = {
    "id": "0123456789", "session": "a", "method": "POST", "path": "/v1/messages", "status": 200,
    "model": "m", "prompt": "pay\n3", "rule": "pay", "received_at": "now",
}  # fmt: skip
BARE = REQUEST | {"model": None, "prompt": None}
REPORT: dict[str, Any] = {
    "passed": False,
    "has_warnings": True,
    "requests": 3,
    "session": "a\x1b",
    "forgotten": 2,
    "problems": [],
    "expectations": [
        {"rule": "log-in", "source": "r.yml:3", "expected": "exactly 1", "met": True, "count": 1,
         "requests": [REQUEST], "failures": []},
        {"rule": "pay\x00", "source": None, "expected": "exactly 1", "met": False, "count": 3,
         "requests": [REQUEST],
         "failures": [{"why": "expected exactly 1 request, got 3", "request": None},
                      {"why": "contains: wanted 'a', got 'b'", "request": REQUEST}]},
    ],
    "verdicts": [
        {"verdict": "gave_up", "level": "warning", "message": "one attempt", "fix": "retry",
         "manual": "docs/verification.md#gave_up", "count": 1, "requests": [BARE]},
        {"verdict": "storm", "level": "error", "message": "many", "fix": "less",
         "manual": "docs/verification.md#storm", "count": 1, "requests": [REQUEST]},
    ],
    "unmatched": [
        {"level": "warning", "request": REQUEST,
         "near": [{"rule": "pay", "source": "r.yml:1", "why": "contains: no"}]},
    ],
    "unused": [{"rule": f"r{number}", "source": f"r.yml:{number}"} for number in range(22)],
    "warnings": [{"request": REQUEST, "warnings": ["odd"]}],
}  # fmt: skip
SHOWN = "POST /v1/messages 200 m 'pay\\n3' [01234567]"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(YAML)


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    """Return where the application is served."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def ask(app: Flask, prompt: str, session: str = "default") -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": prompt}]}
    headers = {"x-mockllm-session": session}
    app.test_client().post("/v1/chat/completions", json=body, headers=headers, buffered=True)


def verify(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["verify", "--url", url, *arguments])


@pytest.mark.sockets
def test_good_run_exits_with_0(app: Flask, url: str) -> None:
    ask(app, "pay 3")

    result = verify(f"{url}/")

    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].startswith("ok ")
    assert lines[0].endswith("responses.yml:2 'pay': exactly 1; 1 came")
    assert lines[-1] == "passed: 1 request, 0 failures, 0 warnings"


@pytest.mark.sockets
def test_bad_run_exits_with_1(app: Flask, url: str) -> None:
    ask(app, "pay 3")
    ask(app, "pay 4")

    result = verify(url)

    assert result.exit_code == 1
    assert "    expected exactly 1 request, got 2" in result.output.splitlines()


@pytest.mark.sockets
def test_session_is_verified_by_itself(app: Flask, url: str) -> None:
    ask(app, "pay 3", "test 1&2")
    ask(app, "pay 4", "b")

    result = verify(url, "--session", "test 1&2")

    assert result.exit_code == 0
    assert result.output.endswith("passed: 1 request of session test 1&2, 0 failures, 0 warnings\n")


@pytest.mark.sockets
def test_warnings_fail_when_asked_to_and_may_be_ignored(app: Flask, url: str) -> None:
    ask(app, "pay 3")
    ask(app, "fail")

    assert verify(url).exit_code == 0
    assert verify(url, "--warnings-as-errors").exit_code == 1
    assert verify(url, "--warnings-as-errors", "--ignore", "gave_up").exit_code == 0


@pytest.mark.sockets
def test_every_format_is_printed(app: Flask, url: str) -> None:
    ask(app, "pay 3")

    assert json.loads(verify(url, "--format", "json").output)["passed"] is True
    root = ElementTree.fromstring(verify(url, "--format", "junit").output)
    assert root[0].get("failures") == "0"


@pytest.mark.sockets
def test_forgotten_session_exits_with_2(url: str) -> None:
    result = verify(url, "--session", "a")

    assert result.exit_code == 2
    assert "answers 404: there is no request of session a" in result.output


@pytest.fixture
def serve() -> Iterator[Callable[[bytes, str], str]]:
    """Return a function that serves one answer of something else, and says where."""
    servers = []

    def start(body: bytes, status: str) -> str:
        def other(environ: Any, begin: Any) -> list[bytes]:
            said = body or environ["HTTP_AUTHORIZATION"].encode()
            begin(status, [("Content-Length", str(len(said)))])
            return [said]

        server = make_server("127.0.0.1", 0, other)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.sockets
@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"<html>", "200 OK", "/_mockllm/verify is not mockllm's: Expecting value"),
        (b"<html>", "502 Bad", "/_mockllm/verify answers 502: <html>"),
        (b"[]", "502 Bad", "/_mockllm/verify answers 502: []"),
    ],
)
def test_other_servers_are_told(serve: Any, body: bytes, status: str, said: str) -> None:
    result = verify(serve(body, status))

    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.sockets
def test_token_is_sent(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "secret")

    assert "answers 403: Bearer secret" in verify(serve(b"", "403 No")).output


@pytest.mark.sockets
def test_nobody_there_exits_with_2() -> None:
    result = verify("http://127.0.0.1:9")

    assert result.exit_code == 2
    assert "nobody answers at http://127.0.0.1:9" in result.output


def test_wrong_url_exits_with_2() -> None:
    result = verify("localhost")

    assert result.exit_code == 2
    assert "'localhost' is no URL" in result.output


def test_there_are_three_formats() -> None:
    assert list(FORMATS) == ["text", "json", "junit"]


def test_text_has_the_failures_first_each_in_a_line() -> None:
    assert text(REPORT, False).splitlines() == [
        "FAILED 'pay ': exactly 1; 3 came",
        "    expected exactly 1 request, got 3",
        f"    contains: wanted 'a', got 'b' ({SHOWN})",
        f"    {SHOWN}",
        "    and 2 more",
        "FAILED storm: many",
        f"    {SHOWN}",
        "    fix: less (docs/verification.md#storm)",
        "warning gave_up: one attempt",
        "    POST /v1/messages 200 [01234567]",
        "    fix: retry (docs/verification.md#gave_up)",
        f"warning nothing matched {SHOWN}",
        "    nearly r.yml:1 'pay': contains: no",
        f"warning with {SHOWN}",
        "    odd",
        "ok r.yml:3 'log-in': exactly 1; 1 came",
        *(f"unused r.yml:{number} 'r{number}'" for number in range(20)),
        "and 2 more are unused",
        "failed: 3 requests of session a , 2 failures, 3 warnings; 2 more are no longer kept",
    ]


def cases(warnings_as_errors: bool) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(junit(REPORT, warnings_as_errors))
    assert root.tag == "testsuites"
    (suite,) = root
    failures = sum(case.find("failure") is not None for case in suite)
    assert (suite.get("name"), suite.get("errors")) == ("mockllm a�", "0")
    assert (suite.get("tests"), suite.get("failures")) == (str(len(suite)), str(failures))
    return {f"{case.get('classname')}.{case.get('name')}": case for case in suite}


def test_junit_has_a_test_for_each_expectation_and_verdict() -> None:
    assert cases(False).keys() == {
        "mockllm.expectations.log-in",
        "mockllm.expectations.pay�",
        "mockllm.requests.unmatched",
        "mockllm.requests.warnings",
        *(f"mockllm.verdicts.{name}" for name in KINDS),
    }


def test_junit_tells_failures_and_warnings() -> None:
    found = cases(False)

    failure = found["mockllm.verdicts.storm"].find("failure")
    assert failure is not None
    assert failure.get("message") == "storm: many"
    assert failure.text == f"storm: many\n{SHOWN}\nfix: less (docs/verification.md#storm)"
    gave_up = found["mockllm.verdicts.gave_up"]
    assert gave_up.find("failure") is None
    assert (gave_up.findtext("system-out") or "").startswith("gave_up: one attempt")
    assert list(found["mockllm.expectations.log-in"]) == []
    assert list(found["mockllm.verdicts.leaked_key"]) == []


def test_junit_fails_for_warnings_when_asked_to() -> None:
    assert cases(True)["mockllm.verdicts.gave_up"].find("failure") is not None
