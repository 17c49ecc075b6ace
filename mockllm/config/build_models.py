"""The models of `settings`."""

from __future__ import annotations

from mockllm.config.build_when import texts
from mockllm.config.source import ListNode, MapNode, Node
from mockllm.config.value import value
from mockllm.core.rules import Model


def models(node: Node) -> dict[str, Model]:
    """Return the models by each of their names, in the order given; each item is a name or a
    mapping."""
    found: dict[str, Model] = {}
    for item in node.items if isinstance(node, ListNode) else ():
        model = _model(item) if isinstance(item, MapNode) else Model(texts(item)[0])
        for name in (model.name, *model.aliases):
            found.setdefault(name, model)
    return found


def _model(node: MapNode) -> Model:
    known = {key: value(inner) for key, (_, inner) in node.entries.items()}
    for key in ("aliases", "capabilities"):
        inner = node.value(key)
        if inner is not None:
            known[key] = texts(inner)
    known["name"] = texts(node.entries["name"][1])[0]
    return Model(**known)
