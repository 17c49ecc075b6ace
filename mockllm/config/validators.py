"""Cerberus's validators, with the types and checks that the table of keys names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cerberus

from mockllm.config import prefixes, units
from mockllm.config.schema_keys import Schema


class Validators:
    """The validators of one kind of mapping, and of the items of each list that it may hold, by
    the keys that lead to it: Cerberus is quadratic in the wrong items of a list too."""

    def __init__(self, table: Schema) -> None:
        self.mapping = Validator(_without_items(table))
        self.lists = tuple(path for path, _ in _items((), table))
        self._schemas = dict(_items((), table))
        self._items: dict[tuple[str, ...], Validator] = {}

    def items(self, path: tuple[str, ...]) -> Validator:
        """Return the validator of the items of a list, made when the first such list is there:
        to make all of them takes longer than to check a rule."""
        if path not in self._items:
            self._items[path] = Validator({path[-1]: self._schemas[path]})
        return self._items[path]


def _without_items(table: Schema) -> Schema:
    """Return a table whose lists take any items."""
    found: Schema = {}
    for key, rules in table.items():
        found[key] = {name: rules[name] for name in rules if name != "schema"}
        if rules.get("type") == "dict" and "schema" in rules:
            found[key]["schema"] = _without_items(rules["schema"])
    return found


def _items(path: tuple[str, ...], table: Schema) -> Iterator[tuple[tuple[str, ...], Any]]:
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
        self._check_with_told_duration(field, value)
        if (units.duration_s(str(value)) or 0.0) > units.MAX_DURATION_S:
            self._error(field, "longer than 7d")

    def _check_with_told_duration(self, field: str, value: Any) -> None:
        """Check a time that is only told, and that nobody waits."""
        what = "a duration; write a number and a unit"
        self._quantity(field, value, units.duration_s, what, "s", "2s")

    def _check_with_duration_or_mapping(self, field: str, value: Any) -> None:
        if not isinstance(value, dict):
            self._check_with_duration(field, value)

    def _check_with_percent(self, field: str, value: Any) -> None:
        self._quantity(field, value, units.share, "a share from 0% to 100%", "%", "20%")

    def _check_with_rate(self, field: str, value: Any) -> None:
        what = "a rate; write tokens/s, words/s or characters/s"
        self._quantity(field, value, units.rate, what, " tokens/s", "60 tokens/s")

    def _check_with_after(self, field: str, value: Any) -> None:
        what = "a place in an answer; write a share, a number of chunks or a time"
        self._quantity(field, value, units.after, what, " chunks", "50%")

    def _check_with_quota(self, field: str, value: Any) -> None:
        what = "a number in a time; write s, m, h or d"
        self._quantity(field, value, units.quota, what, "/m", "60/m")

    def _quantity(
        self,
        field: str,
        value: Any,
        read: Callable[[str], object],
        what: str,
        unit: str,
        example: str,
    ) -> None:
        if value is None or read(str(value)) is not None:
            return
        given = f"{value}{unit}"
        self._error(field, f"not {what}, such as {given if read(given) is not None else example}")

    def _check_with_prefix(self, field: str, value: Any) -> None:
        fault = prefixes.fault(str(value)) if value not in (None, "") else None
        if fault is not None:
            self._error(field, fault)

    def _check_with_prefix_count(self, field: str, value: Any) -> None:
        if isinstance(value, list) and len(value) > prefixes.MAX_COUNT:
            self._error(field, f"longer than {prefixes.MAX_COUNT} items")
