"""Where the mappings of a document stand, each with the kind of place it is."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from mockllm.config.source import ListNode, MapNode, Node, Scalar


class Place(Struct, frozen=True):
    """A node and the kind of place it stands in (`schema.PLACES`), or `answer` and `item`s where
    a text may stand in for a mapping. `key` is what it stands under. `is_item` means that no
    schema has looked at the kind of node: it is an item of a list, or the answer to a prompt."""

    kind: str
    node: Node
    key: Scalar | None = None
    is_item: bool = False


_INSIDE_REPLY = {
    "error": "error",
    "embedding": "embedding",
    "moderation": "moderation",
    "lorem": "lorem",
    "usage": "usage",
}
_HOLDING = frozenset((*_INSIDE_REPLY, "tool_calls", "parts", "timing", "fault"))
_LISTS = {"replies": "sequence item", "one_of": "drawn item", "steps": "reply"}
REPLIES = ("reply", "sequence item", "drawn item")


def places(root: MapNode) -> Iterator[Place]:
    """Yield every place in a document but the top, whatever kind of node stands there."""
    responses, rules, defaults = (root.value(name) for name in ("responses", "rules", "defaults"))
    if isinstance(rules, ListNode):
        for node in rules.items:
            yield from _rule(node)
    settings = root.value("settings")
    if isinstance(settings, MapNode):
        yield from _settings(settings)
    if isinstance(responses, MapNode):
        for key, node in responses.entries.values():
            yield from _answer(node, key)
    if isinstance(defaults, MapNode):
        if "unknown_response" in defaults.entries:
            key, node = defaults.entries["unknown_response"]
            yield from _reply("reply", node, key)
        yield from _delivery(defaults)


def _settings(settings: MapNode) -> Iterator[Place]:
    for place in _listed(settings, "models", "model"):
        yield place
        if isinstance(place.node, MapNode):
            yield from _delivery(place.node)
    profiles = settings.value("profiles")
    if isinstance(profiles, MapNode):
        for key, node in profiles.entries.values():
            yield from _timing(node, key)
    for place in _listed(settings, "chaos", "chaos"):
        yield place
        if isinstance(place.node, MapNode):
            yield from _when(place.node)
            yield from _inside(place.node, "error", "error")
            yield from _delivery(place.node)
    yield from _listed(settings, "limits", "limit")
    yield from _inside(settings, "state", "state")


def _delivery(node: MapNode) -> Iterator[Place]:
    """Yield the places of `timing` and `fault`, where they are mappings."""
    timing = node.entries.get("timing")
    if timing is not None and isinstance(timing[1], MapNode):
        yield from _timing(timing[1], timing[0])
    yield from _inside(node, "fault", "fault")


def _timing(node: Node, key: Scalar) -> Iterator[Place]:
    yield Place("timing", node, key, is_item=True)
    if isinstance(node, MapNode):
        yield from _inside(node, "first_token", "percentiles")
        yield from _inside(node, "load", "load")


def _inside(node: MapNode, name: str, kind: str) -> Iterator[Place]:
    """Yield the place under a key, where it is a mapping."""
    if name in node.entries:
        key, inner = node.entries[name]
        if isinstance(inner, MapNode):
            yield Place(kind, inner, key)


def _answer(node: Node, key: Scalar) -> Iterator[Place]:
    """Yield the places of a value of `responses`: a reply, or the steps of an agent's loop."""
    if isinstance(node, MapNode) and "steps" in node.entries:
        yield Place("steps", node, key)
        yield from _choices(node)
    else:
        yield from _reply("reply", node, key, is_item=True)


def _rule(node: Node) -> Iterator[Place]:
    yield Place("rule", node, is_item=True)
    if not isinstance(node, MapNode):
        return
    yield from _when(node)
    for place in _inside(node, "expect", "expect"):
        yield place
        yield from _when(place.node, "each")
    if "reply" in node.entries:
        key, reply = node.entries["reply"]
        yield from _reply("reply", reply, key)
    yield from _choices(node)


def _when(node: Node, name: str = "when") -> Iterator[Place]:
    if isinstance(node, MapNode) and name in node.entries:
        key, when = node.entries[name]
        yield Place("when", when, key)
        if isinstance(when, MapNode) and "not" in when.entries:
            inner_key, inner = when.entries["not"]
            yield Place("not", inner, inner_key)


def _choices(node: MapNode) -> Iterator[Place]:
    for name, kind in _LISTS.items():
        if name in node.entries:
            key, items = node.entries[name]
            if isinstance(items, ListNode):
                for item in items.items:
                    yield from _reply(kind, item, key, is_item=True)


def _reply(kind: str, node: Node, key: Scalar, is_item: bool = False) -> Iterator[Place]:
    yield Place(kind, node, key, is_item)
    if not isinstance(node, MapNode) or _HOLDING.isdisjoint(node.entries):
        return
    for name, inner_kind in _INSIDE_REPLY.items():
        yield from _inside(node, name, inner_kind)
    yield from _delivery(node)
    yield from _listed(node, "tool_calls", "tool call")
    for place in _listed(node, "parts", "part"):
        yield place
        call = place.node.value("tool_call") if isinstance(place.node, MapNode) else None
        if isinstance(call, MapNode):
            yield Place("tool call", call, place.key)


def _listed(node: MapNode, name: str, kind: str) -> Iterator[Place]:
    if name in node.entries:
        key, items = node.entries[name]
        if isinstance(items, ListNode):
            for item in items.items:
                yield Place(kind, item, key, is_item=True)
