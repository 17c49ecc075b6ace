"""The composition root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import mockllm
from mockllm.errors import ConfigError


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
