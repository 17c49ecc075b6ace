"""What the YAML parser could not read, said so that a person can mend it."""

from __future__ import annotations

import re

import yaml

from mockllm.core.problems import Location, Problem

_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_LINE_END = re.compile("\r\n|\r|\n")


def place_after(before: str) -> tuple[int, int]:
    """Return the line and column that follow `before`, both from 1."""
    lines = _LINE_END.split(before)
    return len(lines), len(lines[-1]) + 1


def syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    """Return the parser's error with its place and the hint that fits."""
    context, problem = error.context or "", error.problem or "this is not YAML"
    mark = error.problem_mark
    at_end = mark is not None and mark.index >= len(text)
    if mark is None or "end of stream" in problem or ("flow" in context and at_end):
        mark = error.context_mark  # where the open quotation mark is, not where the file ends
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    written = lines[line - 1] if line <= len(lines) else ""
    begun = error.context_mark.line + 1 if error.context_mark else line
    if context:
        context += f" that begins at line {begun}, " if begun != line else ", "
    hint = _hint(context, problem, written, column - 1)
    return Problem(Location(file, line, column), "error", "MOCK001", context + problem, hint)


def character_problem(text: str, file: str) -> Problem:
    """Return the problem of the first character that YAML does not allow."""
    found = _NOT_PRINTABLE.search(text)
    position = found.start() if found else 0
    location = Location(file, *place_after(text[:position]))
    code = ord(text[position])
    hint = f'write it as "\\u{code:04x}" in double quotes'
    if code == 0 and position < 2:
        hint = "save the file as UTF-8 (it looks like UTF-16)"
    return Problem(
        location,
        "error",
        "MOCK001",
        f"the character U+{code:04X} is not allowed in YAML",
        hint,
    )


def _hint(context: str, problem: str, written: str, at: int) -> str | None:
    """Return what most probably mends the error at `written[at]`, or None."""
    character, before = written[at : at + 1], written[:at]
    cases = (
        (character == "\t", "indent with spaces, not tabs"),
        (
            "alias" in context or "anchor" in context,
            "quote a text that begins with '*' or '&'",
        ),
        ("cannot start" in problem, f"quote a text that begins with '{character}'"),
        (
            "mapping values" in problem,
            "quote a text with ': ' in it, or check the indentation",
        ),
        (
            "escape" in problem or "hexdecimal" in problem,
            r"in double quotes write \\ for a backslash, or use single quotes",
        ),
        (
            "simple key" in context,
            "check the indentation; a long key, or one of several lines, begins with '? |-'",
        ),
        ("quoted" in context, "close the quotation mark; inside '...' write '' for '"),
        (
            "flow" in context,
            "close the bracket; quote a text with a comma, a brace or a bracket in it",
        ),
        ("expected key" not in problem, None),
        (
            "]" in before or "}" in before,
            "quote a text that begins with a bracket or a brace",
        ),
        (
            "'" in before or '"' in before,
            "quote the whole text; inside '...' write '' for '",
        ),
    )
    return next((hint for holds, hint in cases if holds), "check the indentation")
