"""The models of `settings`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockllm.core.rules import Model


def models(items: Sequence[Any]) -> dict[str, Model]:
    """Return the models by each of their names, in the order given; each item is a name or a
    mapping."""
    found: dict[str, Model] = {}
    for item in items:
        model = _model(item if isinstance(item, dict) else {"name": item})
        for name in (model.name, *model.aliases):
            found.setdefault(name, model)
    return found


def _model(item: dict[str, Any]) -> Model:
    capabilities = item.get("capabilities")
    return Model(
        str(item["name"]),
        item.get("provider", ""),
        tuple(map(str, item.get("aliases", ()))),
        item.get("context_tokens"),
        item.get("max_output_tokens"),
        None if capabilities is None else tuple(capabilities),
        item.get("lifecycle", "active"),
    )
