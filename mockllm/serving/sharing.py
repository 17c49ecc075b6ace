"""The file that gunicorn's workers share: the one that is named, else one in a private folder."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import click

from mockllm.state.chosen import CHOSEN, SHARED
from mockllm.state.database import Database, UnusableFile

_PREFIX = "mockllm-state-"
_FILE = "state.sqlite"


class Folder:
    """A private folder for the state of one server, locked as long as a process of it runs."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        Database(self.file).check()  # only a folder that has a file is ever taken for a stale one

    @property
    def file(self) -> Path:
        return self.path / _FILE

    def remove(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def share(named: str | None, workers: int, knows_settings: bool = True) -> Folder | None:
    """Tell the workers, by variables, which file they share; return the folder made for it.

    `named` is the file in the settings. One worker shares nothing unless a file is named.

    Raises:
        click.ClickException: no file can be made.
    """
    for variable in (CHOSEN, SHARED):
        os.environ.pop(variable, None)
    if named is not None:
        os.environ[CHOSEN] = os.path.abspath(named)
        return None
    if workers < 2:
        return None
    remove_stale()
    try:
        folder = Folder()
    except (OSError, UnusableFile) as error:
        raise click.ClickException(
            f"{workers} workers need a file to share, and none can be made in"
            f" {tempfile.gettempdir()} ({error}): set TMPDIR, or settings.state"
        ) from None
    os.environ[CHOSEN if knows_settings else SHARED] = str(folder.file)
    return folder


def remove_stale() -> None:
    """Remove the folders of servers that were killed: nobody holds their locks."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            _remove_if_stale(path)


def _remove_if_stale(path: Path) -> None:
    found = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(found).st_uid == os.geteuid() and (path / _FILE).exists():
            fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)
    finally:
        os.close(found)
