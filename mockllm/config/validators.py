"""Cerberus's validators, with the types and checks that the table of keys names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cerberus

from mockllm.config import prefixes, schema, units

NOT_YET = "is reserved and not yet supported; leave it out for now"


class Validators:
    """The validators of one kind of mapping, and of the items of each list that it may hold, by
    the keys that lead to it: Cerberus is quadratic in the wrong items of a list too."""

    def __init__(self, table: schema.Schema) -> None:
        self.mapping = Validator(_without_items(table))
        self.items = {path: Validator({path[-1]: item}) for path, item in _items((), table)}


def _without_items(table: schema.Schema) -> schema.Schema:
    """Return a table whose lists take any items."""
    found: schema.Schema = {}
    for key, rules in table.items():
        found[key] = {name: rules[name] for name in rules if name != "schema"}
        if rules.get("type") == "dict" and "schema" in rules:
            found[key]["schema"] = _without_items(rules["schema"])
    return found


def _items(path: tuple[str, ...], table: schema.Schema) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield what the items of each list in a table must be."""
    for key, rules in table.items():
        if "schema" in rules and rules["type"] == "dict":
            yield from _items((*path, key), rules["schema"])
        elif "schema" in rules:
            yield (*path, key), rules["schema"]


class Validator(cerberus.Validator):  # type: ignore[misc]  # cerberus is not typed
    types_mapping = cerberus.Validator.types_mapping | {
        "text": cerberus.TypeDefinition("text", (str, int, float), ()),
        "integer": cerberus.TypeDefinition("integer", (int,), (bool,)),
    }

    def _check_with_size(self, field: str, value: Any) -> None:
        if value is None:
            return
        size = units.size_bytes(str(value))
        if size is None:
            example = f"{value}MB"
            if not 0 < (units.size_bytes(example) or 0) <= units.MAX_SIZE_BYTES:
                example = "32MB"
            self._error(field, f"not a size; write a number and a unit, such as {example}")
        elif not 0 < size <= units.MAX_SIZE_BYTES:
            self._error(field, "not a size from 1B to 1GB")

    def _check_with_duration(self, field: str, value: Any) -> None:
        if value is not None and units.duration_s(str(value)) is None:
            example = f"{value}s" if units.duration_s(f"{value}s") is not None else "2s"
            self._error(field, f"not a duration; write a number and a unit, such as {example}")

    def _check_with_prefix(self, field: str, value: Any) -> None:
        fault = prefixes.fault(str(value)) if value not in (None, "") else None
        if fault is not None:
            self._error(field, fault)

    def _check_with_prefix_count(self, field: str, value: Any) -> None:
        if isinstance(value, list) and len(value) > prefixes.MAX_COUNT:
            self._error(field, f"longer than {prefixes.MAX_COUNT} items")

    def _check_with_not_yet(self, field: str, value: Any) -> None:
        if value is not None:
            self._error(field, NOT_YET)
