"""What is wrong beyond shape, a function for each check.

Each docstring is the check's page in the manual: what it means, a bad file and a good one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from mockllm.config.source import MapNode, Scalar, shorten
from mockllm.config.validator import answers
from mockllm.core.problems import Location, Problem

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_TEXT_KINDS = ("str", "null", "merge", "value")


class Document(Struct, frozen=True):
    """A file that could be read."""

    file: str
    root: MapNode


def texts_of_other_types(document: Document) -> Iterator[Problem]:
    """MOCK013: a text without quotes that YAML takes for something else.

    It is used as written. Quotes say that it is meant so.

    Bad::

        responses:
          7: yes

    Good::

        responses:
          "7": "yes"
    """
    for scalar in (*_prompts(document.root), *_texts(document.root)):
        if scalar.kind not in _TEXT_KINDS:
            yield _warning(
                document,
                scalar,
                "MOCK013",
                f"{shorten(scalar.text)} is taken as text",
                f"write {_quoted(scalar.text)}",
            )


def texts_cut_by_comments(document: Document) -> Iterator[Problem]:
    """MOCK014: a text without quotes that ends where a comment begins.

    Bad::

        responses:
          "what is C?": A language like C # but older

    Good::

        responses:
          "what is C?": "A language like C # but older"
    """
    for scalar in (*_prompts(document.root), *_texts(document.root)):
        if scalar.commented:
            yield _warning(
                document,
                scalar,
                "MOCK014",
                f"the text ends at {shorten(scalar.text)}: what follows ' #' is a comment",
                "quote the text if the '#' belongs to it",
            )


def prompts_nobody_sends(document: Document) -> Iterator[Problem]:
    """MOCK015: a prompt that holds a control character, or ends in a line break.

    `"\\\\b"` in double quotes is a backspace, and a block text keeps its last line break.

    Bad::

        responses:
          ? |
            what is 2+2?
          : "4"

    Good::

        responses:
          ? |-
            what is 2+2?
          : "4"
    """
    for prompt in _prompts(document.root):
        found = _CONTROL.search(prompt.text)
        if found:
            message = f"this prompt holds the control character U+{ord(found[0]):04X}"
            hint = "in double quotes write \\\\ for a backslash"
        elif prompt.text.endswith("\n"):
            message, hint = "this prompt ends in a line break", "write '|-' instead of '|'"
        else:
            continue
        yield _warning(document, prompt, "MOCK015", message, hint)


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


DOCUMENT_CHECKS: tuple[Callable[[Document], Iterator[Problem]], ...] = (
    texts_of_other_types,
    texts_cut_by_comments,
    prompts_nobody_sends,
)


def _prompts(root: MapNode) -> Iterator[Scalar]:
    responses = root.value("responses")
    if isinstance(responses, MapNode):
        for key, _ in responses.entries.values():
            yield key


def _texts(root: MapNode) -> Iterator[Scalar]:
    """Yield the scalars that are answers or the texts of answers."""
    for node in answers(root):
        text = node.value("text") if isinstance(node, MapNode) else node
        if isinstance(text, Scalar):
            yield text


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _warning(document: Document, at: Scalar, code: str, message: str, hint: str) -> Problem:
    location = Location(document.file, at.line, at.column)
    return Problem(location, "warning", code, message, hint)
