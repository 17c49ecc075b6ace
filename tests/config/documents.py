"""YAML in, lines of problems out: what the position tests are written in."""

from __future__ import annotations

from pathlib import Path

from mockllm.config.document import Document
from mockllm.config.load import read_document
from mockllm.config.source import MapNode, Node, parse
from mockllm.core.problems import Problem

FILE = "f.yml"


def problems_of(content: str | bytes) -> list[Problem]:
    """Return what is wrong with one file, in the order in which it is reported."""
    found = read_document(FILE, content.encode() if isinstance(content, str) else content)[1]
    return sorted(found, key=lambda problem: (problem.location, problem.code))


def lines_of(content: str | bytes) -> list[str]:
    """Return the problems as they are printed, without the file's name."""
    return [line_of(problem) for problem in problems_of(content)]


def places_of(content: str | bytes) -> list[str]:
    """Return `line:column level code` of each problem."""
    return [place_of(problem) for problem in problems_of(content)]


def line_of(problem: Problem) -> str:
    return str(problem).removeprefix(f"{problem.location.file}:").replace(": ", " ", 1)


def place_of(problem: Problem) -> str:
    location = problem.location
    return f"{location.line}:{location.column} {problem.level} {problem.code}"


def node_of(text: str) -> Node:
    """Return the root of a text in which nothing is wrong with the YAML."""
    node, problems = parse(text, FILE)
    assert node is not None
    assert problems == []
    return node


def root_of(text: str) -> MapNode:
    """Return the mapping that a text holds."""
    node = node_of(text)
    assert isinstance(node, MapNode)
    return node


def document(text: str, file: str = FILE) -> Document:
    return Document(file, root_of(text))


def write(path: Path, text: str) -> Path:
    """Return `path`, which holds `text` now."""
    path.write_text(text, encoding="utf-8", newline="")
    return path


def nested_by_aliases(levels: int) -> str:
    """Return a setting nested so deep by aliases, while the text itself stays flat."""
    lines = [f"- &a{level} [*a{level - 1}]" for level in range(1, levels)]
    return "\n".join(["x-levels:", "- &a0 []", *lines, f"settings: {{seed: *a{levels - 1}}}\n"])
