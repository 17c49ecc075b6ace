"""What is asked of the journal: conditions as in a file, how many, and what is to be ignored."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from mockllm.config import checks, validator
from mockllm.config import schema_keys as keys
from mockllm.config.body import NAME, parse_body
from mockllm.config.build_expect import expectation
from mockllm.config.build_when import build_when, texts
from mockllm.config.check_expect import known_names
from mockllm.config.document import Document
from mockllm.config.schema import EXPECT
from mockllm.config.schema_keys import Schema
from mockllm.config.source import ListNode, MapNode, Node, Scalar, shorten
from mockllm.core.problems import Location, Problem, has_errors
from mockllm.core.verdict import KINDS
from mockllm.core.verify import Question

_EXAMPLE = '{"when": {"contains": "pay"}, "exactly": 1}'

QUESTION: Schema = {
    "when": keys.place("which requests, as the `when` of a rule has it", "dict"),
    **EXPECT,
    "ignore": keys.listed("verdicts to leave out", allowed=list(KINDS)),
}


class Asked(Struct, frozen=True):
    """What was sent. `question` None asks for everything but the verdicts that are `ignored`."""

    question: Question | None = None
    ignored: tuple[str, ...] = ()


def read_question(
    content: bytes, rules: Collection[str], normalized: bool = False
) -> tuple[Asked | None, tuple[Problem, ...]]:
    """Return what a body asks, None when there are errors among its problems; an empty one asks
    for everything. `rules` are the names that there are, and `normalized` tells how conditions
    compare texts."""
    if not content.strip():
        return Asked(), ()
    root, problems = parse_body(content, _EXAMPLE)
    if root is None:
        return None, tuple(problems)
    document = Document(NAME, _as_file(root))
    own = [place for place in document.places if place.kind in ("when", "not")]
    problems += validator.check(root, own, NAME, (QUESTION, "here"))
    for check in checks.DOCUMENT_CHECKS:
        problems += check(document)
    problems += _misplaced(root)
    problems += _unknown_rule(root.value("after_rule"), rules)
    found = tuple(sorted(problems))
    if has_errors(found):
        return None, found
    when, ignored = root.value("when"), root.value("ignore")
    question = None
    if isinstance(when, MapNode):
        question = Question(build_when(when, normalized), expectation(root, normalized))
    return Asked(question, texts(ignored) if ignored is not None else ()), found


def _misplaced(root: MapNode) -> list[Problem]:
    """Return what is wrong with which keys there are."""
    keys = [entry[0] for name, entry in root.entries.items() if name in EXPECT]
    if "when" not in root.entries and keys:
        message = f"'{keys[0].text}' is about requests, and 'when' says which"
        return [_error(keys[0], "MOCK004", message, 'write "when": {...}')]
    if "when" in root.entries and "ignore" in root.entries:
        message = "'ignore' is about verdicts, and of requests by 'when' there is none"
        return [_error(root.entries["ignore"][0], "MOCK006", message, "leave it out")]
    return []


def _unknown_rule(name: Node | None, rules: Collection[str]) -> list[Problem]:
    if not isinstance(name, Scalar) or name.kind == "null" or name.text in rules:
        return []
    message = f"'after_rule': there is no rule {shorten(name.text)}"
    return [_error(name, "MOCK036", message, known_names(name.text, rules))]


def _error(at: Scalar, code: str, message: str, hint: str) -> Problem:
    return Problem(Location(NAME, at.line, at.column), "error", code, message, hint)


def _as_file(root: MapNode) -> MapNode:
    """Return the file in which such a rule would stand, every node at its place in the body."""
    line, column = root.line, root.column
    key = Scalar("rules", line, column)
    always = MapNode({"always": (key, Scalar("true", line, column, "bool", True))}, line, column)
    expect = {name: entry for name, entry in root.entries.items() if name in EXPECT}
    entries: dict[str, tuple[Scalar, Node]] = {
        "when": root.entries.get("when", (key, always)),
        "reply": (key, Scalar("", line, column)),
        "expect": (key, MapNode(expect, line, column)),
    }
    rules = ListNode([MapNode(entries, line, column)], line, column)
    return MapNode({"rules": (key, rules)}, line, column)
