"""The parts of the manual that are made from the program and the examples are current.

`MOCKLLM_UPDATE_DOCS=1 pytest tests/docs` writes them anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from mockllm.config import codes, schema
from mockllm.config.load import load
from mockllm.config.manual import key_tables, problem_pages
from mockllm.config.schema_delivery import PERCENTILES
from tests.docs.clients import CLIENTS, client
from tests.docs.departures import departures

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
EXAMPLES = ROOT / "responses" / "examples"
MADE = re.compile(
    r"<!-- (?P<kind>table|problems|example|departures|client)(?:: (?P<name>[^>]+))? -->\n"
    r".*?<!-- end -->",
    re.DOTALL,
)
MAX_SHOWN_LINES = 60
BAD = re.compile(r"^```yaml-bad\n(?!# one.yml)(.*?)^```", re.MULTILINE | re.DOTALL)
YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def made(kind: str, name: str) -> str:
    match kind:
        case "table":
            return key_tables()[name]
        case "example":
            return f"```yaml\n{beginning((EXAMPLES / name).read_text(encoding='utf-8'))}```\n"
        case "departures":
            return departures(name)
        case "client":
            return client(name)
        case _:
            return problem_pages()


def beginning(text: str) -> str:
    """Return the first lines of an example, and how many more there are."""
    lines = text.splitlines(keepends=True)
    rest = len(lines) - MAX_SHOWN_LINES
    return "".join(lines[:MAX_SHOWN_LINES]) + (f"  # and {rest} more\n" if rest > 0 else "")


def current(text: str) -> str:
    """Return a page with its made parts made anew."""

    def anew(found: re.Match[str]) -> str:
        begin = found[0].partition("\n")[0]
        return f"{begin}\n{made(found['kind'], found['name'] or '')}<!-- end -->"

    return MADE.sub(anew, text)


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_made_parts_are_current(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if os.environ.get("MOCKLLM_UPDATE_DOCS"):
        page.write_text(current(text), encoding="utf-8")
        return

    assert text == current(text)


def test_every_client_is_in_the_manual() -> None:
    page = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
    shown = {found["name"] for found in MADE.finditer(page) if found["kind"] == "client"}

    assert shown == set(CLIENTS)


def test_every_table_is_in_the_manual() -> None:
    shown = {
        found["name"]
        for page in DOCS
        for found in MADE.finditer(page.read_text(encoding="utf-8"))
        if found["kind"] == "table"
    }

    assert shown == key_tables().keys() - {"not"}


def test_every_example_is_a_recipe() -> None:
    text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    recipes = [found["name"] for found in MADE.finditer(text)]

    assert sorted(recipes) == sorted(file.name for file in EXAMPLES.glob("*.yml"))


PAGES_OF_KEYS = (
    "rules.md", "configuration.md", "timing.md", "faults.md", "limits.md", "running.md",
    "verification.md",
)  # fmt: skip


def test_every_key_is_shown_in_the_manual() -> None:
    shown: set[str] = set()
    for page in PAGES_OF_KEYS:
        for block in YAML.findall((ROOT / "docs" / page).read_text(encoding="utf-8")):
            shown |= keys(yaml.safe_load(block))

    wanted = {key for table, _ in schema.PLACES.values() for key in table}
    percentiles = set(PERCENTILES)  # all are alike
    assert wanted - shown - {"kind"} - percentiles == set()


def keys(value: object) -> set[str]:
    match value:
        case dict():
            return set(map(str, value)).union(*map(keys, value.values()))
        case list():
            return set().union(*map(keys, value))
        case _:
            return set()


def test_levels_of_the_manual_are_those_of_the_problems(tmp_path: Path) -> None:
    """Of the codes that one bad file shows."""
    for page in problem_pages().split("\n## ")[1:]:
        code, bad = page[:7], BAD.findall(page)
        for number, text in enumerate(bad):
            file = tmp_path / f"{code}-{number}.yml"
            file.write_text(text, encoding="utf-8")
            wanted = "warning" if code in codes.WARNINGS else "error"
            assert {problem.level for problem in load(file).problems} == {wanted}, code
