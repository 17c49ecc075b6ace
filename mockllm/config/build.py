"""From valid documents to a ruleset. Never raises on documents without errors."""

from __future__ import annotations

from collections.abc import Sequence

from mockllm.config import units
from mockllm.config.checks import Document
from mockllm.config.source import MapNode, Node, Scalar
from mockllm.config.validator import value
from mockllm.core.compose import canned
from mockllm.core.problems import Location
from mockllm.core.rules import DEFAULT_MAX_BODY_BYTES, Rule, Ruleset, Settings
from mockllm.core.text import normalize

UNKNOWN_RESPONSE = "I don't know the answer to that."


def build(documents: Sequence[Document]) -> Ruleset:
    """Return the ruleset of documents that have been found valid."""
    answers: dict[str, Rule] = {}
    for document in documents:
        for text, (key, node) in _section(document, "responses").items():
            location = Location(document.file, key.line, key.column)
            answers[text] = Rule(text, location, canned(_text(node)))
    normalized: dict[str, Rule] = {}
    for text, rule in answers.items():
        normalized.setdefault(normalize(text), rule)
    return Ruleset(answers, normalized, _unknown(documents), _settings(documents))


def _unknown(documents: Sequence[Document]) -> Rule:
    for document in documents:
        entry = _section(document, "defaults").get("unknown_response")
        if entry is not None:
            key, node = entry
            location = Location(document.file, key.line, key.column)
            return Rule("unknown_response", location, canned(_text(node)))
    return Rule("unknown_response", None, canned(UNKNOWN_RESPONSE))


def _settings(documents: Sequence[Document]) -> Settings:
    found = {
        key: value(node)
        for document in documents
        for key, (_, node) in _section(document, "settings").items()
    }
    max_body = found.pop("max_body", None)
    max_body_bytes = units.size_bytes(str(max_body)) if max_body else None
    return Settings(**found, max_body_bytes=max_body_bytes or DEFAULT_MAX_BODY_BYTES)


def _section(document: Document, name: str) -> dict[str, tuple[Scalar, Node]]:
    node = document.root.value(name)
    return node.entries if isinstance(node, MapNode) else {}


def _text(node: Node) -> str:
    """Return the text of an answer, whether it is the text itself or a mapping with it."""
    text = node.value("text") if isinstance(node, MapNode) else node
    assert isinstance(text, Scalar)
    return text.text
