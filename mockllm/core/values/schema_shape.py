"""What several schemas ask together of one value: references and `allOf` merged into one."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from mockllm.core.values import patterns
from mockllm.core.values.json_schema import Schema
from mockllm.core.values.json_value import identity
from mockllm.core.values.steps import Steps

MAX_LENGTH = 10_000

_UNEVALUATED = ("unevaluatedItems", "unevaluatedProperties")
_TO_CHECK = frozenset(("not", "oneOf", "if", "propertyNames", "maxContains", *_UNEVALUATED))
_OBJECT_RULES = frozenset(("properties", "patternProperties", "additionalProperties"))
_EXCLUSIVE = frozenset(("exclusiveMinimum", "exclusiveMaximum"))
_ARRAY_RULES = frozenset(("prefixItems", "items"))
_OF_ENUMS = frozenset(("enum", "type", "default", "examples"))
_LIKELY = (
    ("object", _OBJECT_RULES | {"required", "minProperties", "maxProperties"}),
    ("array", _ARRAY_RULES | {"minItems", "maxItems", "uniqueItems"}),
    ("string", frozenset(("minLength", "maxLength", "format"))),
    ("number", frozenset(("minimum", "maximum", "multipleOf")) | _EXCLUSIVE),
)
_ANY = ("string", "number", "boolean", "array", "object", "null")


class Contradiction(Exception):
    """No value is allowed: two schemas exclude each other, or one excludes everything."""


class Shape:
    """The schemas of one place, merged as they are added.

    keywords: what concerns the value itself and its members, `const` as an `enum` of one.
    patterns: all of them must be found in a string.
    contained: an array must hold one item for each of them.
    choices: one branch of each must still be added.
    followed: the references that lead here from the root.
    """

    def __init__(
        self, definitions: Mapping[str, Schema], followed: frozenset[str], steps: Steps
    ) -> None:
        self.keywords: dict[str, Any] = {}
        self.patterns: tuple[str, ...] = ()
        self.contained: tuple[Schema, ...] = ()
        self.choices: tuple[tuple[Schema, ...], ...] = ()
        self.followed = followed
        self._is_partial = False
        self._definitions = definitions
        self._above = followed
        self._steps = steps

    @property
    def types(self) -> list[str]:
        """The types that a value may have, null last; all, the likeliest first, if none is said."""
        likely = [kind for kind, keywords in _LIKELY if not keywords.isdisjoint(self.keywords)]
        types = self.keywords.get("type") or list(dict.fromkeys([*likely, *_ANY]))
        return sorted(types, key=lambda name: name == "null")

    @property
    def needs_check(self) -> bool:
        """Whether a value made from all this may still be invalid: the schemas ask more."""
        more = self.patterns or self.contained or self.keywords.keys() - _OF_ENUMS
        return self._is_partial or bool("enum" in self.keywords and more)

    def narrowed(self, branch: Schema) -> Shape:
        """Return a shape with `branch` added, which is one of the first choice.

        Raises:
            Contradiction: as `add`.
        """
        shape = copy(self)
        shape.keywords = dict(self.keywords)
        shape.choices = self.choices[1:]
        shape.add(branch)
        return shape

    def add(self, schema: Schema) -> None:
        """Merge `schema` into this shape.

        Raises:
            Contradiction: nothing is allowed any more; or a reference leads back to a place above,
                which the smallest of the values never does.
        """
        self._steps.spend()
        if isinstance(schema, bool):
            if not schema:
                raise Contradiction("no value is allowed")
            return
        self._steps.spend(len(schema))
        self._add_keywords(schema)
        self.choices += tuple(_choices(schema))
        for part in schema.get("allOf", ()):
            self.add(part)
        if "$ref" in schema:
            self._follow(schema["$ref"])

    def _follow(self, reference: str) -> None:
        if reference in self._above:
            raise Contradiction("the schema repeats itself without end")
        if reference not in self.followed:
            self.followed |= {reference}
            self.add(self._definitions[reference])

    def _add_keywords(self, schema: dict[str, Any]) -> None:
        old = self.keywords
        new = {keyword: schema[keyword] for keyword in _MERGED if keyword in schema}
        if "const" in schema:
            new["enum"] = _common([schema["const"]], new.get("enum", [schema["const"]]))
        merged = {key: _MERGED[key](old[key], new[key]) for key in new if key in old}
        merged |= _object_rules(old, new, self._steps) | _array_rules(old, new)
        self.keywords = old | new | merged
        self._is_partial |= not _TO_CHECK.isdisjoint(schema)
        self._is_partial |= "format" in new and new["format"] != self.keywords["format"]
        if "pattern" in schema:
            self.patterns += (schema["pattern"],)
        if "contains" in schema:
            least = schema.get("minContains", 1)
            if least > MAX_LENGTH:
                raise Contradiction(f"minContains is over {MAX_LENGTH:,}")
            self.contained += (schema["contains"],) * least


def property_schema(keywords: Mapping[str, Any], name: str, steps: Steps) -> Schema:
    """Return what the keywords of an object ask of its property `name`."""
    rules: list[Schema] = [
        rule
        for pattern, rule in keywords.get("patternProperties", {}).items()
        if patterns.found(pattern, name, steps) is not False
    ]
    if name in keywords.get("properties", {}):
        rules.insert(0, keywords["properties"][name])
    return both(*(rules or [keywords.get("additionalProperties", True)]))


def item_schema(keywords: Mapping[str, Any], index: int) -> Schema:
    """Return what the keywords of an array ask of its item `index`."""
    prefix: list[Schema] = keywords.get("prefixItems", [])
    return prefix[index] if index < len(prefix) else keywords.get("items", True)


def both(*schemas: Schema) -> Schema:
    """Return one schema that asks what all of `schemas` do.

    >>> both(True, {"type": ["string"]})
    {'type': ['string']}
    """
    asking = [schema for schema in schemas if schema is not True]
    if len(asking) > 1:
        return {"allOf": asking}
    return asking[0] if asking else True


def _choices(schema: dict[str, Any]) -> Iterator[tuple[Schema, ...]]:
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            yield _branches(schema[keyword])
    if "if" in schema:
        # First without a wish, so that the prompt decides.
        yield True, both(schema["if"], schema.get("then", True)), schema.get("else", True)
    for name, names in schema.get("dependentRequired", {}).items():
        yield _dependence(schema, name, {"required": names})
    for name, rule in schema.get("dependentSchemas", {}).items():
        yield _dependence(schema, name, rule)


def _branches(schemas: list[Schema]) -> tuple[Schema, ...]:
    """Return the branches, null last; or one enum, if each branch is one value."""
    constants = [
        each["const"]
        for each in schemas
        if isinstance(each, dict) and "const" in each and each.keys() <= {"const", "type"}
    ]
    if len(constants) == len(schemas):
        return ({"enum": constants},)
    return tuple(sorted(schemas, key=lambda each: each == {"type": ["null"]}))


def _dependence(schema: dict[str, Any], name: str, rule: Schema) -> tuple[Schema, Schema]:
    """Return the choice that `rule` holds or `name` is left out; this first if not declared."""
    present = both({"required": [name]}, rule)
    absent: Schema = {"properties": {name: False}}
    return (present, absent) if name in schema.get("properties", {}) else (absent, present)


def _object_rules(old: Mapping[str, Any], new: Mapping[str, Any], steps: Steps) -> dict[str, Any]:
    """Return rules that ask of each property what both ask; none when one of them has none."""
    if _OBJECT_RULES.isdisjoint(old) or _OBJECT_RULES.isdisjoint(new):
        return {}
    names = {**old.get("properties", {}), **new.get("properties", {})}
    ours, theirs = old.get("patternProperties", {}), new.get("patternProperties", {})
    expressions = {**ours, **theirs}
    steps.spend(len(names))
    return {
        "properties": {
            name: both(property_schema(old, name, steps), property_schema(new, name, steps))
            for name in names
        },
        "patternProperties": {
            each: both(ours.get(each, True), theirs.get(each, True)) for each in expressions
        },
        "additionalProperties": both(
            old.get("additionalProperties", True), new.get("additionalProperties", True)
        ),
    }


def _array_rules(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return rules that ask of each item what both ask; none when one of them has none."""
    if _ARRAY_RULES.isdisjoint(old) or _ARRAY_RULES.isdisjoint(new):
        return {}
    longer = max(len(rules.get("prefixItems", [])) for rules in (old, new))
    items = [both(item_schema(old, at), item_schema(new, at)) for at in range(longer + 1)]
    return {"prefixItems": items[:-1], "items": items[-1]}


def _common_types(old: list[str], new: list[str]) -> list[str]:
    """Return the types that both allow, an integer being a number."""
    common = [name for name in old if name in new or (name == "integer" and "number" in new)]
    if "integer" in new and "number" in old and "integer" not in common:
        common.append("integer")
    if not common:
        raise Contradiction(f"no value is both {' or '.join(old)} and {' or '.join(new)}")
    return common


def _common(old: list[Any], new: list[Any]) -> list[Any]:
    allowed = set(map(identity, new))
    common = [member for member in old if identity(member) in allowed]
    if not common:
        raise Contradiction("no member of one enum is in the other")
    return common


def _common_multiple(old: float, new: float) -> int | float:
    ours, theirs = Fraction(str(old)), Fraction(str(new))
    multiple = Fraction(
        lcm(ours.numerator, theirs.numerator), gcd(ours.denominator, theirs.denominator)
    )
    return multiple.numerator if multiple.denominator == 1 else float(multiple)


def _joined(old: list[str], new: list[str]) -> list[str]:
    return list(dict.fromkeys([*old, *new]))


def _first(old: Any, _new: Any) -> Any:
    return old


_MERGED: dict[str, Callable[[Any, Any], Any]] = {
    "type": _common_types,
    "enum": _common,
    **dict.fromkeys(("default", "format"), _first),
    "examples": operator.add,
    "propertyNames": both,
    "required": _joined,
    "multipleOf": _common_multiple,
    "uniqueItems": operator.or_,
    **dict.fromkeys(("minimum", "exclusiveMinimum"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum"), min),
    **dict.fromkeys(("minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), min),
    **dict.fromkeys(sorted(_OBJECT_RULES | _ARRAY_RULES), _first),  # replaced by their functions
}
