"""Where the responses come from when nobody hands them over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mockllm.config.discover import STARTER, Source, discover
from mockllm.errors import ConfigError
from tests.config.documents import write


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which is empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", [str, Path])
def test_named_file_is_taken(here: Path, kind: type[str] | type[Path]) -> None:
    write(here / "mine.yml", "")
    write(here / "responses.yml", "")

    assert discover(kind("mine.yml"), {}) == Source((Path("mine.yml"),))


def test_named_folder_is_taken(here: Path) -> None:
    (here / "mine").mkdir()

    assert discover("mine", {}) == Source((Path("mine"),))


@pytest.mark.parametrize("variable", ["MOCKLLM_RESPONSES", "MOCKLLM_RESPONSES_FILE"])
def test_variable_names_the_source(here: Path, variable: str) -> None:
    write(here / "mine.yml", "")
    write(here / "responses.yml", "")

    assert discover(None, {variable: "mine.yml"}) == Source((Path("mine.yml"),))


def test_argument_wins_over_variable(here: Path) -> None:
    write(here / "mine.yml", "")

    assert discover("mine.yml", {"MOCKLLM_RESPONSES": "other.yml"}).paths == (Path("mine.yml"),)


def test_own_variable_wins_over_the_original_one(here: Path) -> None:
    write(here / "mine.yml", "")
    environ = {"MOCKLLM_RESPONSES_FILE": "other.yml", "MOCKLLM_RESPONSES": "mine.yml"}

    assert discover(None, environ).paths == (Path("mine.yml"),)


def test_empty_variable_counts_as_none(here: Path) -> None:
    write(here / "mine.yml", "")
    environ = {"MOCKLLM_RESPONSES": "", "MOCKLLM_RESPONSES_FILE": "mine.yml"}

    assert discover("", environ).paths == (Path("mine.yml"),)


@pytest.mark.parametrize(
    ("named", "environ"),
    [
        pytest.param("none.yml", {}, id="argument"),
        pytest.param(None, {"MOCKLLM_RESPONSES": "none.yml"}, id="variable"),
        pytest.param(None, {"MOCKLLM_RESPONSES_FILE": "none.yml"}, id="original-variable"),
    ],
)
def test_named_source_must_be_there(here: Path, named: str | None, environ: dict[str, str]) -> None:
    write(here / "responses.yml", "")

    with pytest.raises(ConfigError) as raised:
        discover(named, environ)

    assert raised.value.message == ("none.yml:1:1: error MOCK008 there is no such file or folder")


def test_path_that_cannot_exist_is_not_there(here: Path) -> None:
    with pytest.raises(ConfigError, match="error MOCK008"):
        discover("x" * 300, {})


def test_file_in_the_current_folder_is_taken(here: Path) -> None:
    write(here / "responses.yml", "")

    assert discover(None, {}) == Source((Path("responses.yml"),))


def test_folder_in_the_current_folder_is_taken(here: Path) -> None:
    (here / "responses").mkdir()

    assert discover(None, {}) == Source((Path("responses"),))


def test_file_wins_over_folder_with_a_notice(here: Path) -> None:
    write(here / "responses.yml", "")
    (here / "responses").mkdir()

    assert discover(None, {}) == Source(
        (Path("responses.yml"),),
        "both responses.yml and responses/ exist: responses.yml is served",
    )


def test_starter_is_taken_with_a_notice_when_there_is_nothing(here: Path) -> None:
    assert discover(None, {}) == Source(
        (STARTER,),
        "there is neither responses.yml nor responses/ here: the built-in starter is served"
        " (`mockllm init` writes it to responses.yml)",
    )


def test_folder_named_like_the_file_is_not_taken(here: Path) -> None:
    (here / "responses.yml").mkdir()

    assert discover(None, {}).paths == (STARTER,)


def test_several_paths_are_taken_in_their_order(here: Path) -> None:
    write(here / "base.yml", "")
    (here / "staging").mkdir()

    assert discover(["staging", Path("base.yml")], {}) == Source(
        (Path("staging"), Path("base.yml"))
    )


@pytest.mark.parametrize("variable", ["MOCKLLM_RESPONSES", "MOCKLLM_RESPONSES_FILE"])
def test_variable_lists_several_paths(here: Path, variable: str) -> None:
    for name in ("base.yml", "staging.yml"):
        write(here / name, "")
    environ = {variable: os.pathsep.join(["base.yml", "", "staging.yml"])}

    assert discover((), environ) == Source((Path("base.yml"), Path("staging.yml")))


def test_separator_may_be_part_of_the_name_of_a_file(here: Path) -> None:
    name = f"a{os.pathsep}b.yml"
    write(here / name, "")

    assert discover(None, {"MOCKLLM_RESPONSES": name}) == Source((Path(name),))


def test_variable_of_separators_alone_counts_as_none(here: Path) -> None:
    assert discover(None, {"MOCKLLM_RESPONSES": os.pathsep}).paths == (STARTER,)


def test_every_path_must_be_there(here: Path) -> None:
    write(here / "base.yml", "")

    with pytest.raises(ConfigError) as raised:
        discover(["none.yml", "base.yml", "nor.yml"], {})

    assert raised.value.message.splitlines() == [
        "none.yml:1:1: error MOCK008 there is no such file or folder",
        "nor.yml:1:1: error MOCK008 there is no such file or folder",
    ]


@pytest.mark.parametrize("again", ["base.yml", "./base.yml", "link.yml"])
def test_path_named_twice_is_refused(here: Path, again: str) -> None:
    write(here / "base.yml", "")
    (here / "link.yml").symlink_to("base.yml")

    with pytest.raises(ConfigError) as raised:
        discover(["base.yml", again], {})

    assert raised.value.exit_code == 2
    assert raised.value.message == (
        f"{Path(again)}:1:1: error MOCK008 this file or folder is named twice;"
        " name each once; a later one overrides the earlier ones"
    )
