"""Letting go of much, bit by bit.

To free what 100,000 rules hold is one call of 50 ms, in which no other thread runs and every
stream stands still. Freed in slices, others run in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from weakref import ref

from mockllm.config.document import Document
from mockllm.config.source import ListNode, MapNode
from mockllm.core.rules import Ruleset

_SLICE = 1_000


def free(held: list[object]) -> None:
    """Empty a list whose items nobody else holds."""
    for _ in range(0, len(held), _SLICE):
        del held[-_SLICE:]


def free_documents(documents: list[Document]) -> None:
    """Empty a list of documents that nobody else holds."""
    held = [part for document in documents for part in _parts(document)]
    documents.clear()
    free(held)


def _parts(document: Document) -> Iterator[object]:
    yield from document.places
    for _, node in document.root.entries.values():
        if isinstance(node, MapNode):
            yield from node.entries.values()
        elif isinstance(node, ListNode):
            yield from node.items


class Retired:
    """Rulesets that answer no new requests, until the last request that reads one has ended.

    Their rules are held here, so that what that last request frees is little.
    """

    def __init__(self) -> None:
        self._held: list[tuple[ref[Ruleset], list[object]]] = []

    def __len__(self) -> int:
        return len(self._held)

    def add(self, ruleset: Ruleset) -> None:
        """Take in a ruleset, unless it is small."""
        if len(ruleset.rules) + len(ruleset.answers) > _SLICE:
            rules: list[object] = [*ruleset.rules, *ruleset.answers.values()]
            self._held.append((ref(ruleset), rules))

    def free(self) -> None:
        """Free the rules of those that nobody reads any more."""
        held, self._held = self._held, []
        for ruleset, rules in held:
            if ruleset() is None:
                free(rules)
            else:
                self._held.append((ruleset, rules))
