"""The search for a value of a JSON Schema.

Values are drawn one by one, the best first: whoever cannot use one asks for the next. Every node
and every attempt spends a step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mockllm.core.values import container_values, leaf_values, text_formats
from mockllm.core.values.container_values import Place
from mockllm.core.values.json_schema import Schema, definitions, sentence
from mockllm.core.values.json_value import type_name
from mockllm.core.values.prompt_values import PromptValues
from mockllm.core.values.schema_shape import MAX_LENGTH, Contradiction, Shape
from mockllm.core.values.steps import Steps

if TYPE_CHECKING:
    from mockllm.core.values.schema_check import Checker

MAX_DEPTH = 32
MAX_STEPS = 20_000
ROOT = Place((), frozenset({"#"}))

_MAX_CHOICES = 100
_MAX_TRIES = 50


def checker(schema: Schema) -> Checker:
    """Return the checker of `schema`."""
    # Not above, since jsonschema takes 40 ms to import, and many processes never need it.
    from mockllm.core.values.schema_check import Checker

    return Checker(schema)


class Search:
    """The search in one schema, with one prompt. `obstacle` says what was in its way last."""

    def __init__(self, schema: Schema, prompt: str) -> None:
        self.obstacle = ""
        self.prompt = PromptValues(prompt)
        self.steps = Steps(MAX_STEPS)
        self._schema = schema
        self._definitions = definitions(schema)

    def violation(self, value: Any, schema: Schema) -> str | None:
        """Return how `value` breaks `schema`, which is the whole schema or a part of it."""
        return self._checker.violation(value, schema)

    @cached_property
    def _checker(self) -> Checker:
        return checker(self._schema)

    def values(self, schema: Schema, place: Place) -> Iterator[Any]:
        """Yield values for `schema`; some may break what only a check of the whole can tell.

        Raises:
            OutOfSteps: the search has taken too many.
        """
        shape = Shape(self._definitions, place.followed, self.steps)
        try:
            if len(place.path) > MAX_DEPTH:
                raise Contradiction(f"the value is nested deeper than {MAX_DEPTH}")
            shape.add(schema)
        except Contradiction as reason:
            self.note(place, reason)
            return
        yield from self._defaults(shape, schema, place)
        yield from self._of_shape(shape, schema, place)

    def _defaults(self, shape: Shape, schema: Schema, place: Place) -> Iterator[Any]:
        """Yield what the prompt has a part in, then the default and the examples."""
        keywords = shape.keywords
        defaults = [keywords["default"]] if "default" in keywords else []
        defaults += keywords.get("examples", [])
        if defaults:
            yield from self._of_shape(shape, schema, replace(place, only_offered=True))
        for value in defaults:
            self.steps.spend_on(value)
            if self.violation(value, schema) is None:
                yield value

    def _of_shape(self, shape: Shape, schema: Schema, place: Place) -> Iterator[Any]:
        if shape.choices:
            yield from self._chosen(shape, schema, place)
            return
        if "enum" in shape.keywords:
            sources, tries = [self._members(shape, place)], math.inf
        else:
            sources = [self._of_type(name, shape, place) for name in shape.types]
            tries = _MAX_TRIES / len(sources)
        for values in sources:
            yield from self._valid(values, schema, place, tries) if shape.needs_check else values

    def _chosen(self, shape: Shape, schema: Schema, place: Place) -> Iterator[Any]:
        """Yield values for each branch of the first choice."""
        if place.choices == _MAX_CHOICES:
            self.note(place, f"there are over {_MAX_CHOICES} choices on the way there")
            return
        inner = replace(place, choices=place.choices + 1)
        for branch in shape.choices[0]:
            try:
                narrowed = shape.narrowed(branch)
            except Contradiction as reason:
                self.note(place, reason)
            else:
                yield from self._of_shape(narrowed, schema, inner)

    def _valid(
        self, values: Iterator[Any], schema: Schema, place: Place, tries: float
    ) -> Iterator[Any]:
        """Yield those of `values` that are valid for `schema`, until `tries` were not."""
        failures = 0
        for value in values:
            reason = self.violation(value, schema)
            if reason is None:
                yield value
                continue
            failures += 1
            if failures == 1:
                self.note(place, reason)
            if failures > tries:
                return

    def _of_type(self, name: str, shape: Shape, place: Place) -> Iterator[Any]:
        match name:
            case "string":
                return self._strings(shape, place)
            case "integer" | "number":
                return self._numbers(shape, place, name == "integer")
            case "array":
                return container_values.arrays(shape, place, self)
            case "object":
                return container_values.objects(shape, place, self)
        constants = (True, False) if name == "boolean" else (None,)
        return iter(() if place.only_offered else constants)

    def _members(self, shape: Shape, place: Place) -> Iterator[Any]:
        types = {*shape.types, "integer"} if "number" in shape.types else shape.types
        members = [each for each in shape.keywords["enum"] if type_name(each) in types]
        self.steps.spend(len(members))
        if not members:
            self.note(place, f"no member of the enum is of type {' or '.join(shape.types)}")
        invented = () if place.only_offered else members
        for member in chain(self.prompt.members(members), invented):
            self.steps.spend_on(member)
            yield member

    def _strings(self, shape: Shape, place: Place) -> Iterator[str]:
        if shape.keywords.get("minLength", 0) > MAX_LENGTH:
            self.note(place, f"minLength is over {MAX_LENGTH:,}")
            return
        has_format = shape.keywords.get("format") in text_formats.KNOWN
        fits = partial(leaf_values.text_fits, shape=shape, steps=self.steps, unchecked=has_format)
        words = self.prompt.words(fits) if has_format else ()
        for text in chain(self.prompt.texts(fits), words):
            self.steps.spend_on(text)
            yield text
        if not place.only_offered:
            invented = leaf_values.texts(shape, place.name, self.steps)
            yield from self._noted(invented, place, "no string was found that fits")

    def _numbers(self, shape: Shape, place: Place, whole: bool) -> Iterator[float]:
        fits = partial(leaf_values.number_fits, keywords=shape.keywords, whole=whole)
        yield from self.prompt.numbers(fits)
        if not place.only_offered:
            invented = leaf_values.numbers(shape.keywords, whole, self.steps)
            yield from self._noted(invented, place, "no number was found that fits")

    def _noted(self, values: Iterator[Any], place: Place, why: str) -> Iterator[Any]:
        """Yield `values`; note that there are none."""
        none = True
        for value in values:
            none = False
            yield value
        if none:
            self.note(place, why)

    def note(self, place: Place, why: object) -> None:
        """Note what was in the way at `place`."""
        self.obstacle = sentence(place.path, str(why))
