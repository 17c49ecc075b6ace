"""The models of `settings`."""

from __future__ import annotations

from mockllm.config.build_delivery import Profiles, timing
from mockllm.config.build_when import texts
from mockllm.config.source import ListNode, MapNode, Node
from mockllm.config.value import value
from mockllm.core.rules import Model


def models(node: Node, profiles: Profiles) -> dict[str, Model]:
    """Return the models by each of their names, in the order given; each item is a name or a
    mapping."""
    found: dict[str, Model] = {}
    for item in node.items if isinstance(node, ListNode) else ():
        model = _model(item, profiles) if isinstance(item, MapNode) else Model(texts(item)[0])
        for name in (model.name, *model.aliases):
            found.setdefault(name, model)
    return found


def _model(node: MapNode, profiles: Profiles) -> Model:
    known = {key: value(inner) for key, (_, inner) in node.entries.items()}
    for key in ("aliases", "capabilities"):
        inner = node.value(key)
        if inner is not None:
            known[key] = texts(inner)
    known["name"] = texts(node.entries["name"][1])[0]
    pace = node.value("timing")
    if pace is not None:
        known["timing"] = timing(pace, profiles, f"model {known['name']}")
    return Model(**known)
