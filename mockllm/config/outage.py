"""Faults that are sent while the server runs: the entries of `chaos`, validated as in a file."""

from __future__ import annotations

from msgspec import Struct

from mockllm.config import checks, units, validator
from mockllm.config import schema_keys as keys
from mockllm.config.body import NAME, read_body
from mockllm.config.build_delivery import chaos
from mockllm.config.document import Document
from mockllm.config.schema_keys import Schema
from mockllm.config.source import MapNode, Scalar
from mockllm.config.value import value
from mockllm.core.problems import Problem, has_errors
from mockllm.core.rules import Chaos

DEFAULT_TTL_S = 600.0
_EXAMPLE = '{"faults": [{"error": "overloaded"}], "ttl": "5m"}'

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
    root, problems = read_body(content, _EXAMPLE)
    if root is None:
        return None, tuple(problems)
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


def _as_file(root: MapNode) -> MapNode:
    """Return the file in which such faults would stand, every node at its place in the body."""
    if "faults" not in root.entries:
        return MapNode({}, root.line, root.column)
    key = root.entries["faults"][0]
    settings = MapNode({"chaos": root.entries["faults"]}, root.line, root.column)
    return MapNode({"settings": (key, settings)}, root.line, root.column)
