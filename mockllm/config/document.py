"""A file that could be read, and what its checks look at in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import assert_never

from msgspec import Struct, field

from mockllm.config import schema
from mockllm.config.build_when import TEXT_KEYS, scalars
from mockllm.config.places import REPLIES, Place, places
from mockllm.config.programs import Programs
from mockllm.config.schema_keys import Schema
from mockllm.config.source import ListNode, MapNode, Node, Scalar
from mockllm.config.value import value
from mockllm.core.conditions import NAMES
from mockllm.core.problems import Location, Problem
from mockllm.core.rules import Ruleset

_TEXT_VALUES = ("text", "template", "reasoning", "refusal")
_NEEDLE_KEYS = (
    *TEXT_KEYS, "system_contains", "any_message_contains", "tool_result_contains",
)  # fmt: skip
_OPEN_NAMES = tuple(key for key in NAMES if "allowed" not in schema.WHEN[key])


class Document(Struct, frozen=True, dict=True):
    """A file that could be read; `programs` are those of all files of a load. `served` is None but
    for what is sent while the server runs: then it is what answers meanwhile."""

    file: str
    root: MapNode
    programs: Programs = field(default_factory=Programs)
    served: Ruleset | None = None

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Every place in it: gone through by each check, and so worked out once."""
        return tuple(places(self.root))


def section_of(document: Document, name: str) -> dict[str, tuple[Scalar, Node]]:
    """Return the entries of a top-level mapping, {} when the document has none."""
    node = document.root.value(name)
    return node.entries if isinstance(node, MapNode) else {}


def rules_of(document: Document) -> Iterator[MapNode]:
    for place in document.places:
        if place.kind == "rule" and isinstance(place.node, MapNode):
            yield place.node


def prompts_of(document: Document) -> Iterator[Scalar]:
    responses = document.root.value("responses")
    if isinstance(responses, MapNode):
        for key, _ in responses.entries.values():
            yield key


def needles_of(document: Document) -> Iterator[Scalar]:
    """Yield the texts that conditions look for."""
    for place in document.places:
        if place.kind in ("when", "not") and isinstance(place.node, MapNode):
            yield from values_of(place.node, _NEEDLE_KEYS)


def names_of(document: Document) -> Iterator[Scalar]:
    """Yield the names that conditions look for."""
    for place in document.places:
        if place.kind in ("when", "not") and isinstance(place.node, MapNode):
            yield from values_of(place.node, _OPEN_NAMES)


def regexes_of(document: Document) -> Iterator[Scalar]:
    for place in document.places:
        if place.kind in ("when", "not") and isinstance(place.node, MapNode):
            yield from values_of(place.node, ("regex",))


def values_of(node: MapNode, keys: Sequence[str]) -> Iterator[Scalar]:
    for key in keys:
        inner = node.value(key)
        if inner is not None:
            yield from scalars(inner)


def answer_texts_of(document: Document) -> Iterator[Scalar]:
    """Yield the texts that are answers, wherever they stand."""
    for place in document.places:
        if isinstance(place.node, Scalar):
            if place.kind in (*REPLIES, "part"):
                yield place.node
        elif isinstance(place.node, MapNode) and place.kind in (*REPLIES, "part"):
            yield from values_of(place.node, _TEXT_VALUES)


def texts_of(document: Document) -> Iterator[Scalar]:
    """Yield every scalar that is taken as text."""
    yield from prompts_of(document)
    yield from needles_of(document)
    yield from answer_texts_of(document)


def templates_of(document: Document) -> Iterator[Scalar]:
    """Yield the texts that are templates: by their key, or by `render: true`."""
    for place in document.places:
        if not isinstance(place.node, MapNode) or place.kind not in (*REPLIES, "part"):
            continue
        render = place.node.value("render")
        if render is not None and value(render) is True:
            yield from _rendered(place.node)
        yield from values_of(place.node, ("template",))


def _rendered(node: MapNode) -> Iterator[Scalar]:
    """Yield the texts that `render: true` makes templates of: not names, nor ids."""
    for key in ("json", "text", "reasoning", "refusal"):
        inner = node.value(key)
        if inner is not None:
            yield from _leaves(inner)
    for key in ("tool_calls", "parts"):
        listed = node.value(key)
        for item in listed.items if isinstance(listed, ListNode) else ():
            call = item.value("tool_call") if isinstance(item, MapNode) else None
            owner = call or item
            spoken = owner.value("arguments") if isinstance(owner, MapNode) else owner
            if spoken is None and isinstance(item, MapNode) and call is None and key == "parts":
                spoken = item
            if spoken is not None:
                yield from _leaves(spoken)


def _leaves(node: Node) -> Iterator[Scalar]:
    match node:
        case Scalar():
            yield node
        case ListNode():
            for item in node.items:
                yield from _leaves(item)
        case MapNode():
            for _, inner in node.entries.values():
                yield from _leaves(inner)
        case _:
            assert_never(node)


def lacks(node: MapNode, keys: Sequence[str], known: Schema) -> bool:
    """Return whether a mapping has none of these keys, nor an unknown one, which was reported and
    may be meant for one of them."""
    return not any(key in node.entries for key in keys) and all(
        key in known or key == "tool_call" for key in node.entries
    )


def warning(document: Document, at: Node, code: str, message: str, hint: str) -> Problem:
    location = Location(document.file, at.line, at.column)
    return Problem(location, "warning", code, message, hint)


def error(document: Document, at: Node, code: str, message: str, hint: str | None) -> Problem:
    return Problem(Location(document.file, at.line, at.column), "error", code, message, hint)
