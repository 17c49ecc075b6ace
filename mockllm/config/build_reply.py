"""From a valid reply to its recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from mockllm.config.build_delivery import Profiles, error_reply, fault, timing
from mockllm.config.json_value import json_value
from mockllm.config.programs import template
from mockllm.config.source import ListNode, MapNode, Node, Scalar
from mockllm.config.value import value
from mockllm.core import compose
from mockllm.core.model import (
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
)
from mockllm.core.rules import (
    Automatic,
    Canned,
    Echo,
    Lorem,
    Making,
    Moderation,
    Recipe,
    Templated,
    TemplatedPart,
    Vector,
)
from mockllm.core.timing import BUILT_IN


class Context(Struct, frozen=True):
    """What a reply's words refer to: files, which are in `folder`, and profiles. `file` tells its
    loads from those of other files."""

    folder: Path
    profiles: Profiles = BUILT_IN
    file: str = ""


class _Piece(Struct, frozen=True):
    """One part of a reply as it stands in the YAML: its kind and its node."""

    kind: str
    node: Node


def build_recipe(node: Node, context: Context) -> Recipe:
    """Return the recipe of a reply."""
    if isinstance(node, Scalar):
        return Recipe(Canned(compose.canned(node.text)))
    assert isinstance(node, MapNode)
    making = _making(node, context.folder)
    recipe = value(node)
    pace, damage = node.value("timing"), node.value("fault")
    name = f"{context.file}:{node.line}:{node.column}"
    return Recipe(
        making,
        finish=recipe.get("finish"),
        usage=recipe.get("usage") or {},
        headers=_headers(node),
        weight=float(recipe.get("weight", 1)),
        times=recipe.get("times", 1),
        timing=None if pace is None else timing(pace, context.profiles, name),
        fault=None if damage is None else fault(damage),
    )


def read_file(name: str, folder: Path) -> str:
    """Return the text of a reply's file.

    Raises:
        OSError, UnicodeDecodeError: it cannot be read.
    """
    return (folder / name).read_text(encoding="utf-8")


def _headers(node: MapNode) -> tuple[tuple[str, str], ...]:
    headers = node.value("headers")
    if not isinstance(headers, MapNode):
        return ()
    return tuple(
        (name, inner.text)
        for name, (_, inner) in headers.entries.items()
        if isinstance(inner, Scalar)
    )


def _making(node: MapNode, folder: Path) -> Making:
    for key, make in _SPECIAL.items():
        inner = node.value(key)
        if inner is not None:
            return make(inner)
    file = node.value("file")
    if isinstance(file, Scalar):
        return Canned(compose.canned(read_file(file.text, folder)))
    pieces = _pieces(node)
    render = bool(value(node).get("render"))
    if render or any(piece.kind == "template" for piece in pieces):
        return Templated(tuple(_templated_part(piece, render) for piece in pieces))
    return Canned(compose.reply_of(tuple(map(_part, pieces))))


def _pieces(node: MapNode) -> list[_Piece]:
    """Return the parts of a reply in the order in which they are said."""
    listed = node.value("parts")
    if isinstance(listed, ListNode):
        return [_piece(item) for item in listed.items]
    found = [
        _Piece(key, inner)
        for key in ("reasoning", "text", "template", "json", "refusal")
        if (inner := node.value(key)) is not None
    ]
    calls = node.value("tool_calls")
    if isinstance(calls, ListNode):
        found += [_Piece("tool_call", item) for item in calls.items]
    return found


def _piece(item: Node) -> _Piece:
    if not isinstance(item, MapNode):
        return _Piece("text", item)
    kind, (_, inner) = next(iter(item.entries.items()))
    return _Piece(kind, inner)


def _part(piece: _Piece) -> Part:
    node = piece.node
    if isinstance(node, MapNode) and piece.kind == "tool_call":
        arguments = node.value("arguments")
        call_id = node.value("id")
        return ToolCall(
            call_id.text if isinstance(call_id, Scalar) else "",
            _text(node.value("name")),
            compose.json_text(json_value(arguments) if arguments is not None else {}),
        )
    if piece.kind == "json":
        return Text(compose.json_text(json_value(node)), is_json=True)
    return _PARTS[piece.kind](_text(node))


_PARTS: Mapping[str, Callable[[str], Part]] = {
    "text": Text,
    "reasoning": Reasoning,
    "refusal": Refusal,
}


def _templated_part(piece: _Piece, render: bool) -> TemplatedPart:
    """Return a part of a reply that has templates; `render` makes one of every text."""
    node, text = piece.node, template if render else str
    if isinstance(node, MapNode) and piece.kind == "tool_call":
        arguments, call_id = node.value("arguments"), node.value("id")
        return TemplatedPart(
            "tool_call",
            {} if arguments is None else json_value(arguments, text),
            _text(node.value("name")),
            call_id.text if isinstance(call_id, Scalar) else "",
        )
    match piece.kind:
        case "json":
            return TemplatedPart("json", json_value(node, text))
        case "reasoning":
            return TemplatedPart("reasoning", text(_text(node)))
        case "refusal":
            return TemplatedPart("refusal", text(_text(node)))
        case "template":
            return TemplatedPart("text", template(_text(node)))
        case _:
            return TemplatedPart("text", text(_text(node)))


def _text(node: Node | None) -> str:
    assert isinstance(node, Scalar)
    return node.text


def _vector(node: Node) -> Making:
    if isinstance(node, ListNode):
        return Vector(tuple(float(each) for each in value(node)))
    found: dict[str, Any] = value(node)
    return Vector(like=_text(_member(node, "like")), similarity=float(found.get("similarity", 1)))


def _moderation(node: Node) -> Making:
    return Moderation(tuple(value(node)["flagged"]))


def _member(node: Node, key: str) -> Node | None:
    return node.value(key) if isinstance(node, MapNode) else None


_SPECIAL: Mapping[str, Callable[[Node], Making]] = {
    "error": lambda node: Canned(error_reply(node)),
    "echo": lambda _: Echo(),
    "auto": lambda _: Automatic(),
    "lorem": lambda node: Lorem(value(node)["tokens"]),
    "embedding": _vector,
    "moderation": _moderation,
}
