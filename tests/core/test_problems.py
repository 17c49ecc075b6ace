"""Located diagnostics."""

from __future__ import annotations

from mockllm.core.problems import Location, Problem, has_errors, problem_object

ERROR = Problem(Location("r.yml", 8, 35), "error", "MOCK003", "unknown key 'x'", "or 'y'?")
WARNING = Problem(Location("r.yml"), "warning", "MOCK013", "taken as text")


def test_problem_reads_as_one_line() -> None:
    assert str(ERROR) == "r.yml:8:35: error MOCK003 unknown key 'x'; or 'y'?"
    assert str(WARNING) == "r.yml:1:1: warning MOCK013 taken as text"


def test_warnings_are_no_errors() -> None:
    assert not has_errors((WARNING,))
    assert has_errors((WARNING, ERROR))


def test_problem_as_an_object_has_every_member() -> None:
    assert problem_object(ERROR) == {
        "file": "r.yml",
        "line": 8,
        "column": 35,
        "level": "error",
        "code": "MOCK003",
        "message": "unknown key 'x'",
        "hint": "or 'y'?",
    }
