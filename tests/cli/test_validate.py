"""`mockllm-validate`: what it prints, what it exits with, and what it does not import."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockllm.cli.validate import main, validate

GOOD, DOUBTFUL, BAD = (
    "responses: {hello: Hi., bye: Bye.}",
    "responses: {hello: yes}",
    "responses: {hello: []}",
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which holds a good, a doubtful and a bad file."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("good", GOOD), ("doubtful", DOUBTFUL), ("bad", BAD)):
        (tmp_path / f"{name}.yml").write_text(text)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(validate, arguments)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["good.yml"], 0, id="good"),
        pytest.param(["doubtful.yml"], 0, id="warnings"),
        pytest.param(["--warnings-as-errors", "doubtful.yml"], 1, id="warnings-as-errors"),
        pytest.param(["--warnings-as-errors", "good.yml"], 0, id="no-warnings"),
        pytest.param(["bad.yml"], 1, id="errors"),
        pytest.param(["good.yml", "doubtful.yml"], 0, id="good-and-warnings"),
        pytest.param(["good.yml", "bad.yml"], 1, id="good-and-errors"),
        pytest.param(["bad.yml", "good.yml"], 1, id="errors-and-good"),
        pytest.param(["none.yml"], 2, id="missing"),
        pytest.param(["bad.yml", "none.yml"], 2, id="errors-and-missing"),
        pytest.param(["."], 1, id="folder"),
        pytest.param(["x" * 300], 2, id="impossible-path"),
        pytest.param(["--format", "json", "bad.yml"], 1, id="json"),
        pytest.param(["--format", "github", "none.yml"], 2, id="github"),
        pytest.param([], 2, id="nothing"),
        pytest.param(["--format", "xml", "good.yml"], 2, id="unknown-format"),
    ],
)
def test_exit_code_says_how_it_went(arguments: list[str], code: int) -> None:
    result = run(*arguments)

    assert (result.exit_code, type(result.exception)) in (
        (code, type(None)),
        (code, SystemExit),
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", ["good.yml", "folder"])
def test_unreadable_source_exits_with_2(here: Path, name: str) -> None:
    (here / "folder").mkdir()
    (here / name).chmod(0)

    result = run(name)
    (here / name).chmod(0o700)

    assert result.exit_code == 2


def test_good_file_is_one_line() -> None:
    assert run("good.yml").output == "good.yml: 2 answers\n"


def test_problems_come_first_and_then_a_line_for_each_source() -> None:
    assert run("bad.yml", "good.yml", "doubtful.yml").output.splitlines() == [
        "bad.yml:1:20: error MOCK005 an answer takes text or a mapping, not a list",
        "doubtful.yml:1:20: warning MOCK013 'yes' is taken as text; write \"yes\"",
        "bad.yml: not usable",
        "good.yml: 2 answers",
        "doubtful.yml: 1 answer",
    ]


def test_missing_file_is_a_problem_like_others() -> None:
    assert run("none.yml").output.splitlines() == [
        "none.yml:1:1: error MOCK008 there is no such file; check the path",
        "none.yml: not usable",
    ]


def test_folder_is_one_source(here: Path) -> None:
    folder = here / "folder"
    folder.mkdir()
    (folder / "b.yml").write_text("responses: {b: 1st}")
    (folder / "a.yml").write_text("responses: {a: 2nd}")

    assert run("folder").output == "folder: 2 answers\n"


def test_files_are_rulesets_of_their_own(here: Path) -> None:
    (here / "same.yml").write_text(GOOD)

    assert run("good.yml", "same.yml").exit_code == 0


def test_json_is_printed() -> None:
    output = json.loads(run("--format", "json", "bad.yml", "good.yml").output)

    assert output["sources"] == [
        {"source": "bad.yml", "answers": None, "rules": 0},
        {"source": "good.yml", "answers": 2, "rules": 0},
    ]
    assert [problem["code"] for problem in output["problems"]] == ["MOCK005"]


def test_github_commands_are_printed() -> None:
    assert run("--format", "github", "bad.yml", "good.yml").output == (
        "::error file=bad.yml,line=1,col=20,title=MOCK005::"
        "an answer takes text or a mapping, not a list\n"
    )


def test_github_prints_nothing_when_all_is_well() -> None:
    assert run("--format", "github", "good.yml").output == ""


def test_text_beyond_ascii_is_printed(here: Path) -> None:
    (here / "é.yml").write_text("responses: {'😀': []}", encoding="utf-8")

    assert run("é.yml").output.startswith("é.yml:1:18: error MOCK005")


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text elsewhere")
@pytest.mark.parametrize("format_name", ["text", "json", "github"])
def test_file_name_that_is_not_utf_8_is_printed(here: Path, format_name: str) -> None:
    (here / "folder").mkdir()
    (here / "folder" / os.fsdecode(b"\xff.yml")).write_text(BAD)

    result = run("--format", format_name, "folder")

    assert result.exit_code == 1
    assert "MOCK005" in result.output


def test_program_is_called_mockllm_validate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["anything", "--help"])

    try:
        with pytest.raises(SystemExit) as raised:
            main()
    finally:
        gc.unfreeze()
        gc.enable()

    assert raised.value.code == 0
    assert capsys.readouterr().out.startswith("Usage: mockllm-validate ")


def test_no_server_is_imported() -> None:
    program = """\
import sys
from mockllm.cli.validate import main
sys.argv = ["mockllm-validate", "good.yml"]
try:
    main()
finally:
    print(sorted({"flask", "gevent", "gunicorn", "werkzeug"} & set(sys.modules)))
"""

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "good.yml: 2 answers\n[]\n")


def test_rules_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "r.yml"
    file.write_text("rules: [{when: {contains: a}, reply: b}]")

    result = CliRunner().invoke(validate, [str(file)])

    assert result.exit_code == 0
    assert "0 answers" not in result.output


def test_files_together_are_one_ruleset(here: Path) -> None:
    (here / "over.yml").write_text(
        "responses: {bye: No.}\nrules: [{when: {contains: a}, reply: b}]"
    )

    result = run("--together", "good.yml", "over.yml")

    assert (result.exit_code, result.output) == (0, "good.yml, over.yml: 1 rule, 2 answers\n")


def test_one_missing_file_of_several_together_exits_with_2() -> None:
    result = run("--together", "good.yml", "none.yml")

    assert result.exit_code == 2
    assert "none.yml:1:1: error MOCK008" in result.output
