"""The file that gunicorn's workers share."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mockllm.serving.sharing import Folder, remove_stale, share
from mockllm.state.chosen import CHOSEN, SHARED


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for what is temporary."""
    for variable in (CHOSEN, SHARED):
        monkeypatch.setenv(variable, "of another server")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    for variable in (CHOSEN, SHARED):
        os.environ.pop(variable, None)


def variables() -> tuple[str | None, str | None]:
    return os.environ.get(CHOSEN), os.environ.get(SHARED)


def test_one_worker_shares_nothing(folder: Path) -> None:
    assert share(None, 1) is None

    assert variables() == (None, None)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_named_file_is_shared(workers: int, folder: Path) -> None:
    assert share("a.sqlite", workers) is None

    assert variables() == (os.path.abspath("a.sqlite"), None)
    assert list(folder.iterdir()) == []


def test_workers_share_a_file_in_a_private_folder_that_is_removed(folder: Path) -> None:
    made = share(None, 2)

    assert made is not None
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o700
    assert variables() == (str(made.file), None)
    assert made.file.exists()
    made.remove()
    assert list(folder.iterdir()) == []


def test_settings_may_say_more_than_a_master_knows() -> None:
    made = share(None, 2, knows_settings=False)

    assert made is not None
    assert variables() == (None, str(made.file))
    made.remove()


def test_folder_of_a_killed_server_is_removed_and_others_stay(folder: Path) -> None:
    killed, alive = Folder(), Folder()
    (folder / "mockllm-state-empty").mkdir()
    (folder / "mockllm-state-link").symlink_to(killed.path)
    (folder / "mockllm-state-file").touch()
    os.close(killed._lock)

    remove_stale()

    assert {each.name for each in folder.iterdir()} == {
        alive.path.name,
        "mockllm-state-empty",
        "mockllm-state-link",
        "mockllm-state-file",
    }
    alive.remove()


def test_place_that_takes_no_file_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "missing"))

    with pytest.raises(click.ClickException, match=r"2 workers need a file .* set TMPDIR, or"):
        share(None, 2)
