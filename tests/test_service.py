"""The straight line, where no operation's test reaches it."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from flask import Flask

from mockllm.config.live import Live
from mockllm.runtime import Runtime
from tests.clock import FakeClock
from tests.conftest import runtime_of


@pytest.fixture
def runtime(tmp_path: Path, clock: FakeClock) -> Runtime:
    file = tmp_path / "responses.yml"
    file.write_text("responses: {hi: Hello.}")
    return Runtime(Live(file), clock)


def test_runtime_starts_once_in_a_process(runtime: Runtime) -> None:
    runtime.start()
    watcher = runtime.watcher
    runtime.start()
    started_twice = runtime.watcher is not watcher
    runtime.stop()

    assert not started_twice


def test_runtime_starts_anew_after_a_fork(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.start()
    first = runtime.watcher
    assert first is not None
    monkeypatch.setattr(os, "getpid", lambda: -1)
    runtime.start()
    second = runtime.watcher
    first.stop()
    runtime.stop()

    assert second is not first


def test_stopping_what_never_started_is_fine(runtime: Runtime) -> None:
    runtime.stop()

    assert runtime.watcher is None


def test_a_console_can_be_silenced(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "nobody knows"}]}
    with caplog.at_level(logging.WARNING, logger="mockllm.requests"):
        response = app.test_client().post("/v1/messages", json=body)
        _ = response.data

    assert response.status_code == 200
    assert caplog.text == ""


def test_console_names_the_nearest_rule(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "Count"}]}
    with caplog.at_level(logging.INFO, logger="mockllm.requests"):
        _ = app.test_client().post("/v1/messages", json=body).data

    assert "nearest: " in caplog.text
    assert (
        "wanted 'count' (case counts), which settings.match: normalized would match, got 'Count'"
        in caplog.text
    )


def test_streams_are_open_until_they_end(app: Flask) -> None:
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "count"}]}
    response = app.test_client().post("/v1/messages", json=body)
    next(response.iter_encoded())
    during = len(runtime_of(app).open_streams)
    response.close()

    assert (during, len(runtime_of(app).open_streams)) == (1, 0)
