"""How reports are printed."""

from __future__ import annotations

import json

import pytest

from mockllm.cli import formats
from mockllm.cli.formats import FORMATS, Report
from mockllm.core.problems import Location, Problem

ERROR = Problem(Location("a.yml", 3, 5), "error", "MOCK003", "unknown key 'x'", "did you mean 'y'?")
WARNING = Problem(Location("a.yml", 7, 1), "warning", "MOCK013", "'7' is taken as text")
BAD = Report("a.yml", None, (ERROR, WARNING))
GOOD = Report("b.yml", 1, ())
EMPTY = Report("c.yml", 0, ())


def test_there_are_three_formats() -> None:
    assert list(FORMATS) == ["text", "json", "github"]


def test_text_is_a_line_for_each_problem_and_then_one_for_each_source() -> None:
    assert formats.text([BAD, GOOD, EMPTY]).splitlines() == [
        "a.yml:3:5: error MOCK003 unknown key 'x'; did you mean 'y'?",
        "a.yml:7:1: warning MOCK013 '7' is taken as text",
        "a.yml: not usable",
        "b.yml: 1 answer",
        "c.yml: 0 answers",
    ]


def test_json_has_sources_and_problems() -> None:
    assert json.loads(formats.json([BAD, GOOD])) == {
        "sources": [
            {"source": "a.yml", "answers": None, "rules": 0},
            {"source": "b.yml", "answers": 1, "rules": 0},
        ],
        "problems": [
            {
                "file": "a.yml",
                "line": 3,
                "column": 5,
                "level": "error",
                "code": "MOCK003",
                "message": "unknown key 'x'",
                "hint": "did you mean 'y'?",
            },
            {
                "file": "a.yml",
                "line": 7,
                "column": 1,
                "level": "warning",
                "code": "MOCK013",
                "message": "'7' is taken as text",
                "hint": None,
            },
        ],
    }


def test_json_is_one_line() -> None:
    problem = Problem(Location("a\nb.yml"), "error", "MOCK008", "a\nb")

    assert "\n" not in formats.json([Report("a\nb.yml", None, (problem,))])


def test_json_holds_any_file_name() -> None:
    name = b"\xff.yml".decode(errors="surrogateescape")

    text = formats.json([Report(name, None, (Problem(Location(name), "error", "MOCK008", "no"),))])

    assert json.loads(text)["problems"][0]["message"] == "no"


def test_github_is_a_workflow_command_for_each_problem() -> None:
    assert formats.github([BAD, GOOD]).splitlines() == [
        "::error file=a.yml,line=3,col=5,title=MOCK003::unknown key 'x'; did you mean 'y'?",
        "::warning file=a.yml,line=7,col=1,title=MOCK013::'7' is taken as text",
    ]


def test_github_says_nothing_when_all_is_well() -> None:
    assert formats.github([GOOD]) == ""


@pytest.mark.parametrize(
    ("file", "message", "command"),
    [
        ("a,b:c.yml", "m", "::error file=a%2Cb%3Ac.yml,line=1,col=1,title=MOCK008::m"),
        (
            "100%.yml",
            "50%, no: 1",
            "::error file=100%25.yml,line=1,col=1,title=MOCK008::50%25, no: 1",
        ),
        ("a\nb.yml", "a\r\nb", "::error file=a%0Ab.yml,line=1,col=1,title=MOCK008::a%0D%0Ab"),
    ],
    ids=["separators", "percent", "line-breaks"],
)
def test_github_command_is_escaped(file: str, message: str, command: str) -> None:
    problem = Problem(Location(file), "error", "MOCK008", message)

    assert formats.github([Report(file, None, (problem,))]) == command
