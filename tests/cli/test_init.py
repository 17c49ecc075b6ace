"""`mockllm init` writes a file to begin with, and never over another."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from mockllm.cli.main import main
from mockllm.config.discover import STARTER
from mockllm.config.load import load


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which is empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_starter_is_written_to_responses_yml(here: Path) -> None:
    result = CliRunner().invoke(main, ["init"])

    assert (result.exit_code, result.output) == (
        0,
        "wrote responses.yml; now run: mockllm start\n",
    )
    assert (here / "responses.yml").read_bytes() == STARTER.read_bytes()


def test_starter_is_written_where_it_is_asked_for(here: Path) -> None:
    (here / "mocks").mkdir()

    result = CliRunner().invoke(main, ["init", "mocks/mine.yml"])

    assert result.output.startswith("wrote mocks/mine.yml; now run: mockllm start")
    assert (here / "mocks" / "mine.yml").is_file()


def test_advice_names_the_file_that_start_would_not_find(here: Path) -> None:
    result = CliRunner().invoke(main, ["init", "mine.yml"])

    assert result.output == "wrote mine.yml; now run: mockllm start -r mine.yml\n"


def test_what_was_written_is_valid(here: Path) -> None:
    CliRunner().invoke(main, ["init"])

    assert load(here / "responses.yml").problems == ()


def test_file_that_exists_is_left_as_it_is(here: Path) -> None:
    (here / "responses.yml").write_text("mine")

    result = CliRunner().invoke(main, ["init"])

    assert (result.exit_code, result.output) == (
        1,
        "Error: responses.yml exists already; it was left as it is\n",
    )
    assert (here / "responses.yml").read_text() == "mine"


def test_folder_is_left_as_it_is(here: Path) -> None:
    (here / "mocks").mkdir()

    result = CliRunner().invoke(main, ["init", "mocks"])

    assert (result.exit_code, result.output) == (
        1,
        "Error: mocks exists already; it was left as it is\n",
    )


def test_dangling_link_is_not_written_through(here: Path) -> None:
    (here / "responses.yml").symlink_to("elsewhere.yml")

    result = CliRunner().invoke(main, ["init"])

    assert result.exit_code == 1
    assert not (here / "elsewhere.yml").exists()


def test_file_that_cannot_be_written_is_one_line() -> None:
    result = CliRunner().invoke(main, ["init", "none/responses.yml"])

    assert (result.exit_code, result.output) == (
        1,
        "Error: none/responses.yml cannot be written: No such file or directory\n",
    )
