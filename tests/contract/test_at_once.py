"""A stream says the same whether its pieces leave together or one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from mockllm.app import create_app
from tests.clock import FakeClock
from tests.conftest import runtime_of
from tests.contract.cases import SpokenCase
from tests.contract.every_case import SPOKEN

RULES = """\
settings: {seed: 7}
rules:
  - name: all
    when: {contains: all}
    reply:
      parts: [{reasoning: Let me think.}, {text: "Grüße, \\"you\\" 👩‍🚀\\n"}, {text: And more.}]
  - name: calls
    when: {contains: calls}
    reply: {tool_calls: [{name: a, arguments: {b: "c d"}}, {name: e}]}
  - {name: refusal, when: {contains: refuse}, reply: {refusal: "No, thank you."}}
  - {name: long, when: {contains: long}, reply: {lorem: {tokens: 900}}}
responses: {hello: Hi there., empty: ""}
"""
PACED = "defaults: {timing: {first_token: 1s, rate: 100 tokens/s, chunk: character}}\n"
PROMPTS = ("hello", "empty", "say all", "some calls", "refuse", "long")


def untimed(value: Any) -> Any:
    """Return events without what tells how long they took."""
    match value:
        case dict():
            return {name: untimed(each) for name, each in value.items() if not is_time(name)}
        case list():
            return list(map(untimed, value))
        case _:
            return value


def is_time(name: str) -> bool:
    return name == "completed_at" or name.endswith("_duration")


@pytest.fixture
def apps(tmp_path: Path, clock: FakeClock) -> Iterator[tuple[Flask, Flask]]:
    """One that answers at once, and one that takes its time."""
    made = []
    for name, timing in (("at-once.yml", ""), ("paced.yml", PACED)):
        file = tmp_path / name
        file.write_text(RULES + timing)
        made.append(create_app(file, clock))
    yield made[0], made[1]
    for app in made:
        runtime_of(app).stop()


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in SPOKEN.items()])
def test_pieces_that_leave_together_are_the_same(
    case: SpokenCase, apps: tuple[Flask, Flask], clock: FakeClock
) -> None:
    for prompt in PROMPTS:
        body = {**case.body(prompt), "stream": True}
        content, began_s = json.dumps(case.sent(body)), clock.now_s
        answers = []
        for app in apps:
            clock.now_s = began_s
            response = app.test_client().post(
                case.url(body), data=content, content_type="application/json", buffered=False
            )
            answers.append(list(response.iter_encoded()))
            response.close()
        together, one_by_one = answers

        said = [untimed(list(case.streams.events(b"".join(pieces)))) for pieces in answers]
        assert said[0] == said[1]
        assert len(together) <= max(1, len(b"".join(together)) // 50_000 + 1)
        if prompt == "hello":
            assert len(one_by_one) >= 3
