"""From a valid `when` to its conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockllm.config import units
from mockllm.config.json_value import json_value
from mockllm.config.programs import regex
from mockllm.config.source import ListNode, MapNode, Node, Scalar
from mockllm.config.value import value
from mockllm.core.conditions import (
    NAMES,
    Always,
    Condition,
    FlagIs,
    Glob,
    HeaderIs,
    NameIs,
    Not,
    NumberIn,
    OtherTextContains,
    ParamIs,
    TextIs,
    TextMatches,
    TextTest,
    glob,
)
from mockllm.core.text import normalize

_TEXT_TESTS: Mapping[str, TextTest] = {
    "equals": "equals",
    "contains": "contains",
    "contains_all": "contains",
    "starts_with": "starts_with",
    "ends_with": "ends_with",
}
_OTHER_TEXTS = ("system_contains", "any_message_contains", "tool_result_contains")
_NUMBERS = ("turn", "step", "input_tokens")

TEXT_KEYS = (*_TEXT_TESTS, "regex")
"""The conditions on the prompt."""


def build_when(node: MapNode, normalized: bool) -> tuple[Condition, ...]:
    """Return the conditions in the order written; `normalized` is `settings.match`."""
    return tuple(_condition(key, inner, normalized) for key, (_, inner) in node.entries.items())


def equals(text: str, normalized: bool) -> Condition:
    """Return the condition that the prompt is this text."""
    needles = (normalize(text) if normalized else text,)
    return TextIs("equals", "equals", needles, ignores_case=normalized)


def texts(node: Node) -> tuple[str, ...]:
    """Return a text, or the texts of a list, as written."""
    return tuple(scalar.text for scalar in scalars(node))


def scalars(node: Node) -> Iterator[Scalar]:
    """Yield a scalar, or the scalars of a list."""
    for item in node.items if isinstance(node, ListNode) else (node,):
        if isinstance(item, Scalar):
            yield item


def _condition(key: str, node: Node, normalized: bool) -> Condition:
    if key in NAMES:
        return NameIs(key, _globs(node))
    if key in _TEXT_TESTS:
        return _text_is(key, node, normalized)
    if key in _OTHER_TEXTS:
        needles = tuple(map(normalize, texts(node))) if normalized else texts(node)
        return OtherTextContains(key, needles, normalized)
    if key in _NUMBERS:
        ranges = (units.number_range(text) for text in texts(node))
        return NumberIn(key, tuple(each for each in ranges if each is not None))
    return _SPECIAL[key](node, normalized)


def _text_is(key: str, node: Node, normalized: bool) -> TextIs:
    needles = tuple(map(normalize, texts(node))) if normalized else texts(node)
    return TextIs(key, _TEXT_TESTS[key], needles, key == "contains_all", normalized)


def _globs(node: Node) -> tuple[Glob, ...]:
    return tuple(map(glob, texts(node)))


def _regex(node: Node, _: bool) -> Condition:
    return TextMatches(tuple(map(regex, texts(node))))


def _not(node: Node, normalized: bool) -> Condition:
    assert isinstance(node, MapNode)
    return Not(build_when(node, normalized))


def _headers(node: Node, _: bool) -> Condition:
    assert isinstance(node, MapNode)
    return HeaderIs({name.lower(): _globs(inner) for name, (_, inner) in node.entries.items()})


def _params(node: Node, _: bool) -> Condition:
    assert isinstance(node, MapNode)
    return ParamIs({path: _values(inner) for path, (_, inner) in node.entries.items()})


def _values(node: Node) -> tuple[Any, ...]:
    return tuple(map(json_value, node.items if isinstance(node, ListNode) else (node,)))


_SPECIAL: Mapping[str, Callable[[Node, bool], Condition]] = {
    "always": lambda _node, _: Always(),
    "stream": lambda node, _: FlagIs(bool(value(node))),
    "regex": _regex,
    "not": _not,
    "headers": _headers,
    "params": _params,
}
