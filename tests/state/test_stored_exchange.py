"""What is written down of an exchange is all that somebody may ask of it."""

from __future__ import annotations

import json

import pytest

from mockllm.admin.requests import request_object
from mockllm.admin.verify import report_object
from mockllm.core.verify import report
from mockllm.log import request_line
from mockllm.state.stored_exchange import decode, encode
from tests.conftest import MakeApp, runtime_of
from tests.contract.every_case import CASES

YAML = """\
settings:
  limits: [{per: session, requests: 1000/m}]
rules:
  - name: found
    when: {contains: weather}
    reply: {tool_calls: [{name: get, arguments: {a: 1}}]}
    expect: {exactly: 7, each: {path: /nowhere}}
  - {name: broken, when: {contains: fail}, reply: {error: rate_limit, headers: {Retry-After: "2"}}}
  - {name: torn, when: {contains: torn}, reply: {text: One two., fault: truncate, timing: fast}}
responses: {hello: Hi there.}
"""
PROMPTS = (
    "hello",
    "weather",
    "fail",
    "torn",
    "helo",
    "sk-ant-abcdefghijklmnopqrstuvwxyz",
    "\ud800",
)
"""The last one is no text."""


@pytest.mark.parametrize("name", CASES)
def test_nothing_that_is_shown_is_lost(name: str, make_app: MakeApp) -> None:
    app, case = make_app(YAML), CASES[name]
    client, headers = app.test_client(), {"Content-Type": "application/json", "X-Api-Key": "sk-1"}
    for strict in ("true", "false"):
        sent = {**headers, "X-Mockllm-Strict": strict}
        for prompt in PROMPTS:
            for streams in (False, True):
                body = {**case.body(prompt), **({"stream": True} if streams else {})}
                content = json.dumps(case.sent(body))
                client.post(case.url(body), data=content, headers=sent, buffered=True)
        client.post(case.path, data="{", headers=sent)
        client.get("/nowhere?key=sk-1&a=b", headers=sent)
    runtime = runtime_of(app)
    exchanges = runtime.journal.find()
    assert len(exchanges) == 32

    read = [decode(encode(each)) for each in exchanges]

    assert list(map(request_object, read)) == list(map(request_object, exchanges))
    assert list(map(request_line, read)) == list(map(request_line, exchanges))
    served = runtime.live.current.ruleset
    assert report_object(report(read, served)) == report_object(report(exchanges, served))


def test_integers_of_any_size_are_kept(make_app: MakeApp) -> None:
    app = make_app(YAML)
    tool = {"name": "f", "parameters": {"maximum": 10**30, "minimum": -(10**40)}}
    body = {
        "model": "gpt-4o",
        "max_tokens": 10**20,
        "messages": [{"role": "user", "content": "hello"}],
        "tools": [{"type": "function", "function": tool}],
    }
    app.test_client().post("/v1/chat/completions", json=body)
    (exchange,) = runtime_of(app).journal.find()

    read = decode(encode(exchange))

    assert read.request is not None
    assert exchange.request is not None
    assert read.request.tools == exchange.request.tools
    assert request_object(read) == request_object(exchange)
