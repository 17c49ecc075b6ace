"""Where the responses come from when nobody hands them over."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from mockllm.core.problems import Location, Problem
from mockllm.errors import ConfigError

VARIABLES = ("MOCKLLM_RESPONSES", "MOCKLLM_RESPONSES_FILE")
"""The second is the original's name for it."""

STARTER = Path(__file__).with_name("starter.yml")

_FILE, _FOLDER = Path("responses.yml"), Path("responses")


Named = str | Path | Sequence[str | Path] | None
"""One path, several, of which a later one overrides the earlier ones, or none."""


class Source(Struct, frozen=True):
    """The files and folders to load, each of which overrides those before it. `notice` is what
    their user should know about the choice."""

    paths: tuple[Path, ...]
    notice: str | None = None


def discover(named: Named, environ: Mapping[str, str]) -> Source:
    """Return the source that is named, by argument or variable; else `responses.yml`, else the
    folder `responses`, both in the current folder; else the built-in starter.

    Raises:
        ConfigError: a path that is named is not there, or is named twice.
    """
    paths = _given(named)
    for variable in VARIABLES:
        paths = paths or _listed(environ.get(variable, ""))
    if paths:
        problems = tuple(_problems(paths))
        if problems:
            raise ConfigError(problems)
        return Source(paths)
    if _FILE.is_file():
        both = f"both {_FILE} and {_FOLDER}/ exist: {_FILE} is served" if _FOLDER.is_dir() else None
        return Source((_FILE,), both)
    if _FOLDER.is_dir():
        return Source((_FOLDER,))
    return Source(
        (STARTER,),
        f"there is neither {_FILE} nor {_FOLDER}/ here: the built-in starter is served"
        " (`mockllm init` writes it to responses.yml)",
    )


def _given(named: Named) -> tuple[Path, ...]:
    """Return what is named as paths; an empty name is none."""
    names = (named,) if isinstance(named, str | Path) else named or ()
    return tuple(Path(name) for name in names if name != "")


def _listed(names: str) -> tuple[Path, ...]:
    """Return the paths that a variable lists; one path when the whole is the name of a file that
    is there, though a separator be part of it."""
    return _given(names if os.path.exists(names) else names.split(os.pathsep))


def _problems(paths: tuple[Path, ...]) -> Iterator[Problem]:
    first: dict[str, Path] = {}
    for path in paths:
        if not os.path.exists(path):
            yield _problem(path, "there is no such file or folder")
        elif first.setdefault(os.path.realpath(path), path) is not path:
            hint = "name each once; a later one overrides the earlier ones"
            yield _problem(path, "this file or folder is named twice", hint)


def _problem(path: Path, message: str, hint: str | None = None) -> Problem:
    return Problem(Location(str(path)), "error", "MOCK008", message, hint)
