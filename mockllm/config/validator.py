"""The shape of a document: Cerberus finds what is wrong, this module says it and where."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, assert_never

from cerberus import errors as codes
from msgspec import Struct

from mockllm.config import schema
from mockllm.config.places import REPLIES, Place
from mockllm.config.schema_keys import Schema
from mockllm.config.source import ListNode, MapNode, Node, Scalar, shorten
from mockllm.config.valid import Valid, likeness
from mockllm.config.validators import Validator, Validators
from mockllm.config.value import value
from mockllm.core.problems import Location, Problem

_ITEMS = ("rule", "tool call", "part", "model", "timing", "chaos", "limit")
_ANSWERS = ("reply", "unknown_response")
_EMPTY_HINTS = dict.fromkeys(_ANSWERS, 'write "" for an empty answer') | dict.fromkeys(
    ("replies", "steps", "one_of"), "add an answer"
)


class _Scope(Struct, frozen=True):
    """What the path of an error begins at: a mapping, its schema, and words for the place."""

    root: MapNode
    table: Schema
    words: str


def check(
    root: MapNode,
    found: Iterable[Place],
    file: str,
    top: tuple[Schema, str] = schema.PLACES["top"],
) -> Iterator[Problem]:
    """Yield what is wrong with the shape of a document, in which places were `found`; `top` is
    the table of its root, and where a key of it stands."""
    shallow = {
        key: _shallow(key, node)
        for key, (_, node) in root.entries.items()
        if not key.startswith("x-")
    }
    scope = _Scope(root, *top)
    yield from _check_mapping(Validators(top[0]), shallow, scope, file)
    validators: dict[str, Validators] = {}
    valid: dict[str, Valid] = {}
    seen: set[tuple[str, int]] = set()
    for place in found:
        once = place.kind, id(place.node)
        if once in seen:  # by an alias: its problems would be the same
            continue
        seen.add(once)
        if isinstance(place.node, MapNode):
            table, words = schema.PLACES[place.kind]
            if place.kind not in valid:
                validators[place.kind] = Validators(table)
                valid[place.kind] = Valid(table)
            if valid[place.kind].holds(place.node):
                continue
            scope = _Scope(place.node, table, words)
            problems = _check_mapping(validators[place.kind], value(place.node), scope, file)
            first = next(problems, None)
            if first is None:
                valid[place.kind].remember(place.node)
            else:
                yield first
                yield from problems
        elif place.is_item:
            yield from _check_item(place, file)


def _check_mapping(
    validators: Validators, found: dict[str, Any], scope: _Scope, file: str
) -> Iterator[Problem]:
    """Yield what is wrong with one mapping. A misspelt key explains a missing one."""
    unknown = list(_unknown_keys(found, scope, file))
    yield from unknown
    if not validators.mapping.validate(found, normalize=False):
        for error in _flat(validators.mapping._errors):
            if not (unknown and error.code == codes.REQUIRED_FIELD.code):
                yield _problem(error, error.document_path, scope, file)
    for path in validators.lists:
        items = _at(found, path)
        if isinstance(items, list):
            yield from _check_items(validators.items(path), path, items, scope, file)


def _check_items(
    validator: Validator, path: tuple[str, ...], items: list[Any], scope: _Scope, file: str
) -> Iterator[Problem]:
    key, valid = path[-1], set[Hashable]()
    for index, (item, node) in enumerate(zip(items, _nodes_at(scope.root, path), strict=True)):
        like = likeness(node, validator.schema[key])
        if like in valid:
            continue
        if validator.validate({key: item}, normalize=False):
            valid.add(like)
            continue
        for error in _flat(validator._errors):
            yield _problem(error, (*path, index), scope, file)


def _at(found: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _nodes_at(owner: Node | None, path: tuple[str, ...]) -> list[Node]:
    """Return the items of the list that stands at a path."""
    for key in path:
        owner = owner.value(key) if isinstance(owner, MapNode) else None
    assert isinstance(owner, ListNode)
    return owner.items


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
        if rules.get("type") == "dict" and "schema" in rules and isinstance(inner, MapNode):
            below = _Scope(inner, rules["schema"], f"under '{key}'")
            yield from _unknown_keys(found[key], below, file)


def _check_item(place: Place, file: str) -> Iterator[Problem]:
    """Yield what is wrong with something that is no mapping: an item of a list, an answer."""
    node = place.node
    location = Location(file, node.line, node.column)
    text_will_do = place.kind in (*REPLIES, "part", "model")
    if isinstance(node, Scalar) and text_will_do:
        if place.kind == "model" and (node.kind == "null" or not node.text):
            yield Problem(location, "error", "MOCK007", "this name is empty")
        elif node.kind == "null":
            hint = 'write "" for an empty answer'
            yield Problem(location, "error", "MOCK007", "this answer is empty", hint)
        return
    what = f"a {place.kind}" if place.kind in _ITEMS else "an answer"
    wanted = "text or a mapping" if text_will_do else "a mapping"
    yield Problem(location, "error", "MOCK005", f"{what} takes {wanted}, not {describe(node)}")


def _shallow(key: str, node: Node) -> Any:
    """Return a top-level value without the rules and answers in it, which are places of their
    own."""
    if key == "responses" and isinstance(node, MapNode):
        return {}
    if key == "rules" and isinstance(node, ListNode):
        return []
    return value(node)


def _flat(errors: Any) -> Iterator[Any]:
    """Yield the single errors, without those that another one explains: a list beside its wrong
    items."""
    for error in errors:
        if error.is_group_error:
            yield from _flat(error.child_errors)
        elif error.code != codes.UNALLOWED_VALUES.code:
            yield error


def _problem(error: Any, path: tuple[Any, ...], scope: _Scope, file: str) -> Problem:
    """Return a Cerberus error with its place, in plain words."""
    owner, table, words = scope.root, scope.table, scope.words
    *outer, last = path
    key, index = (outer.pop(), last) if isinstance(last, int) else (last, None)
    for name in outer:
        inner = owner.value(name)
        assert isinstance(inner, MapNode)
        owner, table, words = inner, table[name]["schema"], f"under '{name}'"
    if key not in owner.entries:
        location = Location(file, owner.line, owner.column)
        message = f"{shorten(key)} is missing {words}"
        return Problem(location, "error", "MOCK004", message, f"write {key}: ...")
    node = owner.entries[key][1]
    if index is not None and isinstance(node, ListNode):
        node = node.items[index]
    code, message = _value_message(error, key, node)
    hint = _EMPTY_HINTS.get(key) if code == "MOCK007" else None
    return Problem(Location(file, node.line, node.column), "error", code, message, hint)


def _value_message(error: Any, key: str, node: Node) -> tuple[str, str]:
    constraint = error.constraint
    if error.code == codes.NOT_NULLABLE.code or (isinstance(node, Scalar) and node.kind == "null"):
        return "MOCK007", "this answer is empty" if key in _ANSWERS else f"'{key}' is empty"
    if error.code == codes.EMPTY_NOT_ALLOWED.code:
        hint = ": it would match everything or nothing" if key in schema.WHEN else ""
        return "MOCK007", f"'{key}' is empty{hint}"
    if error.code == codes.BAD_TYPE.code:
        kinds = constraint if isinstance(constraint, list) else [constraint]
        wanted = " or ".join(schema.TYPE_WORDS[kind] for kind in kinds)
        return "MOCK005", f"'{key}' takes {wanted}, not {describe(node)}"
    if error.code == codes.UNALLOWED_VALUE.code:
        allowed = " or ".join(str(each).lower() for each in constraint)
        near = difflib.get_close_matches(describe(node), map(str, constraint), 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return "MOCK006", f"'{key}' takes {allowed}, not {describe(node)}{hint}"
    if error.code in (codes.MIN_VALUE.code, codes.MAX_VALUE.code):
        bound = "at least" if error.code == codes.MIN_VALUE.code else "at most"
        return "MOCK006", f"'{key}' takes {bound} {constraint}, not {describe(node)}"
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


def _did_you_mean(key: str, known: Schema) -> str:
    """Return a hint for an unknown key: where it belongs, the nearest known one, or all."""
    if key in schema.HOMES:
        return f"it belongs {schema.HOMES[key]}"
    near = difflib.get_close_matches(key, known, 1)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"known here: {', '.join(known)}"
