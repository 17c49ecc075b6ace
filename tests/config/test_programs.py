"""Regexes and templates are compiled once, and those of a load are bounded."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockllm.config import programs
from mockllm.config.load import load
from mockllm.config.programs import Programs, TooMuch, regex, template
from mockllm.core.regex import MAX_REGEX_BYTES, BadRegex
from mockllm.core.template import TemplateProblem
from tests.config.documents import places_of, write


def test_regex_is_shared_while_somebody_holds_it() -> None:
    held = regex("shared [0-9]+")

    assert regex("shared [0-9]+") is held


def test_template_is_shared_while_somebody_holds_it() -> None:
    held = template("shared {{ turn }}")

    assert template("shared {{ turn }}") is held


def test_twenty_thousand_small_regexes_are_within_bounds() -> None:
    small = regex("weather in [A-Z]+ [0-9]+ 123")

    assert 20_000 * small.most_bytes < programs.MAX_REGEXES_BYTES


def test_regexes_past_the_bound_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MAX_REGEXES_BYTES", regex("ab").most_bytes)
    of_load = Programs()

    of_load.regex("ab")
    of_load.regex("cd")

    with pytest.raises(TooMuch, match="may take more than"):
        of_load.regex("ef")
    assert of_load.regex("ab").pattern == "ab"


@pytest.mark.parametrize("pattern", [r"\pL{900}", "("])
def test_regexes_that_do_not_compile_count(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MAX_REGEXES_BYTES", 5_000)
    of_load = Programs()

    for _ in range(2):
        with pytest.raises(BadRegex):
            of_load.regex(pattern)

    with pytest.raises(TooMuch):
        of_load.regex("ab")


def test_regex_that_is_too_large_counts_as_the_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MAX_REGEXES_BYTES", MAX_REGEX_BYTES - 1)
    of_load = Programs()

    with pytest.raises(BadRegex):
        of_load.regex(r"\pL{900}")

    with pytest.raises(TooMuch):
        of_load.regex("ab")


def test_templates_past_the_bound_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MAX_TOKENS", 2 * (10 + 3))
    of_load = Programs()

    of_load.template("{{ turn }}")
    of_load.template("{{ step }}")
    of_load.template("{{ turn }}")
    of_load.template("plain text")

    with pytest.raises(TooMuch, match="with this one the templates have more"):
        of_load.template("{{ state }}")


def test_templates_that_do_not_compile_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MAX_TOKENS", 10 + 3)
    of_load = Programs()

    for _ in range(2):
        with pytest.raises(TemplateProblem):
            of_load.template("{{ nobody }}")

    with pytest.raises(TooMuch):
        of_load.template("{{ turn }}")


def test_first_regex_past_the_bound_has_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MAX_REGEXES_BYTES", 1_000)
    rules = "".join(f"- {{when: {{regex: {each}}}, reply: x}}\n" for each in ("ab", "cd", "ef"))

    assert places_of(f"rules:\n{rules}") == ["3:18 error MOCK009"]


def test_first_template_past_the_bound_has_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MAX_TOKENS", 15)
    text = "responses:\n  a: {template: '{{ turn }}'}\n  b: {template: '{{ step }}'}\n"

    assert places_of(f"{text}  c: {{template: '{{{{ now }}}}'}}\n") == ["3:17 error MOCK009"]


def test_bound_is_that_of_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MAX_TOKENS", 15)
    write(tmp_path / "a.yml", "responses: {a: {template: '{{ turn }}'}}")
    write(tmp_path / "b.yml", "responses: {b: {template: '{{ step }}'}}")

    (problem,) = load(tmp_path).problems

    assert str(problem).startswith(f"{tmp_path / 'b.yml'}:1:27: error MOCK009")
