"""From valid documents to a ruleset. Never raises on documents without errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

from mockllm.config import units
from mockllm.config.build_models import models
from mockllm.config.build_reply import build_recipe
from mockllm.config.build_when import build_when, texts
from mockllm.config.document import Document
from mockllm.config.places import REPLIES
from mockllm.config.prefixes import ordered
from mockllm.config.source import ListNode, MapNode, Node, Scalar
from mockllm.config.value import value
from mockllm.core.compose import UNKNOWN_RESPONSE, canned
from mockllm.core.conditions import Condition, NameIs, Not
from mockllm.core.index import build_index
from mockllm.core.model import ChatReply, Reasoning, ToolCall
from mockllm.core.problems import Location
from mockllm.core.rules import (
    Canned,
    Pick,
    Recipe,
    Rule,
    Ruleset,
    Settings,
    Templated,
)
from mockllm.core.text import normalize

_PICKS: tuple[tuple[str, Pick], ...] = (
    ("replies", "in_order"),
    ("steps", "by_step"),
    ("one_of", "drawn"),
)
_LOOP_KEYS = ("tool_result", "tool_result_contains", "step")
_SIZES = (("max_body", "max_body_bytes"), ("match_limit", "match_limit"))


def build(documents: Sequence[Document]) -> Ruleset:
    """Return the ruleset of documents that have been found valid.

    Of a setting, default, prompt or rule's name that several have, the first one's is taken.
    """
    settings = _settings(documents)
    rules = tuple(_rules(documents, settings.match == "normalized"))
    answers: dict[str, Rule] = {}
    for document in documents:
        for text, (key, node) in section(document, "responses").items():
            if text not in answers:
                answers[text] = _answer(text, key, node, document)
    normalized: dict[str, Rule] = {}
    for text, rule in answers.items():
        normalized.setdefault(normalize(text), rule)
    return Ruleset(
        rules,
        build_index([rule.when for rule in rules]),
        answers,
        normalized,
        _unknown(documents),
        settings,
        any(map(_reads_state, rules)),
        tuple(sorted(_files(documents))),
    )


def _files(documents: Sequence[Document]) -> Iterator[str]:
    """Yield the files that replies are read from."""
    for document in documents:
        for place in document.places:
            node = place.node.value("file") if isinstance(place.node, MapNode) else None
            if place.kind in REPLIES and isinstance(node, Scalar):
                yield str(_folder(document) / node.text)


def section(document: Document, name: str) -> dict[str, tuple[Scalar, Node]]:
    """Return the entries of a top-level mapping, {} when the document has none."""
    node = document.root.value(name)
    return node.entries if isinstance(node, MapNode) else {}


def rule_nodes(document: Document) -> Iterator[MapNode]:
    """Yield the rules of a document."""
    rules = document.root.value("rules")
    if isinstance(rules, ListNode):
        yield from (node for node in rules.items if isinstance(node, MapNode))


def _rules(documents: Sequence[Document], normalized: bool) -> Iterator[Rule]:
    seen: Counter[str] = Counter()
    for document in documents:
        for node in rule_nodes(document):
            identity = _identity(node, seen)
            if identity is not None:
                yield _rule(node, document, normalized, identity)


def _rule(node: MapNode, document: Document, normalized: bool, identity: str) -> Rule:
    found = value(node)
    name = node.value("name")
    label = name.text if isinstance(name, Scalar) else f"rule at line {node.line}"
    when_node = node.value("when")
    assert isinstance(when_node, MapNode)
    when = build_when(when_node, normalized)
    pick, recipes = _recipes(node, _folder(document))
    goto = node.value("goto")
    return Rule(
        label,
        Location(document.file, node.line, node.column),
        recipes,
        when,
        pick,
        found.get("when_exhausted", "repeat_last"),
        found.get("times"),
        goto.text if isinstance(goto, Scalar) else None,
        identity,
        _yields(pick, recipes, when),
    )


def _identity(node: MapNode, seen: Counter[str]) -> str | None:
    """Return what the state of a rule is kept under: its name, else a digest of its content, so
    that a reload that leaves the rule as it was leaves its state too. None for a name that was
    `seen`: that rule is replaced."""
    name = node.value("name")
    if isinstance(name, Scalar):
        identity = f"name {name.text}"
        seen[identity] += 1
        return identity if seen[identity] == 1 else None
    digest = blake2b(repr(value(node)).encode(), digest_size=16).hexdigest()
    seen[digest] += 1
    return f"content {digest} {seen[digest]}"


def _recipes(node: MapNode, folder: Path) -> tuple[Pick, tuple[Recipe, ...]]:
    for key, pick in _PICKS:
        items = node.value(key)
        if isinstance(items, ListNode):
            return pick, tuple(build_recipe(item, folder) for item in items.items)
    reply = node.value("reply")
    assert reply is not None
    return "one", (build_recipe(reply, folder),)


def _answer(text: str, key: Scalar, node: Node, document: Document) -> Rule:
    location = Location(document.file, key.line, key.column)
    if isinstance(node, Scalar):
        return Rule(text, location, (Recipe(Canned(canned(node.text))),))
    folder = _folder(document)
    if isinstance(node, MapNode) and "steps" in node.entries:
        pick, recipes = _recipes(node, folder)
    else:
        pick, recipes = "one", (build_recipe(node, folder),)
    return Rule(
        text,
        location,
        recipes,
        pick=pick,
        identity=f"answer {text}",
        yields_to_results=_yields(pick, recipes, ()),
    )


def _yields(pick: Pick, recipes: tuple[Recipe, ...], when: tuple[Condition, ...]) -> bool:
    """Return whether a rule is passed over while a tool's result is the newest message."""
    if pick != "one" or any(condition.key in _LOOP_KEYS for condition in when):
        return False
    match recipes[0].making:
        case Canned(ChatReply(parts=parts)):
            said = [part for part in parts if not isinstance(part, Reasoning)]
            return bool(said) and all(isinstance(part, ToolCall) for part in said)
        case Templated(parts=templated):
            return all(part.kind in ("tool_call", "reasoning") for part in templated)
        case _:
            return False


def _reads_state(rule: Rule) -> bool:
    conditions = list(rule.when)
    for condition in rule.when:
        if isinstance(condition, Not):
            conditions += condition.conditions
    return rule.goto is not None or any(
        isinstance(condition, NameIs) and condition.key == "state" for condition in conditions
    )


def _unknown(documents: Sequence[Document]) -> Rule:
    for document in documents:
        entry = section(document, "defaults").get("unknown_response")
        if entry is not None:
            key, node = entry
            location = Location(document.file, key.line, key.column)
            recipe = build_recipe(node, _folder(document))
            yields = _yields("one", (recipe,), ())
            return Rule("unknown_response", location, (recipe,), yields_to_results=yields)
    return Rule("unknown_response", None, (Recipe(Canned(canned(UNKNOWN_RESPONSE))),))


def _settings(documents: Sequence[Document]) -> Settings:
    nodes = {
        key: node
        for document in reversed(documents)
        for key, (_, node) in section(document, "settings").items()
    }
    found = {key: value(node) for key, node in nodes.items()}
    if "prefixes" in nodes:
        found["prefixes"] = ordered(texts(nodes["prefixes"]))
    if "api_keys" in nodes:
        found["api_keys"] = texts(nodes["api_keys"])
    if "models" in nodes:
        found["models"] = models(nodes["models"])
    if "openai_extras" in nodes:
        found["openai_extras"] = texts(nodes["openai_extras"])
    for key, name in _SIZES:
        size = units.size_bytes(str(found.pop(key, "")))
        if size is not None:
            found[name] = size
    return Settings(**found)


def _folder(document: Document) -> Path:
    return Path(document.file).parent
