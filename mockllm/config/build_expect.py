"""From a valid `expect` to an expectation."""

from __future__ import annotations

from typing import Any

from mockllm.config.build_when import build_when
from mockllm.config.source import MapNode, Scalar
from mockllm.config.value import value
from mockllm.core.expect import Expectation


def expectation(node: MapNode, normalized: bool) -> Expectation:
    """Return what is expected; `normalized` is `settings.match`."""
    found: dict[str, Any] = value(node)
    after, each = node.value("after_rule"), node.value("each")
    return Expectation(
        found.get("exactly"),
        found.get("at_least"),
        found.get("at_most"),
        after.text if isinstance(after, Scalar) else None,
        build_when(each, normalized) if isinstance(each, MapNode) else (),
    )
