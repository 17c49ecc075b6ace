"""JSON Schemas as clients send them, read into plain Draft 2020-12.

Older spellings are translated: `definitions`, array-form `items` with `additionalItems`,
`dependencies`, draft 4's boolean `exclusiveMinimum`, OpenAPI's `nullable`. Every keyword has the
type it must have, unknown ones are gone, and references lead to `#` or `#/$defs/<number>`: what
reads the result need not doubt it.

Source: https://json-schema.org/draft/2020-12. Departures: an `$id` only names its schema and is
no base for other references; `$dynamicRef` and `$recursiveRef` are refused.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping
from typing import Any

from mockllm.core.values.schema_references import References
from mockllm.core.values.steps import OutOfSteps, Steps

Schema = dict[str, Any] | bool
Path = tuple[str | int, ...]

_MAX_STEPS = 20_000
_MAX_NESTING = 100
_MAX_SENTENCE = 300
_MAX_NUMBER = 1e300
_STEPS_PER_PATTERN = 400  # RE2 may take milliseconds to compile one
_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
_UNEVALUATED = ("unevaluatedItems", "unevaluatedProperties")
_NO_UNEVALUATED = "unevaluatedProperties or -Items beside patternProperties is not supported"


class SchemaProblem(Exception):
    """The schema cannot be used; the message says where and why, for a person."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(sentence(("schema", *path), why))


def read(schema: object) -> Schema:
    """Return `schema` in plain Draft 2020-12, with what its references need under `$defs`.

    Raises:
        SchemaProblem: it is not valid, too large, or uses what is not supported.
    """
    try:
        return _Reader(schema).document()
    except OutOfSteps:
        raise SchemaProblem((), "it takes too many steps to read") from None
    except ValueError:  # of a number with thousands of digits, which Python does not write
        raise SchemaProblem((), "a number is too large") from None


def definitions(schema: Schema) -> dict[str, Schema]:
    """Return what the references of a schema that was read lead to."""
    parts = schema.get("$defs", {}) if isinstance(schema, dict) else {}
    return {"#": schema} | {f"#/$defs/{number}": part for number, part in parts.items()}


def sentence(path: Path, why: str) -> str:
    """Return `why` with the place before it, cut off where it gets long.

    >>> sentence(("items", 0, "price"), "'x' is not of type 'number'")
    "items[0].price: 'x' is not of type 'number'"
    """
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    where = "".join(parts).removeprefix(".")
    text = f"{where}: {why}" if where else why
    return text if len(text) <= _MAX_SENTENCE else f"{text[:_MAX_SENTENCE]}..."


class _Reader:
    """Reads one document: first from the root, then whatever its references lead to."""

    def __init__(self, root: object) -> None:
        self._root = root
        self._steps = Steps(_MAX_STEPS)
        self._references = References(root, self._steps)
        self._keywords: set[str] = set()
        self._patterns: set[str] = set()
        self._numbers: dict[int, str] = {}
        self._unread: list[tuple[str, object, Path]] = []

    def document(self) -> Schema:
        plain = self.schema(self._root, ())
        parts = {}
        while self._unread:
            number, target, path = self._unread.pop()
            parts[number] = self.schema(target, path)
        # jsonschema finds what is unevaluated with Python's backtracking `re`.
        if "patternProperties" in self._keywords and not self._keywords.isdisjoint(_UNEVALUATED):
            raise SchemaProblem((), _NO_UNEVALUATED)
        if parts and isinstance(plain, dict):
            plain["$defs"] = parts
        return plain

    def schema(self, value: object, path: Path) -> Schema:
        if isinstance(value, bool):
            return value
        if not isinstance(value, Mapping):
            raise _not(value, "a schema", path)
        if len(path) > _MAX_NESTING:
            raise SchemaProblem((), "it is nested too deeply")
        modern = _modern(value)
        self._steps.spend(1 + len(modern))
        # What is unevaluated comes last: to find it repeats the work of the other keywords, so
        # that a schema made to be costly is found out by these.
        keywords = sorted(_READERS.keys() & modern.keys(), key=_READING_ORDER.__getitem__)
        self._keywords.update(keywords)
        return {key: _READERS[key](self, modern[key], (*path, key)) for key in keywords}

    def schemas(self, value: object, path: Path) -> list[Schema]:
        return [self.schema(each, (*path, at)) for at, each in enumerate(_list(value, path))]

    def branches(self, value: object, path: Path) -> list[Schema]:
        if value == []:
            raise _not(value, "a list of at least one schema", path)
        return self.schemas(value, path)

    def schema_map(self, value: object, path: Path) -> dict[str, Schema]:
        members = _mapping(value, path).items()
        return {name: self.schema(each, (*path, name)) for name, each in members}

    def pattern_map(self, value: object, path: Path) -> dict[str, Schema]:
        for text in _mapping(value, path):
            self._spend_on_pattern(text)
        return self.schema_map(value, path)

    def name_lists(self, value: object, path: Path) -> dict[str, list[str]]:
        members = _mapping(value, path).items()
        return {name: self.names(each, (*path, name)) for name, each in members}

    def names(self, value: object, path: Path) -> list[str]:
        names = _list(value, path)
        self._steps.spend_on(names)
        for at, name in enumerate(names):
            _string(name, (*path, at))
        return list(dict.fromkeys(names))

    def types(self, value: object, path: Path) -> list[str]:
        names: list[Any] = value if isinstance(value, list) else [value]
        for name in names:
            if name not in _TYPES:
                raise _not(name, "a type", path)
        return names

    def pattern(self, value: object, path: Path) -> str:
        self._spend_on_pattern(text := _string(value, path))
        return text

    def _spend_on_pattern(self, text: str) -> None:
        """Take off what it takes to compile a pattern, which is done once."""
        self._steps.spend(1 if text in self._patterns else _STEPS_PER_PATTERN)
        self._patterns.add(text)

    def members(self, value: object, path: Path) -> list[Any]:
        members = _list(value, path)
        self._steps.spend_on(members)
        return members

    def examples(self, value: object, path: Path) -> list[Any]:
        """Return the examples; OpenAPI's, which have names, are ignored."""
        return self.members(value, path) if isinstance(value, list) else []

    def anything(self, value: Any, _path: Path) -> Any:
        self._steps.spend_on(value)
        return value

    def unsupported(self, _value: object, path: Path) -> None:
        raise SchemaProblem(path, "this keyword is not supported")

    def reference(self, value: object, path: Path) -> str:
        text = _string(value, path)
        self._steps.spend_on(text)
        target = self._references.target(text)
        if not isinstance(target, Mapping | bool):
            raise SchemaProblem(
                path,
                f"{reprlib.repr(text)} leads to no schema in this document; nothing is fetched",
            )
        if target is self._root:
            return "#"
        number = self._numbers.get(id(target))
        if number is None:
            number = self._numbers[id(target)] = str(len(self._numbers))
            self._unread.append((number, target, (text,)))
        return f"#/$defs/{number}"


def _modern(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema with older spellings replaced, without looking into its members."""
    new = dict(schema)
    if new.get("nullable") is True:
        outer = {key: new.pop(key) for key in ("default", "examples") if key in new}
        del new["nullable"]
        return outer | {"anyOf": [new, {"type": "null"}]}
    if isinstance(new.get("items"), list):
        new["prefixItems"] = new.pop("items")
        if "additionalItems" in new:
            new["items"] = new.pop("additionalItems")
    for bound in ("minimum", "maximum"):
        exclusive = f"exclusive{bound.capitalize()}"
        if isinstance(new.get(exclusive), bool) and new.pop(exclusive) and bound in new:
            new[exclusive] = new.pop(bound)
    dependencies = new.get("dependencies")
    if isinstance(dependencies, Mapping):
        lists = {name: each for name, each in dependencies.items() if isinstance(each, list)}
        others = {name: each for name, each in dependencies.items() if name not in lists}
        new |= {"dependentRequired": lists, "dependentSchemas": others}
    return new


def _not(value: object, expected: str, path: Path) -> SchemaProblem:
    return SchemaProblem(path, f"{reprlib.repr(value)} is not {expected}")


def _list(value: object, path: Path) -> list[Any]:
    if not isinstance(value, list):
        raise _not(value, "a list", path)
    return value


def _mapping(value: object, path: Path) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _not(value, "an object", path)
    return value


def _string(value: object, path: Path) -> str:
    if not isinstance(value, str):
        raise _not(value, "a string", path)
    return value


def _flag(value: object, path: Path) -> bool:
    if not isinstance(value, bool):
        raise _not(value, "true or false", path)
    return value


def _number(value: object, path: Path) -> int | float:
    """Return the number; a huge one is refused, since arithmetic with it overflows."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _not(value, "a number", path)
    if not -_MAX_NUMBER < value < _MAX_NUMBER:
        raise SchemaProblem(path, "the number is too large, or none")
    return value


def _divisor(value: object, path: Path) -> int | float:
    if (divisor := _number(value, path)) <= 0:
        raise _not(value, "a number above 0", path)
    return divisor


def _count(value: object, path: Path) -> int:
    count = _number(value, path)
    if count < 0 or count != int(count):
        raise _not(value, "a whole number from 0 on", path)
    return int(count)


def _of_value(check: Callable[[object, Path], Any]) -> Callable[[_Reader, Any, Path], Any]:
    return lambda _reader, value, path: check(value, path)


_READERS: dict[str, Callable[[_Reader, Any, Path], Any]] = {
    "$ref": _Reader.reference,
    "$dynamicRef": _Reader.unsupported,
    "$recursiveRef": _Reader.unsupported,
    "type": _Reader.types,
    "enum": _Reader.members,
    "const": _Reader.anything,
    "default": _Reader.anything,
    "examples": _Reader.examples,
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), _Reader.branches),
    **dict.fromkeys(("not", "if", "then", "else"), _Reader.schema),
    **dict.fromkeys(("minimum", "maximum"), _of_value(_number)),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _of_value(_number)),
    "multipleOf": _of_value(_divisor),
    **dict.fromkeys(("minLength", "maxLength"), _of_value(_count)),
    "pattern": _Reader.pattern,
    "format": _of_value(_string),
    **dict.fromkeys(("minItems", "maxItems", "minContains", "maxContains"), _of_value(_count)),
    "uniqueItems": _of_value(_flag),
    "prefixItems": _Reader.schemas,
    **dict.fromkeys(("items", "contains"), _Reader.schema),
    **dict.fromkeys(("minProperties", "maxProperties"), _of_value(_count)),
    "required": _Reader.names,
    "properties": _Reader.schema_map,
    "patternProperties": _Reader.pattern_map,
    **dict.fromkeys(("additionalProperties", "propertyNames"), _Reader.schema),
    "dependentRequired": _Reader.name_lists,
    "dependentSchemas": _Reader.schema_map,
    **dict.fromkeys(_UNEVALUATED, _Reader.schema),
}
_READING_ORDER = {keyword: order for order, keyword in enumerate(_READERS)}
