"""The shape of a document: Cerberus finds what is wrong, this module says it and where."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator
from typing import Any, assert_never

import cerberus
import yaml
from cerberus import errors as codes
from msgspec import Struct

from mockllm.config import schema, units
from mockllm.config.source import ListNode, MapNode, Node, Scalar, shorten
from mockllm.core.problems import Location, Problem

_NUMBERS = yaml.constructor.SafeConstructor()
_TRUE = ("true", "yes", "on")


class _Validator(cerberus.Validator):  # type: ignore[misc]  # cerberus is not typed
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


class _Scope(Struct, frozen=True):
    """What the path of an error begins at: a mapping, its schema, and words for the place."""

    root: MapNode
    table: schema.Schema
    words: str


def check(root: MapNode, file: str) -> Iterator[Problem]:
    """Yield what is wrong with the shape of a document."""
    shallow = {
        key: _shallow(key, node)
        for key, (_, node) in root.entries.items()
        if not key.startswith("x-")
    }
    yield from _check_mapping(
        _Validator(schema.TOP), shallow, _Scope(root, schema.TOP, "at the top level"), file
    )
    validator = _Validator(schema.ANSWER)
    for node in answers(root):
        if isinstance(node, MapNode):
            scope = _Scope(node, schema.ANSWER, "in an answer")
            yield from _check_mapping(validator, value(node), scope, file)
        elif isinstance(node, ListNode):
            yield _not_an_answer(node, file)
        elif node.kind == "null":
            yield _empty(node, file)


def _check_mapping(
    validator: _Validator, found: dict[str, Any], scope: _Scope, file: str
) -> Iterator[Problem]:
    """Yield what is wrong with one mapping. A misspelt key explains a missing one."""
    unknown = list(_unknown_keys(found, scope, file))
    yield from unknown
    if not validator.validate(found, normalize=False):
        for error in _flat(validator._errors):
            if not (unknown and error.code == codes.REQUIRED_FIELD.code):
                yield _problem(error, error.document_path, scope, file)


def _unknown_keys(found: dict[str, Any], scope: _Scope, file: str) -> Iterator[Problem]:
    """Yield the unknown keys of a mapping, and of the mappings in it that have a schema, and take
    them out: Cerberus is quadratic in them."""
    for key in [key for key in found if key not in scope.table]:
        del found[key]
        place = scope.root.entries[key][0]
        message = f"unknown key {shorten(key)} {scope.words}"
        hint = _did_you_mean(key, scope.table)
        yield Problem(Location(file, place.line, place.column), "error", "MOCK003", message, hint)
    for key, rules in scope.table.items():
        inner = scope.root.value(key)
        if "schema" in rules and isinstance(inner, MapNode):
            below = _Scope(inner, rules["schema"], f"in '{key}'")
            yield from _unknown_keys(found[key], below, file)


def answers(root: MapNode) -> Iterator[Node]:
    """Yield every node that stands for an answer."""
    responses, defaults = root.value("responses"), root.value("defaults")
    if isinstance(responses, MapNode):
        for _, node in responses.entries.values():
            yield node
    if isinstance(defaults, MapNode) and "unknown_response" in defaults.entries:
        yield defaults.entries["unknown_response"][1]


def value(node: Node) -> Any:
    """Return what a node holds, as Cerberus takes it."""
    match node:
        case Scalar():
            return _scalar_value(node)
        case ListNode():
            return [value(item) for item in node.items]
        case MapNode():
            return {key: value(item) for key, (_, item) in node.entries.items()}
        case _:
            assert_never(node)


def _scalar_value(node: Scalar) -> str | bool | float | None:
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


def _shallow(key: str, node: Node) -> Any:
    """Return a top-level value without the answers in it, which are validated one by one."""
    if not isinstance(node, MapNode):
        return value(node)
    if key == "responses":
        return {}
    found = value(node)
    if key == "defaults" and "unknown_response" in found:
        found["unknown_response"] = {}
    return found


def _flat(errors: Any) -> Iterator[Any]:
    """Yield the single errors, without the missing keys that a misspelt one explains."""
    for error in errors:
        if error.is_group_error:
            yield from _flat(error.child_errors)
        else:
            yield error


def _problem(error: Any, path: tuple[str, ...], scope: _Scope, file: str) -> Problem:
    """Return a Cerberus error with its place, in plain words."""
    owner, table, words = scope.root, scope.table, scope.words
    *outer, key = path
    for name in outer:
        inner = owner.value(name)
        assert isinstance(inner, MapNode)
        owner, table, words = inner, table[name]["schema"], f"in '{name}'"
    if key not in owner.entries:
        location = Location(file, owner.line, owner.column)
        message = f"{shorten(key)} is missing {words}"
        return Problem(location, "error", "MOCK004", message, f"write {key}: ...")
    node = owner.entries[key][1]
    code, message = _value_message(error, key, node)
    return Problem(Location(file, node.line, node.column), "error", code, message)


def _value_message(error: Any, key: str, node: Node) -> tuple[str, str]:
    if error.code == codes.NOT_NULLABLE.code or (isinstance(node, Scalar) and node.kind == "null"):
        return "MOCK007", f"'{key}' is empty"
    if error.code == codes.BAD_TYPE.code:
        kinds = error.constraint if isinstance(error.constraint, list) else [error.constraint]
        wanted = " or ".join(schema.TYPE_WORDS[kind] for kind in kinds)
        return "MOCK005", f"'{key}' takes {wanted}, not {describe(node)}"
    if error.code == codes.UNALLOWED_VALUE.code:
        allowed = " or ".join(error.constraint)
        return "MOCK006", f"'{key}' takes {allowed}, not {describe(node)}"
    if error.code in (codes.MIN_VALUE.code, codes.MAX_VALUE.code):
        bound = "at least" if error.code == codes.MIN_VALUE.code else "at most"
        return (
            "MOCK006",
            f"'{key}' takes {bound} {error.constraint}, not {describe(node)}",
        )
    return "MOCK006", f"'{key}': {describe(node)} is {error.info[0]}"


def describe(node: Node) -> str:
    """Return what stands there, in the words of a person.

    >>> describe(Scalar("yes", 1, 1, "bool", True))
    'yes'
    """
    match node:
        case ListNode():
            return "a list"
        case MapNode():
            return "a mapping"
        case Scalar(kind="null"):
            return "nothing"
        case Scalar(plain=True):
            return shorten(node.text)[1:-1]
        case Scalar():
            return f"the text {shorten(node.text)}"
        case _:
            assert_never(node)


def _did_you_mean(key: str, known: schema.Schema) -> str:
    """Return a hint for an unknown key: where it belongs, the nearest known one, or all."""
    if key in schema.HOMES:
        return f"it belongs {schema.HOMES[key]}"
    near = difflib.get_close_matches(key, known, 1)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"known here: {', '.join(known)}"


def _not_an_answer(node: ListNode, file: str) -> Problem:
    location = Location(file, node.line, node.column)
    return Problem(location, "error", "MOCK005", "an answer takes text or a mapping, not a list")


def _empty(node: Scalar, file: str) -> Problem:
    location = Location(file, node.line, node.column)
    return Problem(
        location,
        "error",
        "MOCK007",
        "this answer is empty",
        'write "" for an empty answer',
    )
