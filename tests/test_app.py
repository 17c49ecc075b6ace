"""The composition root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import Flask

import mockllm
from mockllm.errors import ConfigError
from tests.conftest import MakeApp, runtime_of


def test_factory_needs_no_argument(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "responses.yml").write_text("responses: {hi: Hello.}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MOCKLLM_RESPONSES", raising=False)

    app = mockllm.create_app()

    assert app.extensions["mockllm"].live.paths == (Path("responses.yml"),)


def test_unusable_responses_raise_with_every_problem(tmp_path: Path) -> None:
    file = tmp_path / "bad.yml"
    file.write_text("responces: {}\nsettings: {seed: x}\n")

    with pytest.raises(ConfigError) as caught:
        mockllm.create_app(file)

    assert [problem.code for problem in caught.value.problems] == ["MOCK003", "MOCK005"]
    assert caught.value.exit_code == 2


def test_warnings_are_logged_at_the_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "r.yml"
    file.write_text("responses: {hi: 7}\n")

    mockllm.create_app(file)

    assert "MOCK013 '7' is taken as text" in caplog.text


def test_built_in_starter_is_served_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MOCKLLM_RESPONSES", raising=False)

    app = mockllm.create_app()

    assert "built-in starter" in caplog.text
    assert "hello" in app.extensions["mockllm"].live.current.ruleset.answers


def test_later_responses_override(tmp_path: Path) -> None:
    base, staging = tmp_path / "base.yml", tmp_path / "staging.yml"
    base.write_text("responses: {hi: Hello., bye: Bye.}")
    staging.write_text("responses: {hi: No.}")

    app = mockllm.create_app([base, str(staging)])

    answers = app.extensions["mockllm"].live.current.ruleset.answers
    assert {prompt: Path(rule.location.file).name for prompt, rule in answers.items()} == {
        "hi": "staging.yml",
        "bye": "base.yml",
    }


def test_health_names_every_path(tmp_path: Path) -> None:
    files = [tmp_path / "base.yml", tmp_path / "staging.yml"]
    for file in files:
        file.write_text(f"responses: {{{file.stem}: Hello.}}")

    page = mockllm.create_app(files).test_client().get("/health").get_json()

    assert (page["source"], page["answers"]) == (os.pathsep.join(map(str, files)), 2)


STATEFUL = """
rules: [{when: {always: true}, replies: [one, two, three]}]
settings: {state: {sqlite: state.sqlite}}
"""


def asked(app: Flask) -> str:
    """Return the answer to a chat."""
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    found = app.test_client().post("/v1/chat/completions", json=body).get_json()
    text: str = found["choices"][0]["message"]["content"]
    return text


def test_state_is_in_memory_unless_a_file_is_named(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(STATEFUL.partition("settings")[0])

    assert [asked(app), asked(app)] == ["one", "two"]
    assert [file.name for file in tmp_path.iterdir()] == ["responses.yml"]


def test_named_file_is_beside_the_responses_and_outlasts_the_application(
    make_app: MakeApp, tmp_path: Path
) -> None:
    first = make_app(STATEFUL)
    before = asked(first)
    runtime_of(first).stop()

    assert (before, asked(make_app(STATEFUL))) == ("one", "two")
    assert (tmp_path / "state.sqlite").exists()


def test_applications_with_one_file_share_state(make_app: MakeApp) -> None:
    one, other = make_app(STATEFUL), make_app(STATEFUL)

    assert [asked(one), asked(other), asked(one)] == ["one", "two", "three"]


def test_file_that_cannot_hold_state_is_refused(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_text("no database " * 100)

    with pytest.raises(ConfigError, match=r"state\.sqlite:1:1: error MOCK008 the file of settings"):
        make_app(STATEFUL)


@pytest.mark.parametrize("edit", ["", "settings: {state: {sqlite: other.sqlite}}"])
def test_reload_keeps_the_file_and_says_so(
    edit: str, make_app: MakeApp, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rules, _, _ = STATEFUL.partition("settings")
    app = make_app(STATEFUL)
    before = asked(app)

    (tmp_path / "responses.yml").write_text(rules + edit)
    runtime_of(app).live.reload()

    assert (before, asked(app)) == ("one", "two")
    assert "settings.state was changed: it is taken at the next start" in caplog.text


def test_reload_that_leaves_the_file_says_nothing_of_it(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    runtime_of(make_app(STATEFUL)).live.reload()

    assert "settings.state" not in caplog.text
