"""Checks of the settings of one file.

Each docstring is the check's page in the manual.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockllm.config.document import Document, error
from mockllm.config.source import ListNode, MapNode, Scalar, shorten
from mockllm.core.problems import Location, Problem


def models_named_once(document: Document) -> Iterator[Problem]:
    """MOCK030: two models of one name, or an alias that another model has.

    Bad::

        settings:
          models:
            - gpt-4o
            - {name: gpt-4o-mini, aliases: [gpt-4o]}

    Good::

        settings:
          models:
            - gpt-4o
            - {name: gpt-4o-mini, aliases: [gpt-4o-small]}
    """
    first: dict[str, Location] = {}
    for place in document.places:
        for name in _names(place.node) if place.kind == "model" else ():
            location = Location(document.file, name.line, name.column)
            earlier = first.setdefault(name.text, location)
            if earlier is not location:
                message = f"the model {shorten(name.text)} is already in {earlier}"
                yield error(document, name, "MOCK030", message, "name each model once")


def _names(node: object) -> Iterator[Scalar]:
    if isinstance(node, Scalar) and node.text:
        yield node
    if not isinstance(node, MapNode):
        return
    name, aliases = node.value("name"), node.value("aliases")
    for each in (name, *(aliases.items if isinstance(aliases, ListNode) else ())):
        if isinstance(each, Scalar) and each.text:
            yield each
