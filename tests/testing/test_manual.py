"""The examples of docs/testing.md are run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.testing.test_plugin import HAS_ASYNCIO, IS_INSTALLED, write_ini

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text()
BLOCK = re.compile(r"^```(\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FOUND = BLOCK.findall(PAGE)


def blocks(kind: str) -> list[str]:
    return [text for found, text in FOUND if found == kind]


def run(pytester: pytest.Pytester, files: dict[str, str]) -> pytest.RunResult:
    write_ini(pytester)
    pytester.makepyfile(**files)
    for text in blocks("yaml"):
        (pytester.path / text.split()[1]).write_text(text)
    plugin = () if IS_INSTALLED else ("-p", "mockllm.pytest_plugin")
    return pytester.runpytest_inprocess(*plugin, "-p", "no:cacheprovider")


def test_examples_pass(pytester: pytest.Pytester) -> None:
    shown = blocks("py") + (blocks("py-asyncio") if HAS_ASYNCIO else [])
    files = {f"test_{number}": text for number, text in enumerate(shown)}
    tests = sum(len(re.findall(r"def test_", text)) for text in shown)

    run(pytester, files).assert_outcomes(passed=tests)


def test_a_failing_test_shows_what_the_page_says(pytester: pytest.Pytester) -> None:
    (failing,), (shown,) = blocks("py-fails"), blocks("text")

    result = run(pytester, {"test_fails": failing})

    result.assert_outcomes(failed=1)
    assert shown in str(result.stdout)
