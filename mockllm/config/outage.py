"""Faults that are sent while the server runs: the entries of `chaos`, validated as in a file."""

from __future__ import annotations

import re

from msgspec import Struct

from mockllm.config import checks, units, validator
from mockllm.config import schema_keys as keys
from mockllm.config.build_delivery import chaos
from mockllm.config.document import Document
from mockllm.config.schema_keys import Schema
from mockllm.config.source import MapNode, Scalar, Unreadable, decode, parse
from mockllm.config.value import value
from mockllm.core.problems import Location, Problem, has_errors
from mockllm.core.rules import Chaos

NAME = "body"
DEFAULT_TTL_S = 600.0
MAX_BYTES = 1024 * 1024

_PAIR = re.compile(
    r"(?<!\\)(?P<before>(?:\\\\)*)\\u(?P<high>d[89ab][0-9a-f]{2})\\u(?P<low>d[c-f][0-9a-f]{2})",
    re.IGNORECASE,
)
"""One character as JSON may escape it, and YAML may not."""

OUTAGE: Schema = {
    "faults": keys.place("what goes wrong, as `settings.chaos` has it", "list")
    | {"required": True},
    "session": keys.text("whose requests; everyone's unless given", empty=False),
    "ttl": keys.text("when it heals by itself; `10m` unless given", check_with="duration"),
}


class OutageText(Struct, frozen=True):
    """What was sent. `session` "" is everyone; it holds for `ttl_s` seconds."""

    faults: tuple[Chaos, ...]
    session: str = ""
    ttl_s: float = DEFAULT_TTL_S


def read_outage(
    content: bytes, normalized: bool = False
) -> tuple[OutageText | None, tuple[Problem, ...]]:
    """Return what a body asks for, None when there are errors among its problems. `normalized`
    tells how its conditions compare texts, as for `chaos`."""
    try:
        root, problems = parse(_PAIR.sub(_character, decode(content, NAME)), NAME)
    except Unreadable as error:
        return None, (error.problem,)
    if root is None and problems:
        return None, tuple(problems)
    if not isinstance(root, MapNode):
        hint = 'for example: {"faults": [{"error": "overloaded"}], "ttl": "5m"}'
        return None, (Problem(Location(NAME), "error", "MOCK010", "a mapping is needed", hint),)
    document = Document(NAME, _as_file(root))
    problems += validator.check(root, document.places, NAME, (OUTAGE, "here"))
    for check in checks.DOCUMENT_CHECKS:
        problems += check(document)
    found = tuple(sorted(problems))
    if has_errors(found):
        return None, found
    session, ttl = root.value("session"), root.value("ttl")
    faults = root.value("faults")
    assert faults is not None
    ttl_s = DEFAULT_TTL_S if ttl is None else units.duration_s(str(value(ttl)))
    return OutageText(
        chaos(faults, normalized),
        session.text if isinstance(session, Scalar) else "",
        ttl_s or 0.0,
    ), found


def _character(pair: re.Match[str]) -> str:
    code_units = "".join(pair.group("high", "low"))
    return pair["before"] + bytes.fromhex(code_units).decode("utf-16-be")


def _as_file(root: MapNode) -> MapNode:
    """Return the file in which such faults would stand, every node at its place in the body."""
    if "faults" not in root.entries:
        return MapNode({}, root.line, root.column)
    key = root.entries["faults"][0]
    settings = MapNode({"chaos": root.entries["faults"]}, root.line, root.column)
    return MapNode({"settings": (key, settings)}, root.line, root.column)
