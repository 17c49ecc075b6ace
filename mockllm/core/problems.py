"""Located diagnostics: what the validator prints and the health page shows."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

Level = Literal["error", "warning"]


class Location(Struct, frozen=True, gc=False, order=True):
    """A place in a file. `line` and `column` count from 1, columns in code points."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def short(self) -> str:
        """The place without its column."""
        return f"{self.file}:{self.line}"


class Problem(Struct, frozen=True, gc=False, order=True):
    """One thing that is wrong with the configuration, where, and what to do about it.

    `code` is stable (`MOCK003`), so that tools can key on it. `hint` is a short phrase that
    follows the message (`did you mean 'text'?`), or None.
    """

    location: Location
    level: Level
    code: str
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.location}: {self.level} {self.code} {self.message}{hint}"


def has_errors(problems: tuple[Problem, ...]) -> bool:
    return any(problem.level == "error" for problem in problems)


def problem_object(problem: Problem) -> dict[str, Any]:
    """Return a problem as JSON has it, on the health page and from the validator."""
    return {
        "file": problem.location.file,
        "line": problem.location.line,
        "column": problem.location.column,
        "level": problem.level,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
    }
