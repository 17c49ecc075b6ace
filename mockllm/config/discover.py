"""Where the responses come from when nobody hands them over."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from mockllm.core.problems import Location, Problem
from mockllm.errors import ConfigError

VARIABLES = ("MOCKLLM_RESPONSES", "MOCKLLM_RESPONSES_FILE")
"""The second is the original's name for it."""

STARTER = Path(__file__).with_name("starter.yml")

_FILE, _FOLDER = Path("responses.yml"), Path("responses")


class Source(Struct, frozen=True):
    """A file or a folder to load. `notice` is what its user should know about the choice."""

    path: Path
    notice: str | None = None


def discover(named: str | Path | None, environ: Mapping[str, str]) -> Source:
    """Return the source that is named, by argument or variable; else `responses.yml`, else the
    folder `responses`, both in the current folder; else the built-in starter.

    Raises:
        ConfigError: the named one is not there.
    """
    name = named or next((environ[name] for name in VARIABLES if environ.get(name)), None)
    if name is not None:
        path = Path(name)
        if not os.path.exists(path):
            message = "there is no such file or folder"
            raise ConfigError((Problem(Location(str(path)), "error", "MOCK008", message),))
        return Source(path)
    if _FILE.is_file():
        both = f"both {_FILE} and {_FOLDER}/ exist: {_FILE} is served" if _FOLDER.is_dir() else None
        return Source(_FILE, both)
    if _FOLDER.is_dir():
        return Source(_FOLDER)
    return Source(
        STARTER,
        f"there is neither {_FILE} nor {_FOLDER}/ here: the built-in starter is served"
        " (`mockllm init` writes it to responses.yml)",
    )
