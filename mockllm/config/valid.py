"""What Cerberus has found valid, remembered, so that it need not look at the like again.

Cerberus takes about 100 µs for a mapping, and a file may hold 300,000. It decides on each key by
itself, and by little: the type of the value, and where its rules say so whether the value is
empty, in bounds or allowed. That much of a value is its likeness here. Where all keys have
likenesses that were valid before, and no required one is missing, the mapping is valid too.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from mockllm.config.schema_keys import Schema
from mockllm.config.source import ListNode, MapNode, Node
from mockllm.config.value import scalar_value

MOST = 10_000  # only what a function checks has so many likenesses


class Valid:
    """The likenesses that were valid in one kind of mapping, which holds no mapping with a
    schema."""

    def __init__(self, table: Schema) -> None:
        self._table = table
        self._required = [key for key, rules in table.items() if rules.get("required")]
        self._known: set[Hashable] = set()

    def holds(self, node: MapNode) -> bool:
        """Return whether a mapping is certainly valid."""
        if any(key not in node.entries for key in self._required):
            return False
        return all(map(self._known.__contains__, self._likenesses(node)))

    def remember(self, node: MapNode) -> None:
        """Take in a mapping in which nothing is wrong."""
        if len(self._known) < MOST:
            self._known.update(self._likenesses(node))

    def _likenesses(self, node: MapNode) -> Iterator[Hashable]:
        """Yield what validity depends on, of each key and of each item of a list."""
        for key, (_, inner) in node.entries.items():
            rules = self._table.get(key, {})  # an unknown key is never taken in
            yield key, likeness(inner, rules)
            if isinstance(inner, ListNode) and "schema" in rules:
                of_items = rules["schema"]
                for item in inner.items:
                    yield key, "item", likeness(item, of_items)


def likeness(node: Node, rules: dict[str, Any]) -> Hashable:
    """Return all of a value that its rules look at."""
    if isinstance(node, ListNode):
        return list, not node.items
    if isinstance(node, MapNode):
        return dict, not node.entries
    found = node.text if node.kind == "str" else scalar_value(node)
    if "check_with" in rules:
        return type(found), found
    if "allowed" in rules:
        return type(found), found in rules["allowed"]
    if "min" in rules and isinstance(found, int | float):
        return type(found), rules["min"] <= found, found <= rules["max"]
    return type(found), found == ""
