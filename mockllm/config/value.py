"""What nodes hold, as Python's values."""

from __future__ import annotations

import math
from typing import Any, assert_never

import yaml

from mockllm.config.source import ListNode, MapNode, Node, Scalar

_NUMBERS = yaml.constructor.SafeConstructor()
_TRUE = ("true", "yes", "on")


def value(node: Node) -> Any:
    """Return what a node holds, as Cerberus takes it."""
    match node:
        case Scalar():
            return scalar_value(node)
        case ListNode():
            return [value(item) for item in node.items]
        case MapNode():
            return {key: value(item) for key, (_, item) in node.entries.items()}
        case _:
            assert_never(node)


def scalar_value(node: Scalar) -> str | bool | float | None:
    if node.kind == "null":
        return None
    if node.kind == "bool":
        return node.text.lower() in _TRUE
    if node.kind in ("int", "float"):
        return _number(node)
    return node.text


def _number(node: Scalar) -> str | float:
    """Return the number a scalar holds, or its text when no setting could use it."""
    construct = getattr(_NUMBERS, f"construct_yaml_{node.kind}")
    try:
        number: float = construct(yaml.ScalarNode(f"tag:yaml.org,2002:{node.kind}", node.text))
    except (ValueError, OverflowError):  # thousands of digits
        return node.text
    return number if isinstance(number, int) or math.isfinite(number) else node.text
