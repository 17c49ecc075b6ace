"""Where a process keeps its state."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from mockllm.errors import ConfigError
from mockllm.state.base import count
from mockllm.state.chosen import CHOSEN, SHARED, cells_in, check_file, open_database


@pytest.mark.parametrize(
    ("named", "variables", "file"),
    [
        (None, {}, None),
        ("named", {}, "named"),
        (None, {SHARED: "shared"}, "shared"),
        ("named", {SHARED: "shared"}, "named"),
        (None, {CHOSEN: "chosen"}, "chosen"),
        ("named", {CHOSEN: "chosen"}, "chosen"),
    ],
)
def test_file_that_is_chosen(
    named: str | None,
    variables: Mapping[str, str],
    file: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)

    database = open_database(named, variables)

    assert cells_in(database).update("s", "kind", "key", count) == 1
    if database is not None:
        database.close()
    made = {file, f"{file}-turns"} if file else set()
    assert {each.name for each in tmp_path.iterdir()} == made


def test_named_file_that_cannot_be_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be used: "):
        check_file(str(tmp_path / "missing" / "state.sqlite"), {})


def test_worker_leaves_the_check_to_its_master(tmp_path: Path) -> None:
    check_file(str(tmp_path), {CHOSEN: "chosen"})
    check_file(None, {})
