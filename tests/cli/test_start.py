"""`mockllm start`: what is served where, and by which server."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import werkzeug.serving
from click.testing import CliRunner, Result
from flask import Flask
from gunicorn.app.wsgiapp import WSGIApplication

import mockllm.serving.start as serving
from mockllm.cli.main import main
from mockllm.config.load import load
from tests.conftest import runtime_of

SETTINGS = ["--config", "python:mockllm.serving.settings"]
APP = "mockllm:create_app()"

Served = list[tuple[str | None, tuple[str, ...]]]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which is empty, with an environment that says nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["mockllm"])
    for name in ("PORT", "MOCKLLM_RESPONSES", "MOCKLLM_RESPONSES_FILE", "GUNICORN_CMD_ARGS"):
        monkeypatch.setenv(name, "")  # so that what the command sets is taken back
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    """Return what would have been served: where, and with which options."""
    calls: Served = []
    monkeypatch.setattr(serving, "serve", lambda bind, options: calls.append((bind, options)))
    return calls


def start(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["start", *arguments])


@pytest.mark.parametrize(
    ("arguments", "bind", "options"),
    [
        pytest.param([], None, (), id="nothing"),
        pytest.param(["-p", "9000"], "127.0.0.1:9000", (), id="port"),
        pytest.param(["--port", "0"], "127.0.0.1:0", (), id="any-port"),
        pytest.param(["-h", "0.0.0.0"], "0.0.0.0:8000", (), id="host"),
        pytest.param(["--host", "box", "--port=65535"], "box:65535", (), id="both"),
        pytest.param(["-h", "::1"], "[::1]:8000", (), id="ipv6"),
        pytest.param(["-h", "[::1]", "-p", "9000"], "[::1]:9000", (), id="ipv6-in-brackets"),
        pytest.param(["--workers", "2"], None, ("--workers", "2"), id="option"),
        pytest.param(["-w", "2"], None, ("-w", "2"), id="short-option"),
        pytest.param(["-w2"], None, ("-w2",), id="joined-option"),
        pytest.param(["--preload"], None, ("--preload",), id="flag"),
        pytest.param(["--bind=:80"], None, ("--bind=:80",), id="bind"),
        pytest.param(
            ["--workers", "2", "-p", "9000", "--reuse-port"],
            "127.0.0.1:9000",
            ("--workers", "2", "--reuse-port"),
            id="mixed",
        ),
    ],
)
def test_address_is_ours_and_the_rest_goes_on(
    served: Served, arguments: list[str], bind: str | None, options: tuple[str, ...]
) -> None:
    result = start(*arguments)

    assert result.exit_code == 0
    assert served == [(bind, options)]


@pytest.mark.parametrize(
    ("arguments", "bind"),
    [
        pytest.param([], None, id="left-to-the-settings"),
        pytest.param(["-h", "0.0.0.0"], "0.0.0.0:9100", id="beside-a-host"),
        pytest.param(["-p", "9000"], "127.0.0.1:9000", id="option-wins"),
    ],
)
def test_port_variable_is_the_default(
    served: Served, monkeypatch: pytest.MonkeyPatch, arguments: list[str], bind: str | None
) -> None:
    monkeypatch.setenv("PORT", "9100")

    start(*arguments)

    assert served == [(bind, ())]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["-h", "0.0.0.0", "-p", "9000"], 0, id="not-needed"),
        pytest.param(["-h", "0.0.0.0"], 2, id="needed"),
    ],
)
def test_port_variable_that_is_no_number_gives_no_traceback(
    served: Served, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int
) -> None:
    monkeypatch.setenv("PORT", "http")

    result = start(*arguments)

    assert (result.exit_code, isinstance(result.exception, ValueError)) == (code, False)


@pytest.mark.parametrize("port", ["-1", "65536", "http", ""])
def test_port_must_be_one(served: Served, port: str) -> None:
    result = start("--port", port)

    assert result.exit_code == 2
    assert "Invalid value for '-p' / '--port'" in result.output
    assert served == []


@pytest.mark.parametrize("option", ["-r", "--responses"])
def test_responses_go_to_the_workers_by_the_environment(
    here: Path, served: Served, option: str
) -> None:
    (here / "mine.yml").write_text("")

    start(option, "mine.yml")

    assert os.environ["MOCKLLM_RESPONSES"] == "mine.yml"
    assert len(served) == 1


def test_responses_win_over_the_environment(
    here: Path, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKLLM_RESPONSES", "other.yml")
    (here / "mine.yml").write_text("")

    start("-r", "mine.yml")

    assert os.environ["MOCKLLM_RESPONSES"] == "mine.yml"


def test_without_responses_the_environment_stays_as_it_is(served: Served) -> None:
    start()

    assert "MOCKLLM_RESPONSES" not in os.environ


@pytest.mark.parametrize("name", ["none.yml", "x" * 300])
def test_missing_responses_exit_with_2_and_one_line(served: Served, name: str) -> None:
    result = start("-r", name)

    assert (result.exit_code, result.stdout, result.stderr) == (
        2,
        "",
        f"{name}:1:1: error MOCK008 there is no such file or folder\n",
    )
    assert served == []


@pytest.fixture
def gunicorn(monkeypatch: pytest.MonkeyPatch) -> list[WSGIApplication]:
    """Return the applications that gunicorn would have run, with their settings read."""
    ran: list[WSGIApplication] = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "path", list(sys.path))  # gunicorn adds the current folder
    monkeypatch.setattr(WSGIApplication, "run", lambda application: ran.append(application))
    return ran


@pytest.mark.parametrize(
    ("arguments", "middle"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(["-p", "9000"], ["--bind", "127.0.0.1:9000"], id="port"),
        pytest.param(
            ["-h", "::1", "--workers", "2"], ["--bind", "[::1]:8000", "--workers", "2"], id="mixed"
        ),
    ],
)
def test_gunicorn_gets_our_settings_and_then_the_options(
    gunicorn: list[WSGIApplication], arguments: list[str], middle: list[str]
) -> None:
    start(*arguments)

    assert sys.argv == ["mockllm start", *SETTINGS, *middle, APP]
    assert len(gunicorn) == 1


def test_gunicorn_understands_what_it_gets(gunicorn: list[WSGIApplication]) -> None:
    start("-p", "9000", "--workers", "2", "--keep-alive", "5")

    (application,) = gunicorn
    cfg = application.cfg
    assert (cfg.bind, cfg.workers, cfg.keepalive) == (["127.0.0.1:9000"], 2, 5)
    assert (application.app_uri, cfg.worker_class_str) == (APP, "mockllm.serving.worker.Worker")


def test_variable_of_gunicorn_is_heard(
    gunicorn: list[WSGIApplication], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--workers 3")

    start()

    assert gunicorn[0].cfg.workers == 3


def test_bad_responses_found_by_gunicorn_exit_with_2(
    here: Path, gunicorn: list[WSGIApplication], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = here / "bad.yml"
    bad.write_text("")
    monkeypatch.setattr(WSGIApplication, "run", lambda _: load(bad).usable)

    result = start("--preload")

    assert (result.exit_code, gunicorn) == (2, [])
    assert result.stderr.startswith(f"{bad}:1:1: error MOCK010 the file is empty")


@pytest.fixture
def werkzeug_runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Any, ...]]]:
    """Return what werkzeug would have run, on a system without gunicorn."""
    ran: list[tuple[Any, ...]] = []

    def run_simple(host: str, port: int, app: Flask, *, threaded: bool) -> None:
        ran.append((host, port, app, threaded))

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(werkzeug.serving, "run_simple", run_simple)

    yield ran

    for _, _, app, _ in ran:
        runtime_of(app).stop()


@pytest.mark.parametrize(
    ("arguments", "host", "port"),
    [
        pytest.param([], "127.0.0.1", 8000, id="nothing"),
        pytest.param(["-p", "9000"], "127.0.0.1", 9000, id="port"),
        pytest.param(["-h", "0.0.0.0", "-p", "0"], "0.0.0.0", 0, id="both"),
        pytest.param(["-h", "::1"], "::1", 8000, id="ipv6"),
    ],
)
def test_werkzeug_serves_where_gunicorn_does_not_run(
    werkzeug_runs: list[tuple[Any, ...]], arguments: list[str], host: str, port: int
) -> None:
    result = start(*arguments)

    assert result.exit_code == 0
    assert [(at, on, threaded) for at, on, _, threaded in werkzeug_runs] == [(host, port, True)]


def test_werkzeug_says_that_it_stands_in(werkzeug_runs: list[tuple[Any, ...]]) -> None:
    result = start()

    assert result.stdout == (
        "gunicorn does not run on this system: werkzeug's development server is used\n"
    )


def test_werkzeug_serves_the_responses(here: Path, werkzeug_runs: list[tuple[Any, ...]]) -> None:
    (here / "mine.yml").write_text("responses: {hello: Hi.}")

    start("-r", "mine.yml")

    ((_, _, app, _),) = werkzeug_runs
    assert list(runtime_of(app).live.current.ruleset.answers) == ["hello"]


def test_werkzeug_heeds_the_port_variable(
    werkzeug_runs: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "9100")

    start()

    assert werkzeug_runs[0][:2] == ("127.0.0.1", 9100)


def test_bad_responses_found_by_werkzeug_exit_with_2(
    here: Path, werkzeug_runs: list[tuple[Any, ...]]
) -> None:
    (here / "bad.yml").write_text("")

    result = start("-r", "bad.yml")

    assert (result.exit_code, werkzeug_runs) == (2, [])
    assert result.stderr.startswith("bad.yml:1:1: error MOCK010 the file is empty")


def test_a_file_that_is_no_option_is_refused_with_a_hint() -> None:
    result = CliRunner().invoke(main, ["start", "responses.yml"])

    assert result.exit_code == 2
    assert "did you mean --responses?" in result.output


def test_several_responses_go_to_the_workers_in_their_order(here: Path, served: Served) -> None:
    for name in ("base.yml", "staging.yml"):
        (here / name).write_text("")

    start("-r", "base.yml", "--responses", "staging.yml")

    assert os.environ["MOCKLLM_RESPONSES"] == os.pathsep.join(["base.yml", "staging.yml"])
    assert len(served) == 1


def test_responses_named_twice_exit_with_2(here: Path, served: Served) -> None:
    (here / "base.yml").write_text("")

    result = start("-r", "base.yml", "-r", "base.yml")

    assert (result.exit_code, served) == (2, [])
    assert "base.yml:1:1: error MOCK008 this file or folder is named twice" in result.stderr
