"""Letting go of much, bit by bit."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pytest

from mockllm.config import load as loading
from mockllm.config.document import section_of
from mockllm.config.load import load
from mockllm.config.release import Retired, free, free_documents
from mockllm.core.rules import Ruleset
from tests.config.documents import document, write

MANY = "responses:\n" + "".join(f"  question {number}: answer\n" for number in range(1_001))


def loaded(folder: Path, text: str) -> Ruleset:
    return load(write(folder / "responses.yml", text)).usable


def test_list_is_emptied() -> None:
    held: list[object] = [object() for _ in range(2_500)]

    free(held)

    assert held == []


def test_parts_of_documents_are_nobodys_afterwards() -> None:
    documents = [document("{responses: {hello: Hi.}, rules: [{reply: a}], x-y: 1}")]
    key = next(iter(section_of(documents[0], "responses").values()))[0]

    free_documents(documents)

    assert documents == []
    assert sys.getrefcount(key) == 2


def test_rules_are_held_while_somebody_reads_them(tmp_path: Path) -> None:
    retired, ruleset = Retired(), loaded(tmp_path, MANY)

    retired.add(ruleset)
    retired.free()

    assert len(retired) == 1


def test_rules_that_nobody_reads_are_freed(tmp_path: Path) -> None:
    retired, ruleset = Retired(), loaded(tmp_path, MANY)
    rule = ruleset.answers["question 7"]

    retired.add(ruleset)
    del ruleset
    retired.free()

    assert len(retired) == 0
    assert sys.getrefcount(rule) == 2


def test_few_rules_are_not_held(tmp_path: Path) -> None:
    retired = Retired()

    retired.add(loaded(tmp_path, "responses: {hello: Hi.}"))

    assert len(retired) == 0


def test_collector_passes_over_much_that_was_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_MANY_OBJECTS", 1_000)
    gc.collect()
    before = gc.get_freeze_count()

    try:
        loaded(tmp_path, MANY)

        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()


def test_collector_looks_at_little_that_was_loaded(tmp_path: Path) -> None:
    before = gc.get_freeze_count()

    loaded(tmp_path, "responses: {hello: Hi.}")

    assert gc.get_freeze_count() == before
