"""Where the references of a JSON Schema lead within its own document; nothing is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from urllib.parse import unquote

from mockllm.core.values.steps import Steps

_MAX_DIGITS = 6


class References:
    """The references of one document. Looking for names spends `steps`."""

    def __init__(self, root: object, steps: Steps) -> None:
        self._root = root
        self._steps = steps

    def target(self, reference: str) -> object:
        """Return what `reference` leads to, None when that is nothing in this document.

        It is `#`, a JSON pointer (`#/$defs/item`), an anchor (`#item`) or an `$id`, this with or
        without one of the former.
        """
        name, _, fragment = reference.partition("#")
        target = self._named.get(name) if name else self._root
        fragment = unquote(fragment)
        if fragment and not fragment.startswith("/"):
            return self._named.get(f"#{fragment}")
        for step in fragment.split("/")[1:]:
            target = _member(target, step.replace("~1", "/").replace("~0", "~"))
        return target

    @cached_property
    def _named(self) -> dict[str, object]:
        """The schemas that have an `$id`, or an `$anchor`, by its name after a `#`."""
        named: dict[str, object] = {}
        unseen = [self._root]
        while unseen:
            value = unseen.pop()
            self._steps.spend()
            if isinstance(value, Mapping):
                for keyword, prefix in (("$id", ""), ("$anchor", "#")):
                    if isinstance(value.get(keyword), str):
                        named.setdefault(prefix + value[keyword].removesuffix("#"), value)
                unseen.extend(value.values())
            elif isinstance(value, list):
                unseen.extend(value)
        return named


def _member(value: object, step: str) -> object:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list) and step.isdecimal() and len(step) < _MAX_DIGITS:
        return value[int(step)] if int(step) < len(value) else None
    return None
