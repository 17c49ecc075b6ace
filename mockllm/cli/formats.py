"""How reports are printed. Pure: reports in, text out."""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from mockllm.core.problems import Problem, problem_object
from mockllm.core.rules import counted


class Report(Struct, frozen=True):
    """What was found in one argument. `answers` is None when it cannot be used."""

    source: str
    answers: int | None
    problems: tuple[Problem, ...]
    rules: int = 0


def text(reports: Sequence[Report]) -> str:
    """Return a line for each problem, then one for each source."""
    lines = [str(problem) for report in reports for problem in report.problems]
    return "\n".join([*lines, *map(_summary, reports)])


def json(reports: Sequence[Report]) -> str:
    """Return `{"sources": [...], "problems": [...]}`."""
    sources = [
        {"source": report.source, "answers": report.answers, "rules": report.rules}
        for report in reports
    ]
    problems = [problem_object(each) for report in reports for each in report.problems]
    return json_module.dumps({"sources": sources, "problems": problems})


def github(reports: Sequence[Report]) -> str:
    """Return workflow commands, which GitHub shows beside the lines of a pull request."""
    return "\n".join(_annotation(problem) for report in reports for problem in report.problems)


FORMATS: Mapping[str, Callable[[Sequence[Report]], str]] = {
    "text": text,
    "json": json,
    "github": github,
}


def _summary(report: Report) -> str:
    if report.answers is None:
        return f"{report.source}: not usable"
    return f"{report.source}: {counted(report.rules, report.answers)}"


def _annotation(problem: Problem) -> str:
    location = problem.location
    hint = f"; {problem.hint}" if problem.hint else ""
    message = _escape(f"{problem.message}{hint}")
    file = _escape(location.file).replace(":", "%3A").replace(",", "%2C")
    place = f"file={file},line={location.line},col={location.column}"
    return f"::{problem.level} {place},title={problem.code}::{message}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
