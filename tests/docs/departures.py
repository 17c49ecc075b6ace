"""Where a provider departs from its API, collected from the docstrings of its modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PROVIDERS = Path(__file__).parents[2] / "mockllm" / "providers"
_DEPARTURES = re.compile(r"\bDepartures?(?:, besides theirs)?: (.*)", re.DOTALL)


def departures(provider: str) -> str:
    """Return a list: for each module, what it is about and where it departs."""
    found = [_departures(file) for file in sorted((PROVIDERS / provider).glob("*.py"))]
    return "".join(f"- {subject} {text}\n" for each in found for subject, text in each)


def _departures(file: Path) -> Iterator[tuple[str, str]]:
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    said = _DEPARTURES.search(docstring)
    if said:
        subject = docstring.partition("\n")[0].partition(": ")[0].rstrip(".")
        text = " ".join(said[1].split())
        yield f"**{subject}**:", text
