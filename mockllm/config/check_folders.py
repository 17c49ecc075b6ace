"""Checks of several files together: those of a folder, or all that is served.

Each docstring is the check's page in the manual.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from mockllm.config.document import Document, rules_of, values_of, warning
from mockllm.config.source import MapNode, Scalar, shorten
from mockllm.core.conditions import glob
from mockllm.core.problems import Location, Problem

MAX_WORK = 1_000_000
"""How much of tools' names is compared, about in characters: all with all would be for ever."""


def same_key_in_two_files(documents: Sequence[Document]) -> Iterator[Problem]:
    """MOCK016: the same prompt, default or setting in two files of a folder.

    Bad::

        # one.yml
        responses: {hello: Hi.}
        # two.yml
        responses: {hello: Hello.}

    Good::

        # one.yml
        responses: {hello: Hi.}
        # two.yml
        responses: {good morning: Hello.}
    """
    first: dict[tuple[str, str], Location] = {}
    for document in documents:
        for section, (_, node) in document.root.entries.items():
            if not isinstance(node, MapNode) or section.startswith("x-"):
                continue
            for text, (key, _) in node.entries.items():
                location = Location(document.file, key.line, key.column)
                earlier = first.setdefault((section, text), location)
                if earlier is not location:
                    message = f"{shorten(text)} is already in {earlier}"
                    hint = f"keep it in one of the two '{section}'"
                    yield Problem(location, "error", "MOCK016", message, hint)


def rule_names_given_once(documents: Sequence[Document]) -> Iterator[Problem]:
    """MOCK027: two rules of one name. Their state would be the same.

    Bad::

        rules:
          - {name: a, when: {contains: x}, reply: "1"}
          - {name: a, when: {contains: y}, reply: "2"}

    Good::

        rules:
          - {name: a, when: {contains: x}, reply: "1"}
          - {name: b, when: {contains: y}, reply: "2"}
    """
    first: dict[str, Location] = {}
    for document in documents:
        for node in rules_of(document):
            name = node.value("name")
            if not isinstance(name, Scalar):
                continue
            location = Location(document.file, name.line, name.column)
            earlier = first.setdefault(name.text, location)
            if earlier is not location:
                message = f"the rule's name {shorten(name.text)} is already in {earlier}"
                yield Problem(location, "error", "MOCK027", message, "give it a name of its own")


def tool_names_that_agree(documents: Sequence[Document]) -> Iterator[Problem]:
    """MOCK028: a tool's name in a condition that is near, but not among, those in the answers.

    Bad::

        rules:
          - when: {tool_result: get_wether}
            reply: "Sunny."
          - when: {contains: weather}
            reply: {tool_calls: [{name: get_weather}]}

    Good::

        rules:
          - when: {tool_result: get_weather}
            reply: "Sunny."
          - when: {contains: weather}
            reply: {tool_calls: [{name: get_weather}]}
    """
    called = {
        name.text
        for document in documents
        for place in document.places
        if place.kind == "tool call" and isinstance(place.node, MapNode)
        if isinstance(name := place.node.value("name"), Scalar)
    }
    work = 0
    for document in documents:
        for place in document.places:
            if place.kind in ("when", "not") and isinstance(place.node, MapNode):
                for scalar in values_of(place.node, ("tool_result", "tool_offered")):
                    if scalar.text in called:
                        continue
                    work += len(called) * len(scalar.text)
                    if work > MAX_WORK:
                        return
                    near = difflib.get_close_matches(scalar.text, called, 1, 0.8)
                    if near and not any(map(glob(scalar.text).fits, called)):
                        message = f"no answer here calls the tool {shorten(scalar.text)}"
                        hint = f"did you mean '{near[0]}'?"
                        yield warning(document, scalar, "MOCK028", message, hint)
