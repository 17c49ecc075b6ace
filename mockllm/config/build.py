"""From valid documents to a ruleset. Never raises on documents without errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import structs

from mockllm.config import units
from mockllm.config.build_delivery import (
    Profiles,
    chaos,
    fault,
    identity,
    limits,
    profiles,
    timing,
)
from mockllm.config.build_models import models
from mockllm.config.build_reply import Context, build_recipe
from mockllm.config.build_when import build_when, equals, texts
from mockllm.config.document import Document, section_of
from mockllm.config.places import REPLIES
from mockllm.config.prefixes import ordered
from mockllm.config.source import ListNode, MapNode, Node, Scalar
from mockllm.config.value import value
from mockllm.core.compose import canned
from mockllm.core.conditions import Condition
from mockllm.core.fallback import BUILT_IN
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
from mockllm.core.select import reads_state
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
    settings, known = _settings(documents)
    rules = tuple(_rules(documents, settings.match == "normalized", known))
    answers: dict[str, Rule] = {}
    for document in documents:
        for text, (key, node) in section_of(document, "responses").items():
            if text not in answers:
                answers[text] = _answer(text, key, node, document, known)
    normalized: dict[str, Rule] = {}
    for text, rule in answers.items():
        normalized.setdefault(normalize(text), rule)
    return Ruleset(
        rules,
        build_index([rule.when for rule in rules]),
        answers,
        normalized,
        _unknown(documents, known),
        settings,
        any(map(reads_state, rules)),
        tuple(sorted(_files(documents))),
        known,
    )


def _files(documents: Sequence[Document]) -> Iterator[str]:
    """Yield the files that replies are read from."""
    for document in documents:
        for place in document.places:
            node = place.node.value("file") if isinstance(place.node, MapNode) else None
            if place.kind in REPLIES and isinstance(node, Scalar):
                yield str(_folder(document) / node.text)


def rule_nodes(document: Document) -> Iterator[MapNode]:
    """Yield the rules of a document."""
    rules = document.root.value("rules")
    if isinstance(rules, ListNode):
        yield from (node for node in rules.items if isinstance(node, MapNode))


def _rules(documents: Sequence[Document], normalized: bool, known: Profiles) -> Iterator[Rule]:
    seen: Counter[str] = Counter()
    for document in documents:
        for node in rule_nodes(document):
            kept_under = _identity(node, seen)
            if kept_under is not None:
                yield _rule(node, _context(document, known), document, normalized, kept_under)


def sent_rules(document: Document) -> Iterator[Rule]:
    """Yield what is sent while the server runs: its rules, then its answers as rules, each of which
    wants its prompt."""
    assert document.served is not None
    known, normalized = document.served.profiles, document.served.settings.match == "normalized"
    yield from _rules((document,), normalized, known)
    for text, (key, node) in section_of(document, "responses").items():
        wanted = equals(text, normalized)
        yield structs.replace(_answer(text, key, node, document, known), when=(wanted,))


def _rule(
    node: MapNode, context: Context, document: Document, normalized: bool, kept_under: str
) -> Rule:
    found = value(node)
    name = node.value("name")
    label = name.text if isinstance(name, Scalar) else f"rule at line {node.line}"
    when_node = node.value("when")
    assert isinstance(when_node, MapNode)
    when = build_when(when_node, normalized)
    pick, recipes = _recipes(node, context)
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
        kept_under,
        _yields(pick, recipes, when),
    )


def _identity(node: MapNode, seen: Counter[str]) -> str | None:
    """Return what the state of a rule is kept under: its name, else a digest of its content, so
    that a reload that leaves the rule as it was leaves its state too. None for a name that was
    `seen`: that rule is replaced."""
    name = node.value("name")
    if isinstance(name, Scalar):
        named = f"name {name.text}"
        seen[named] += 1
        return named if seen[named] == 1 else None
    return identity(node, seen)


def _recipes(node: MapNode, context: Context) -> tuple[Pick, tuple[Recipe, ...]]:
    for key, pick in _PICKS:
        items = node.value(key)
        if isinstance(items, ListNode):
            return pick, tuple(build_recipe(item, context) for item in items.items)
    reply = node.value("reply")
    assert reply is not None
    return "one", (build_recipe(reply, context),)


def _answer(text: str, key: Scalar, node: Node, document: Document, known: Profiles) -> Rule:
    location = Location(document.file, key.line, key.column)
    if isinstance(node, Scalar):
        return Rule(text, location, (Recipe(Canned(canned(node.text))),))
    context = _context(document, known)
    if isinstance(node, MapNode) and "steps" in node.entries:
        pick, recipes = _recipes(node, context)
    else:
        pick, recipes = "one", (build_recipe(node, context),)
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


def _unknown(documents: Sequence[Document], known: Profiles) -> Rule:
    for document in documents:
        entry = section_of(document, "defaults").get("unknown_response")
        if entry is not None:
            key, node = entry
            location = Location(document.file, key.line, key.column)
            recipe = build_recipe(node, _context(document, known))
            yields = _yields("one", (recipe,), ())
            return structs.replace(
                BUILT_IN, location=location, recipes=(recipe,), yields_to_results=yields
            )
    return BUILT_IN


def _settings(documents: Sequence[Document]) -> tuple[Settings, Profiles]:
    """Return the settings, with the delivery that `defaults` say, and the profiles."""
    nodes, defaults = (
        {
            key: node
            for document in reversed(documents)
            for key, (_, node) in section_of(document, name).items()
        }
        for name in ("settings", "defaults")
    )
    known = profiles(nodes.pop("profiles", None))
    found = {key: value(node) for key, node in nodes.items()}
    built: Mapping[str, Callable[[Node], object]] = {
        "prefixes": lambda node: ordered(texts(node)),
        "api_keys": texts,
        "models": lambda node: models(node, known),
        "openai_extras": texts,
        "chaos": lambda node: chaos(node, found.get("match") == "normalized"),
        "limits": limits,
    }
    found |= {key: build(nodes[key]) for key, build in built.items() if key in nodes}
    for key, name in _SIZES:
        size = units.size_bytes(str(found.pop(key, "")))
        if size is not None:
            found[name] = size
    longest_s = units.duration_s(str(found.pop("max_stall", "")))
    if longest_s is not None:
        found["max_stall_s"] = longest_s
    if "timing" in defaults:
        found["timing"] = timing(defaults["timing"], known, "defaults")
    if "fault" in defaults:
        found["fault"] = fault(defaults["fault"])
    return Settings(**found), known


def _context(document: Document, known: Profiles) -> Context:
    return Context(_folder(document), known, document.file)


def _folder(document: Document) -> Path:
    return Path(document.file).parent
