"""What is sent while the server runs: read, located and checked as a file is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from msgspec import Struct

from mockllm.config import checks, units, validator
from mockllm.config import schema_keys as keys
from mockllm.config.document import Document
from mockllm.config.load import capped
from mockllm.config.schema_keys import Schema
from mockllm.config.source import MapNode, Scalar, Unreadable, decode, parse
from mockllm.config.value import value
from mockllm.core.problems import Location, Problem, has_errors
from mockllm.core.rules import Ruleset

NAME = "body"
MAX_BYTES = 1024 * 1024

SESSION = keys.text("whose requests; everyone's unless given", empty=False)

_PAIR = re.compile(
    r"(?<!\\)(?P<before>(?:\\\\)*)\\u(?P<high>d[89ab][0-9a-f]{2})\\u(?P<low>d[c-f][0-9a-f]{2})",
    re.IGNORECASE,
)
"""One character as JSON may escape it, and YAML may not."""


def time_to_live(about: str) -> dict[str, object]:
    """Return what the key `ttl` takes."""
    return keys.text(about, check_with="duration")


class Shape(Struct, frozen=True):
    """What a body may be: the table of its keys, an example, and the file in which the same would
    stand, every node at its place in the body."""

    table: Schema
    example: str
    as_file: Callable[[MapNode], MapNode]


class Body(Struct, frozen=True):
    """A body in which there are no errors."""

    root: MapNode
    document: Document

    @property
    def session(self) -> str:
        """Whose requests are meant, "" for everyone's."""
        session = self.root.value("session")
        return session.text if isinstance(session, Scalar) else ""

    @property
    def ttl_s(self) -> float | None:
        """How long it holds, None when that is not said."""
        ttl = self.root.value("ttl")
        return None if ttl is None else units.duration_s(str(value(ttl)))


def read_body(
    content: bytes, shape: Shape, served: Ruleset | None = None
) -> tuple[Body | None, tuple[Problem, ...]]:
    """Return a body, None when there are errors among its problems. `served` are the rules whose
    profiles it may name."""
    try:
        root, problems = parse(_PAIR.sub(_character, decode(content, NAME)), NAME)
    except Unreadable as error:
        return None, (error.problem,)
    if root is None and problems:
        return None, tuple(problems)
    if not isinstance(root, MapNode):
        message, hint = "a mapping is needed", f"for example: {shape.example}"
        return None, (Problem(Location(NAME), "error", "MOCK010", message, hint),)
    document = Document(NAME, shape.as_file(root), served=served)
    found = tuple(sorted(capped(chain(problems, _problems(root, document, shape)))))
    return (None if has_errors(found) else Body(root, document)), found


def _problems(root: MapNode, document: Document, shape: Shape) -> Iterator[Problem]:
    yield from validator.check(root, document.places, NAME, (shape.table, "here"))
    for check in checks.DOCUMENT_CHECKS:
        yield from check(document)
    documents: Sequence[Document] = (document,)
    for check_all in (*checks.FOLDER_CHECKS, *checks.RULESET_CHECKS):
        yield from check_all(documents)


def _character(pair: re.Match[str]) -> str:
    code_units = "".join(pair.group("high", "low"))
    return pair["before"] + bytes.fromhex(code_units).decode("utf-16-be")
