"""`mockllm` and its commands."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest
from click.testing import CliRunner

import mockllm
from mockllm.cli.main import main


def test_version_is_that_of_the_package() -> None:
    result = CliRunner().invoke(main, ["--version"])

    assert (result.exit_code, result.output) == (0, f"mockllm, version {mockllm.__version__}\n")


def test_help_lists_the_commands() -> None:
    result = CliRunner().invoke(main, ["--help"])

    assert result.exit_code == 0
    assert "OpenAI's, Anthropic's, Gemini's and Ollama's APIs" in result.output


COMMANDS = ["explain", "init", "schema", "start", "tail", "validate", "verify"]


def test_there_are_no_other_commands() -> None:
    assert sorted(main.commands) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_command_has_help(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--help"], prog_name="mockllm")

    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: mockllm {command} ")


def test_no_command_shows_the_help() -> None:
    result = CliRunner().invoke(main, prog_name="mockllm")

    assert result.exit_code == 2
    assert result.output.startswith("Usage: mockllm ")


def test_unknown_command_is_refused() -> None:
    result = CliRunner().invoke(main, ["serve"])

    assert result.exit_code == 2
    assert "No such command 'serve'" in result.output


def test_validate_is_a_command_too(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text("responses: {hello: Hi.}")

    result = CliRunner().invoke(main, ["validate", str(file)])

    assert (result.exit_code, result.output) == (0, f"{file}: 1 answer\n")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mockllm", "mockllm.cli.main:main"),
        ("mockllm-validate", "mockllm.cli.validate:main"),
    ],
)
def test_command_is_installed(name: str, value: str) -> None:
    (script,) = entry_points(group="console_scripts", name=name)

    assert script.value == value
    assert callable(script.load())
