"""The second door: nobody can tell it from Flask's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from mockllm import app as composition
from mockllm.app import create_app
from mockllm.web.direct import direct_views
from tests.clock import FakeClock
from tests.conftest import runtime_of
from tests.contract.cases import Case
from tests.contract.every_case import CASES

YAML = """\
settings: {seed: 7, models: [{name: gpt-4o}, {name: claude-sonnet-4-5}]}
rules:
  - {name: tools, when: {contains: weather}, reply: {tool_calls: [{name: get}]}}
  - {name: broken, when: {contains: fail}, reply: {error: rate_limit, headers: {X-Own: "1"}}}
  - {name: torn, when: {contains: torn}, reply: {text: One two three., fault: truncate}}
  - {name: reset, when: {contains: reset}, reply: {text: One two three., fault: reset}}
responses: {hello: Hi there., empty: ""}
"""
PROMPTS = ("hello", "empty", "weather", "fail", "torn", "reset", "helo", "\U0001f600", "\ud800")
BODIES = (b"", b"{", b"[]", b"null", b'{"model": 3}', b"\xff", b"x" * 2_000)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"X-Mockllm-Strict": "true"},
    {"X-Mockllm-Session": "s"},
    {"X-Mockllm-Fault": "overloaded"},
    {"X-Mockllm-Fault": "nothing"},
    {"Origin": "https://example.com"},
    {"Content-Type": "text/plain", "Authorization": "Bearer \xff"},
)
URLS = ("{}", "{}?a=b&key=k", "/s/one{}", "/f/malformed_json{}", "{}/", "/{}", "{}%20")
METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "post")


@pytest.fixture
def doors(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Flask, Flask]]:
    """An application with the second door, and one without it."""
    file = tmp_path / "responses.yml"
    file.write_text(YAML)
    with_it = create_app(file, clock)
    monkeypatch.setattr(composition, "direct", lambda _, through_flask: through_flask)
    without = create_app(file, clock)
    yield with_it, without
    for app in (with_it, without):
        runtime_of(app).stop()


def asked(app: Flask, method: str, url: str, body: bytes, headers: dict[str, str]) -> Any:
    """Return all that a client gets: status, headers in their order, and the pieces of the body."""
    sent = {"Content-Type": "application/json", **headers}
    pieces: list[bytes] = []
    response = app.test_client().open(url, method=method, data=body, headers=sent)
    try:
        pieces.extend(response.iter_encoded())
    except ConnectionResetError as error:
        pieces.append(str(error).encode())
    response.close()
    return response.status, list(response.headers), pieces


def corpus(case: Case) -> Iterator[tuple[str, str, bytes, dict[str, str]]]:
    for prompt in PROMPTS:
        for streams in (False, True):
            body = {**case.body(prompt), **({"stream": True} if streams else {})}
            content = json.dumps(case.sent(body)).encode()
            for headers in HEADERS:
                yield "POST", case.url(body), content, headers
    content = json.dumps(case.body("hello")).encode()
    for each in BODIES:
        yield "POST", case.path, each, {}
    for url in URLS:
        yield "POST", url.format(case.path), content, {}
    for method in METHODS:
        yield method, case.path, content, {}
    for length in ("", "0", "5", "100000000000", "99999999999999999", "+5", "\xb2", "x"):
        yield "POST", case.path, content, {"Content-Length": length}


@pytest.mark.parametrize("name", CASES)
def test_both_doors_say_the_same(name: str, doors: tuple[Flask, Flask]) -> None:
    with_it, without = doors
    for request in corpus(CASES[name]):
        assert asked(with_it, *request) == asked(without, *request), request
    ours, theirs = (runtime_of(app).journal.find() for app in doors)
    assert len(ours) == len(theirs) > 100
    told = [
        [(each.status, each.outcome, each.sent_bytes) for each in all] for all in (ours, theirs)
    ]
    assert told[0] == told[1]


def test_operations_at_fixed_urls_are_answered_directly(app: Flask) -> None:
    views = direct_views(app)

    paths = {case.path.partition("?")[0] for case in CASES.values()}
    assert paths & views.keys() == {
        path for path in paths if "/deployments/" not in path and ":" not in path
    }
    assert views["/v1/chat/completions"].operation.NAME == "chat"


def test_no_hook_of_flask_is_passed_over(app: Flask) -> None:
    hooks = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)

    assert [list(each) for each in hooks] == [["admin"], [], []]
