"""Bodies that are sent to mockllm's own pages: JSON or YAML, every node at its place in them."""

from __future__ import annotations

import re

from msgspec import structs

from mockllm.config.source import MapNode, Unreadable, decode, parse
from mockllm.config.syntax import place_after
from mockllm.core.problems import Location, Problem

NAME = "body"
MAX_BYTES = 1024 * 1024

_PAIR = re.compile(
    r"(?<!\\)(?P<before>(?:\\\\)*)\\u(?P<high>d[89ab][0-9a-f]{2})\\u(?P<low>d[c-f][0-9a-f]{2})",
    re.IGNORECASE,
)
"""One character as JSON may escape it, and YAML may not."""


def read_body(content: bytes, example: str) -> tuple[MapNode | None, list[Problem]]:
    """Return the mapping that a body is, None when it is none, and what is wrong with its YAML.
    `example` shows one that would do."""
    try:
        text = _PAIR.sub(_character, decode(content, NAME))
    except Unreadable as error:
        return None, [error.problem]
    root, problems = parse(text, NAME)
    if root is None and problems:
        end = Location(NAME, *place_after(text))  # the parser may be a line further
        return None, [structs.replace(each, location=min(each.location, end)) for each in problems]
    if not isinstance(root, MapNode):
        hint = f"for example: {example}"
        return None, [Problem(Location(NAME), "error", "MOCK010", "a mapping is needed", hint)]
    return root, problems


def _character(pair: re.Match[str]) -> str:
    code_units = "".join(pair.group("high", "low"))
    return pair["before"] + bytes.fromhex(code_units).decode("utf-16-be")
