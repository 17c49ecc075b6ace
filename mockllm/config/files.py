"""The files that paths mean, and whether they have changed."""

from __future__ import annotations

import os
import stat
from collections.abc import Hashable, Iterable, Iterator
from pathlib import Path

from mockllm.config.source import MAX_BYTES
from mockllm.core.problems import Location, Problem

SUFFIXES = (".yml", ".yaml")


def shown(paths: Iterable[Path]) -> str:
    """Return paths as people read them."""
    return ", ".join(map(str, paths))


def list_files(path: Path) -> tuple[Path, ...]:
    """Return the files that `path` means: itself, or a folder's own YAML files, sorted.

    Sub-folders, hidden files and editors' back-ups are not among them.
    """
    if not os.path.isdir(path):
        return (path,)
    names = sorted(
        name
        for name in os.listdir(path)
        if name.endswith(SUFFIXES) and not name.startswith((".", "#"))
    )
    return tuple(path / name for name in names if not (path / name).is_dir())


def fingerprint(*paths: Path) -> tuple[Hashable, ...]:
    """Return a value for each path, which differs when any file of it was edited, replaced, added
    or removed.

    Times are compared for inequality only: an edit may carry an older one.
    """
    return tuple(map(_fingerprint, paths))


def _fingerprint(path: Path) -> Hashable:
    try:
        files = list_files(path)
    except OSError as error:
        return error.errno
    return tuple((str(file), _stat(file)) for file in files)


def _stat(file: Path) -> Hashable:
    try:
        found = file.stat()
    except OSError as error:
        return error.errno
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_dev


def read_all(path: Path) -> Iterator[tuple[str, bytes] | Problem]:
    """Yield the name and content of each file of `path`, or why it cannot be had."""
    try:
        files = list_files(path)
    except OSError as error:
        yield _problem(path, f"the folder cannot be read: {error.strerror}")
        return
    if not files:
        yield _problem(path, "the folder has no *.yml or *.yaml file")
    for file in files:
        yield _read(file)


def _read(file: Path) -> tuple[str, bytes] | Problem:
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            return _problem(file, "this is not a regular file")
        if found.st_size > MAX_BYTES:
            limit = MAX_BYTES // 1024**2
            return _problem(file, f"the file is larger than {limit} MB", "split it", "MOCK009")
        return _name(file), file.read_bytes()
    except FileNotFoundError:
        return _problem(file, "there is no such file", "check the path")
    except OSError as error:
        return _problem(file, f"the file cannot be read: {error.strerror}")


def _problem(file: Path, message: str, hint: str | None = None, code: str = "MOCK008") -> Problem:
    return Problem(Location(_name(file)), "error", code, message, hint)


def _name(file: Path) -> str:
    return os.fsencode(file).decode(errors="backslashreplace")
