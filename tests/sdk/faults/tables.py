"""What programs see of each fault, as the tables of `docs/faults.md`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from typing import NamedTuple

from mockllm.core.faults import LASTING, WIRE_FAULTS
from tests.sdk.faults.callers import CALLERS, NOT_RAISED, Question, Saw, ask

TEXT = "Süße Grüße: zwölf Bäche fließen müde über große Wölfe."
"""Wherever it is cut a character of several bytes is still to come; no two neighbours are equal."""

TABLES = {"sdk-streams": True, "sdk-whole": False}
"""The tables, and whether the answers in them are streamed."""

_PACKAGE = re.compile(r"`([\w-]+)`")
_VERSION = re.compile(r"(?<=` )\d[\w.]*")


class Row(NamedTuple):
    """A fault, and the patience of the client that meets it."""

    fault: str
    patience_s: float | None = None

    @property
    def head(self) -> str:
        if self.patience_s is None:
            return f"`{self.fault}`"
        return f"`{self.fault}`, and a timeout of {self.patience_s} s"


def rows() -> Iterator[Row]:
    for kind in ("overloaded", "rate_limit", "server", *WIRE_FAULTS):
        yield Row(f"{kind}; for=100ms" if kind in LASTING else kind)
        if kind == "reset":
            yield Row("reset; after=50%")
        if kind == "stall":
            yield Row("stall", patience_s=0.5)


def table(url: str, streams: bool) -> str:
    """Return the table of what the server at `url` does to each SDK."""
    asked = [
        (caller, Question(url, row.fault, streams, row.patience_s))
        for row in rows()
        for caller in CALLERS.values()
    ]
    with ThreadPoolExecutor(len(CALLERS)) as pool:
        cells = pool.map(lambda each: cell(ask(*each)), asked)
        lines = [[row.head, *(next(cells) for _ in CALLERS)] for row in rows()]
    heads = ["Fault", *map(_with_version, CALLERS)]
    return "".join(f"| {' | '.join(line)} |\n" for line in (heads, ["---"] * len(heads), *lines))


def cell(saw: Saw) -> str:
    """Return what a program sees; in bold what it may not notice."""
    return _outcome(saw) + (f", {saw.requests} attempts" if saw.requests > 1 else "")


def _outcome(saw: Saw) -> str:
    if saw.heard is None:
        return f"raises `{saw.raised}`"
    if saw.heard.reason == NOT_RAISED:
        return "**an `error` event, and nothing raised**"
    if saw.heard.text == TEXT:
        return "complete" if saw.heard.reason else "complete, without a reason"
    is_cut = TEXT.startswith(saw.heard.text)
    return "**ends as if complete**" if is_cut else "**another text**"


def without_versions(page: str) -> str:
    return _VERSION.sub("", page)


def _with_version(head: str) -> str:
    return _PACKAGE.sub(lambda found: f"{found[0]} {metadata.version(found[1])}", head)
