"""Fixtures that every folder uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from mockllm.app import create_app
from mockllm.runtime import Runtime
from tests.clock import FakeClock

collect_ignore = ["clients"]  # they have environments of their own: `make test-clients`

MakeApp = Callable[[str], Flask]

YAML = """\
responses:
  "what is 2+2?": "2+2 equals 9."
  "say it all": "Grüße, 👩‍🚀 \\"quoted\\"\\nand a new line."
  "say nothing": ""
  "count": "one two three four five"
defaults:
  unknown_response: "I am a mock."
settings:
  seed: 7
"""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make_app(tmp_path: Path, clock: FakeClock) -> Iterator[MakeApp]:
    """Return a function that makes an application of YAML text, on the fake clock."""
    made: list[Flask] = []

    def make(text: str) -> Flask:
        file = tmp_path / "responses.yml"
        file.write_text(text, encoding="utf-8")
        made.append(create_app(file, clock))
        return made[-1]

    yield make

    for app in made:
        runtime_of(app).stop()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(YAML)


def runtime_of(app: Flask) -> Runtime:
    runtime: Runtime = app.extensions["mockllm"]
    return runtime
