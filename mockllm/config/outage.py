"""Faults that are sent while the server runs: the entries of `chaos`, validated as in a file."""

from __future__ import annotations

from msgspec import Struct

from mockllm.config import schema_keys as keys
from mockllm.config.body import SESSION, Shape, read_body, time_to_live
from mockllm.config.build_delivery import chaos
from mockllm.config.schema_keys import Schema
from mockllm.config.source import MapNode
from mockllm.core.problems import Problem
from mockllm.core.rules import Chaos

DEFAULT_TTL_S = 600.0

OUTAGE: Schema = {
    "faults": keys.place("what goes wrong, as `settings.chaos` has it", "list")
    | {"required": True},
    "session": SESSION,
    "ttl": time_to_live("when it heals by itself; `10m` unless given"),
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
    body, problems = read_body(content, _SHAPE)
    if body is None:
        return None, problems
    faults = body.root.value("faults")
    assert faults is not None
    ttl_s = DEFAULT_TTL_S if body.ttl_s is None else body.ttl_s
    return OutageText(chaos(faults, normalized), body.session, ttl_s), problems


def _as_file(root: MapNode) -> MapNode:
    if "faults" not in root.entries:
        return MapNode({}, root.line, root.column)
    key = root.entries["faults"][0]
    settings = MapNode({"chaos": root.entries["faults"]}, root.line, root.column)
    return MapNode({"settings": (key, settings)}, root.line, root.column)


_SHAPE = Shape(OUTAGE, '{"faults": [{"error": "overloaded"}], "ttl": "5m"}', _as_file)
