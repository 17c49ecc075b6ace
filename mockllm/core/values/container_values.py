"""Objects and arrays for the keywords of a schema, the fullest first, from a search for members."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from copy import copy
from itertools import chain, islice, takewhile
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from mockllm.core.values import pattern_text
from mockllm.core.values.json_schema import Path, Schema
from mockllm.core.values.json_value import identity
from mockllm.core.values.prompt_values import PromptValues
from mockllm.core.values.schema_shape import MAX_LENGTH, Shape, both, item_schema, property_schema
from mockllm.core.values.steps import Steps

_FULL_DEPTH = 3  # objects nested deeper have required properties only
_MAX_NAME_TRIES = 50
_MEMBERS_PER_STEP = 16

_NOTHING: Any = object()
_Container = TypeVar("_Container", dict[str, Any], list[Any])


class Place(Struct, frozen=True):
    """Where a value is wanted.

    followed: the references that lead there from the root.
    choices: how many choices have been made on the way.
    only_offered: a value is wanted only if the prompt has a part in it.
    """

    path: Path
    followed: frozenset[str]
    choices: int = 0
    only_offered: bool = False

    @property
    def name(self) -> str:
        """The name of the property that the value is for, or is in; "" when there is none."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")

    @property
    def depth(self) -> int:
        """How many properties lead there."""
        return sum(isinstance(part, str) for part in self.path)

    def member(self, key: str | int, shape: Shape) -> Place:
        return Place((*self.path, key), shape.followed, self.choices)


class Members(Protocol):
    """The search that finds the members of objects and arrays."""

    prompt: PromptValues
    steps: Steps

    def values(self, schema: Schema, place: Place) -> Iterator[Any]:
        """Yield values for `schema`, the best first."""

    def note(self, place: Place, why: object) -> None:
        """Note what was in the way."""


def objects(shape: Shape, place: Place, members: Members) -> Iterator[dict[str, Any]]:
    """Yield objects: with all properties, the required ones, all but one, then other values."""
    least = shape.keywords.get("minProperties", 0)
    if least > MAX_LENGTH:
        members.note(place, f"minProperties is over {MAX_LENGTH:,}")
        return
    used = members.prompt.used
    required = shape.keywords.get("required", ())
    sources: dict[str, Iterator[Any]] = {}
    drawn = _drawn(shape, place, members, sources)
    if drawn is None or (place.only_offered and members.prompt.used == used):
        members.prompt.used = used
        return
    yield drawn
    lean = {name: drawn[name] for name in required}
    if least <= len(lean) < len(drawn):
        yield lean
    if least < len(drawn):
        yield from (_without(name, drawn) for name in reversed(drawn) if name not in lean)
    yield from _varied(drawn, sources, members.steps)


def _drawn(
    shape: Shape, place: Place, members: Members, sources: dict[str, Iterator[Any]]
) -> dict[str, Any] | None:
    """Return an object, None when there is none; put where its values come from into `sources`."""
    keywords = shape.keywords
    least, most = keywords.get("minProperties", 0), keywords.get("maxProperties", math.inf)
    required = frozenset(keywords.get("required", ()))
    drawn: dict[str, Any] = {}
    more = (name for name in _more_names(shape, place, members) if name not in drawn)
    needed = takewhile(lambda _name: len(drawn) < least, more)
    for name in chain(_names(keywords, place), needed):
        members.steps.spend_on(name)
        rule = property_schema(keywords, name, members.steps)
        source = members.values(rule, place.member(name, shape))
        value = next(source, _NOTHING)
        if value is not _NOTHING:
            drawn[name], sources[name] = value, source
        elif name in required:
            return None
    if least <= len(drawn) <= most:
        return drawn
    few = "few" if len(drawn) < least else "many"
    members.note(place, f"an object of {len(drawn):,} properties has too {few} of them")
    return None


def _more_names(shape: Shape, place: Place, members: Members) -> Iterator[str]:
    """Yield names for an object that must have more properties than are declared."""
    keywords = shape.keywords
    least = keywords.get("minProperties", 0)
    yield from keywords.get("properties", ())
    if "propertyNames" in keywords:
        rule = both({"type": ["string"]}, keywords["propertyNames"])
        yield from islice(members.values(rule, place), least + _MAX_NAME_TRIES)
    for pattern in keywords.get("patternProperties", ()):
        yield from islice(pattern_text.texts(pattern, members.steps), least)
    yield from (f"key{number}" for number in range(1, least + 1))


def arrays(shape: Shape, place: Place, members: Members) -> Iterator[list[Any]]:
    """Yield arrays: of one item or as many as must be, then shorter, then with other values."""
    keywords = shape.keywords
    contained = shape.contained
    prefix = len(keywords.get("prefixItems", ()))
    most = min(keywords.get("maxItems", math.inf), MAX_LENGTH)
    if keywords.get("items") is False:
        most = min(most, prefix)
    # What must be contained may have to come after some of the first items.
    for offset in range(prefix + 1 if contained else 1):
        least = max(keywords.get("minItems", 0), offset + len(contained))
        if least > most:
            members.note(place, f"it cannot have {least:,} items")
            return
        length = int(min(max(least, prefix, 1), most))
        members.steps.spend(length // _MEMBERS_PER_STEP)
        parts = [item_schema(keywords, at) for at in range(length)]
        for at, part in enumerate(contained, offset):
            parts[at] = both(parts[at], part)
        yield from _of_parts(parts, least, shape, place, members)


def _of_parts(
    parts: list[Schema], least: int, shape: Shape, place: Place, members: Members
) -> Iterator[list[Any]]:
    """Yield arrays with an item for each of `parts`, or at least for the first `least`."""
    unique = shape.keywords.get("uniqueItems", False)
    used = members.prompt.used
    drawn: list[Any] = []
    sources: dict[int, Iterator[Any]] = {}
    seen: set[Hashable] = set()
    for at, part in enumerate(parts):
        # Distinct items of one schema share a source, which would else start again for each.
        source = sources[at - 1] if unique and at and part is parts[at - 1] else None
        if source is None:
            source = members.values(part, place.member(at, shape))
            source = _unseen(source, seen) if unique else source
        value = next(source, _NOTHING)
        if value is _NOTHING:
            break
        drawn.append(value)
        sources[at] = source
    if len(drawn) < least or (place.only_offered and members.prompt.used == used):
        if unique and drawn:
            members.note(place, f"no {least:,} different items were found")
        members.prompt.used = used
        return
    yield drawn
    if least < len(drawn):
        yield drawn[:least]
    yield from _varied(drawn, sources, members.steps)


def _varied(
    drawn: _Container, sources: dict[Any, Iterator[Any]], steps: Steps
) -> Iterator[_Container]:
    """Yield copies of `drawn` with the next value of one source in its place, by turns."""
    while sources:
        for key, source in list(sources.items()):
            value = next(source, _NOTHING)
            if value is _NOTHING:
                del sources[key]
                continue
            steps.spend(1 + len(drawn) // _MEMBERS_PER_STEP)
            varied = copy(drawn)
            varied[key] = value
            yield varied


def _names(keywords: Mapping[str, Any], place: Place) -> Iterator[str]:
    """Yield the names that an object has: the required ones, and near the root the others."""
    required = dict.fromkeys(keywords.get("required", ()))
    properties = keywords.get("properties", {})
    room = keywords.get("maxProperties", math.inf) - len(required)
    for name, rule in properties.items():
        if name in required:
            yield name
        elif rule is not False and place.depth < _FULL_DEPTH and room > 0:
            room -= 1
            yield name
    yield from (name for name in required if name not in properties)


def _without(name: str, drawn: dict[str, Any]) -> dict[str, Any]:
    return {other: value for other, value in drawn.items() if other != name}


def _unseen(values: Iterator[Any], seen: set[Hashable]) -> Iterator[Any]:
    for value in values:
        key = identity(value)
        if key not in seen:
            seen.add(key)
            yield value
