"""Checks of rules: their conditions and their choice of answers.

Each docstring is the check's page in the manual.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockllm.config import schema, units
from mockllm.config.document import Document, error, lacks, rules_of, values_of
from mockllm.config.source import ListNode, MapNode
from mockllm.config.validator import describe
from mockllm.core.problems import Problem


def rules_of_one_choice(document: Document) -> Iterator[Problem]:
    """MOCK020: a rule has no answer, or answers of several sorts.

    It has exactly one of `reply`, `replies`, `steps`, `one_of`. `when_exhausted` goes with
    `replies`.

    Bad::

        rules:
          - when: {contains: hello}

    Good::

        rules:
          - when: {contains: hello}
            reply: "Hi."
    """
    for place in rules_of(document):
        found = [key for key in schema.CHOICES if key in place.entries]
        if not found and not lacks(place, schema.CHOICES, schema.RULE):
            continue
        if len(found) != 1:
            has = f"has {' and '.join(found)}" if found else "has no answer"
            hint = f"give it exactly one of {', '.join(schema.CHOICES)}"
            yield error(document, place, "MOCK020", f"this rule {has}", hint)
        elif "when_exhausted" in place.entries and found != ["replies"]:
            key = place.entries["when_exhausted"][0]
            hint = "leave it out"
            message = "'when_exhausted' goes with 'replies'"
            yield error(document, key, "MOCK020", message, hint)


def whens_that_ask_for_something(document: Document) -> Iterator[Problem]:
    """MOCK021: a `when` that is empty, or has `always` beside other conditions.

    An empty `when` would match everything, by accident. `always: true` does so on purpose, and
    stands alone.

    Bad::

        rules:
          - when: {}
            reply: "Hi."

    Good::

        rules:
          - when: {always: true}
            reply: "Hi."
    """
    for place in document.places:
        if place.kind not in ("when", "not") or not isinstance(place.node, MapNode):
            continue
        name = place.key.text if place.key else place.kind
        if not place.node.entries:
            message = f"this '{name}' is empty"
            hint = "write always: true to match all" if name == "when" else "leave it out"
        elif (
            place.kind == "when" and "always" in place.node.entries and len(place.node.entries) > 1
        ):
            message, hint = "'always' stands alone", "leave out 'always' or the others"
        else:
            continue
        yield error(document, place.node, "MOCK021", message, hint)


def numbers_that_can_be_met(document: Document) -> Iterator[Problem]:
    """MOCK006: `turn`, `step` and `input_tokens` take `3`, `3+` or `3-5`; turns and steps count
    from 1. `params` takes a value, or a list of at least one.

    Bad::

        rules:
          - when: {turn: 0}
            reply: "Hi."

    Good::

        rules:
          - when: {turn: 1}
            reply: "Hi."
    """
    for place in document.places:
        if place.kind not in ("when", "not") or not isinstance(place.node, MapNode):
            continue
        for key in ("turn", "step", "input_tokens"):
            for scalar in values_of(place.node, (key,)):
                found = units.number_range(scalar.text)
                if (
                    scalar.text
                    and scalar.kind != "null"
                    and (found is None or found.low < (key != "input_tokens"))
                ):
                    message = f"'{key}': {describe(scalar)} is not a number or range"
                    yield error(document, scalar, "MOCK006", message, "write 3, 3+ or 3-5")
        params = place.node.value("params")
        for _, node in params.entries.values() if isinstance(params, MapNode) else ():
            if isinstance(node, ListNode) and not node.items:
                yield error(document, node, "MOCK007", "no value could be met", "add one")
