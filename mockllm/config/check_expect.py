"""Checks of what rules expect.

Each docstring is the check's page in the manual.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence

from mockllm.config.document import Document, error, rules_of
from mockllm.config.source import MapNode, Node, Scalar, shorten
from mockllm.config.value import value
from mockllm.core.problems import Problem

_MOST_NAMES = 10
_MOST_HINTS = 100  # each is looked for among all names


def expectations_that_can_be_met(document: Document) -> Iterator[Problem]:
    """MOCK035: numbers of requests that contradict each other.

    `exactly` stands alone, `at_least` is not more than `at_most`, and of no requests nothing else
    can be expected.

    Bad::

        rules:
          - when: {contains: pay}
            reply: "Paid."
            expect: {exactly: 1, at_most: 3}

    Good::

        rules:
          - when: {contains: pay}
            reply: "Paid."
            expect: {at_least: 1, at_most: 3}
    """
    for place in document.places:
        if place.kind == "expect" and isinstance(place.node, MapNode):
            yield from _contradictions(document, place.node)


def _contradictions(document: Document, node: MapNode) -> Iterator[Problem]:
    exactly, low, high = (_number(node, key) for key in ("exactly", "at_least", "at_most"))
    beside = [key for key in ("at_least", "at_most") if key in node.entries]
    if "exactly" in node.entries and beside:
        key = node.entries[beside[0]][0]
        message, hint = f"'exactly' and '{key.text}' contradict each other", "keep one of the two"
        yield error(document, key, "MOCK035", message, hint)
    elif low is not None and high is not None and low > high:
        key = node.entries["at_least"][0]
        message = f"'at_least' is {low} and 'at_most' {high}: no number is both"
        yield error(document, key, "MOCK035", message, f"write at_most: {low} or more")
    elif 0 in (exactly, high):
        others = [key for key in ("after_rule", "each") if key in node.entries]
        if others:
            key = node.entries[others[0]][0]
            message = f"'{key.text}' is about requests, and none is expected"
            yield error(document, key, "MOCK035", message, "leave it out")


def rules_that_come_before(documents: Sequence[Document]) -> Iterator[Problem]:
    """MOCK036: `after_rule` names a rule that there is not, or the rule itself.

    Bad::

        rules:
          - {name: log-in, when: {contains: log in}, reply: "Welcome."}
          - when: {contains: pay}
            reply: "Paid."
            expect: {after_rule: login}

    Good::

        rules:
          - {name: log-in, when: {contains: log in}, reply: "Welcome."}
          - when: {contains: pay}
            reply: "Paid."
            expect: {after_rule: log-in}
    """
    names = {
        name.text
        for document in documents
        for rule in rules_of(document)
        if isinstance(name := rule.value("name"), Scalar)
    }
    hints = 0
    for document in documents:
        for rule in rules_of(document):
            expect, name = rule.value("expect"), rule.value("name")
            other = expect.value("after_rule") if isinstance(expect, MapNode) else None
            if not isinstance(other, Scalar) or other.kind == "null":
                continue
            if isinstance(name, Scalar) and name.text == other.text:
                message = "'after_rule' names the rule itself"
                yield error(document, other, "MOCK036", message, "name another rule")
            elif other.text not in names:
                hints += 1
                message = f"'after_rule': there is no rule {shorten(other.text)}"
                hint = known_names(other.text, names) if hints <= _MOST_HINTS else None
                yield error(document, other, "MOCK036", message, hint)


def known_names(wanted: str, names: Collection[str]) -> str:
    """Return a hint for the name of a rule that there is not."""
    near = difflib.get_close_matches(wanted, names, 1)
    if near:
        return f"did you mean '{near[0]}'?"
    listed = ", ".join(sorted(names)[:_MOST_NAMES])
    return f"rules with a name: {listed}" if names else "no rule has a name; give it one"


def _number(node: MapNode, key: str) -> int | None:
    inner: Node | None = node.value(key)
    found = None if inner is None else value(inner)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
