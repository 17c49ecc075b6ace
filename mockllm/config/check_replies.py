"""Checks of replies: what they say, and what goes with it.

Each docstring is the check's page in the manual.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path

from mockllm.config import schema
from mockllm.config.build_reply import read_file
from mockllm.config.document import Document, error, lacks
from mockllm.config.json_value import json_value
from mockllm.config.places import REPLIES
from mockllm.config.source import ListNode, MapNode, Node, Scalar, shorten
from mockllm.config.validator import describe
from mockllm.config.value import value
from mockllm.core.problems import Problem

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
_NO_FILES = "what is sent while the server runs cannot name files"
_OWN_HEADERS = {"content-length", "content-type", "transfer-encoding", "connection"}


def replies_of_one_kind(document: Document) -> Iterator[Problem]:
    """MOCK019: a reply says nothing, or several things at once.

    It has exactly one of `text`, `template`, `json`, `tool_calls`, `parts`, `refusal`, `error`,
    `embedding`, `moderation`, `file`, `lorem`, `echo`, `auto`. `text` may stand beside
    `tool_calls`, and `reasoning` beside `text`, `template`, `json` and `tool_calls`. A part has
    exactly one key.

    Bad::

        responses:
          "hello": {text: "Hi.", refusal: "No."}

    Good::

        responses:
          "hello": {text: "Hi."}
          "bye": {refusal: "No."}
    """
    for place in document.places:
        if not isinstance(place.node, MapNode):
            continue
        if place.kind in REPLIES:
            yield from _kinds_problem(document, place.node, schema.KINDS, "a reply")
        elif place.kind == "part":
            yield from _kinds_problem(document, place.node, list(schema.PART), "a part")


def _kinds_problem(
    document: Document, node: MapNode, kinds: Sequence[str], what: str
) -> Iterator[Problem]:
    found = [key for key in kinds if key in node.entries]
    if found in (["text", "tool_calls"], ["template", "tool_calls"]):
        return
    if len(found) == 1:
        alone = found[0] not in ("text", "template", "json", "tool_calls")
        if what == "a reply" and alone and "reasoning" in node.entries:
            message = f"'reasoning' does not go with '{found[0]}'"
            hint = "it goes with text, template, json and tool_calls; in parts it is a part"
            yield error(document, node.entries["reasoning"][0], "MOCK019", message, hint)
        return
    if not found and not lacks(node, kinds, schema.DRAWN_ITEM | schema.SEQUENCE_ITEM):
        return
    says = f"says {' and '.join(found)}" if found else "says nothing"
    hint = f"give it exactly one of {', '.join(kinds)}"
    yield error(document, node, "MOCK019", f"{what} {says}", hint)


def files_that_can_be_read(document: Document) -> Iterator[Problem]:
    """MOCK026: the file of a reply cannot be read, or lies above the YAML's folder. What is sent
    while the server runs cannot name one.

    Bad::

        responses:
          "long": {file: ../secret.md}

    Good::

        responses:
          "hello": "Hi."
    """
    folder = Path(document.file).parent
    for place in document.places:
        node = place.node.value("file") if isinstance(place.node, MapNode) else None
        if not isinstance(node, Scalar) or place.kind not in REPLIES:
            continue
        is_sent = document.served is not None
        reason = _NO_FILES if is_sent else _why_unreadable(node.text, folder)
        if reason is None or node.kind == "null":
            continue
        message = f"the file {shorten(node.text)} cannot be used: {reason}"
        hint = "send what it holds, as its text" if is_sent else None
        yield error(document, node, "MOCK026", message, hint)


def _why_unreadable(name: str, folder: Path) -> str | None:
    """Return why a reply's file cannot be used, None when it can."""
    try:
        if not (folder / name).resolve().is_relative_to(folder.resolve()):
            return "it is not below the YAML's folder"
        read_file(name, folder)
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or "it is no file's name"
    return None


def values_of_headers_and_params(document: Document) -> Iterator[Problem]:
    """MOCK005: a header takes text, and a condition on one takes text or a list of texts.

    Bad::

        responses:
          "hello": {text: "Hi.", headers: {x-a: [1]}}

    Good::

        responses:
          "hello": {text: "Hi.", headers: {x-a: "1"}}
    """
    for place in document.places:
        if not isinstance(place.node, MapNode):
            continue
        headers = place.node.value("headers")
        if not isinstance(headers, MapNode):
            continue
        many = place.kind in ("when", "not")
        seen = set(_OWN_HEADERS)
        for name, (key, node) in headers.entries.items():
            items = node.items if many and isinstance(node, ListNode) else [node]
            wanted = "text or a list of texts" if many else "text"
            if not _HEADER_NAME.fullmatch(name) or name.lower() in seen:
                message = f"{shorten(name)} cannot be a header's name here"
                yield error(document, key, "MOCK005", message, "each name once; no length or type")
            elif not items or any(
                isinstance(item, Scalar) and item.kind == "null" for item in items
            ):
                yield error(document, node, "MOCK007", f"the header {shorten(name)} is empty", None)
            else:
                yield from _header_problems(
                    document, f"the header {shorten(name)} takes {wanted}", items
                )
            seen.add(name.lower())


def _header_problems(document: Document, takes: str, items: Sequence[Node]) -> Iterator[Problem]:
    for item in items:
        if not isinstance(item, Scalar):
            yield error(document, item, "MOCK005", f"{takes}, not {describe(item)}", None)
        elif not _HEADER_VALUE.fullmatch(item.text):
            hint = "on one line, in Latin letters"
            yield error(document, item, "MOCK005", takes, hint)


def numbers_of_vectors(document: Document) -> Iterator[Problem]:
    """MOCK005: an `embedding` list takes numbers.

    Bad::

        responses:
          "cat": {embedding: [one, two]}

    Good::

        responses:
          "cat": {embedding: [0.6, 0.8]}
    """
    for place in document.places:
        node = place.node.value("embedding") if isinstance(place.node, MapNode) else None
        if isinstance(node, ListNode):
            wrong = [item for item in node.items if not _is_number(item)]
            if wrong or not node.items:
                at = wrong[0] if wrong else node
                yield error(document, at, "MOCK005", "'embedding' takes numbers", None)


def _is_number(node: Node) -> bool:
    if not isinstance(node, Scalar) or not node.plain:
        return False
    try:
        return type(value(node)) is not bool and isfinite(float(value(node) or json_value(node)))
    except (TypeError, ValueError, OverflowError):
        return False


def errors_that_say_what(document: Document) -> Iterator[Problem]:
    """MOCK004: an `error` needs a `kind` or a `status`; as a text it is a kind.

    Bad::

        responses:
          "fail": {error: {message: "No."}}

    Good::

        responses:
          "fail": {error: {kind: rate_limit, message: "No."}}
    """
    for place in document.places:
        node = place.node.value("error") if isinstance(place.node, MapNode) else None
        if isinstance(node, MapNode) and lacks(node, ("kind", "status"), schema.ERROR):
            yield error(document, node, "MOCK004", "an error needs a kind or a status",
                         "write kind: rate_limit, or status: 429")  # fmt: skip
        elif isinstance(node, Scalar) and node.text not in schema.ERROR_KINDS:
            if node.kind == "null":
                continue
            near = difflib.get_close_matches(node.text, schema.ERROR_KINDS, 1)
            kinds = ", ".join(schema.ERROR_KINDS)
            hint = f"did you mean '{near[0]}'?" if near else f"the kinds are {kinds}"
            message = f"{shorten(node.text)} is no kind of error"
            yield error(document, node, "MOCK006", message, hint)
