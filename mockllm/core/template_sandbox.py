"""What a template may hold and use up while it is rendered. See `core/template.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import chain, islice
from random import Random
from typing import Any, NamedTuple

import jinja2
from jinja2.runtime import Context as JinjaContext
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import SandboxedEnvironment

from mockllm.core.template import MAX_STEPS, MAX_VALUE, TemplateFailure

_UNITS_A_STEP = 100  # a unit is a character
UNITS_AN_ITEM = 10  # of a value; or a node of a source
_ITEMS_A_MAPPING = 5  # to compare or write one costs so much more
MAX_DEPTH = 50  # of a source, and of a value
MAX_BITS = 4_096  # of an integer
MAX_PLACES = 100  # in rounding
MAX_STRIPPED = 100  # characters: str.strip takes the product of the lengths
MAX_INDENT = 8  # spaces a level of JSON
MAX_MESSAGE = 500  # characters
_SHOWN_KEYS = 10
_TOO_MANY_STEPS = f"the template takes more than {MAX_STEPS:,} steps"
SHOWN_CHARACTERS = 50  # of a key or name


class Meter:
    """What one render has used up."""

    __slots__ = ("steps",)

    def __init__(self) -> None:
        self.steps = 0

    def spend(self, units: int) -> None:
        self.steps += 1 + units // _UNITS_A_STEP
        if self.steps > MAX_STEPS:
            raise TemplateFailure(_TOO_MANY_STEPS)

    def read(self, values: Iterable[Any], price: int = 1) -> None:
        """Spend `price` times what `values` cost to read, at every depth; what cannot be paid for
        is not read."""
        left = (MAX_STEPS - self.steps) * _UNITS_A_STEP
        self.spend(price * weight(values, left // price))

    def made(self, value: Any) -> Any:
        """Return `value`, which is new, when it is not too large."""
        if isinstance(value, str | list | tuple):
            limit(len(value))
            self.spend(len(value))
        elif isinstance(value, int) and value.bit_length() > MAX_BITS:
            raise TemplateFailure("a number becomes too large")
        elif isinstance(value, complex):
            raise TemplateFailure("a negative number has no such power")
        return value


class Context(JinjaContext):
    """The variables of one render, and its meter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meter = Meter()


class Environment(SandboxedEnvironment):
    """Jinja whose operators, members and calls take only what is known to be bounded."""

    context_class = Context
    intercepted_binops = frozenset(SandboxedEnvironment.default_binop_table)

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        key = typed(argument, KEY)
        if isinstance(obj, LoopContext) and key in _LOOP_FIELDS:
            return getattr(obj, key)
        if isinstance(_defined(obj), Mapping | list | tuple | str):
            with suppress(LookupError, TypeError):
                return obj[key]
        return _Missing(obj=obj, name=key)

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        kwargs.pop("_loop_vars", None)
        kwargs.pop("_block_vars", None)
        return context.meter.made(typed(obj, MACRO)(*args, **kwargs))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        match operator, left, right:
            case "**", int(), int() | float() if left.bit_length() * right > MAX_BITS:
                raise TemplateFailure("a number becomes too large")
            case _, int() | float(), int() | float():
                pass
            case ("+", str(), str()) | ("+", list(), list()):
                limit(len(left) + len(right))
            case "*", str() | list(), int():
                limit(len(left) * right)
            case _:
                kinds = " and ".join(type(_defined(value)).__name__ for value in (left, right))
                hint = "; ~ joins texts" if operator == "+" else ""
                raise TypeError(f"{operator} does not take {kinds}{hint}")
        return context.meter.made(self.binop_table[operator](left, right))


@jinja2.pass_context
def finalize(context: Context, value: Any) -> Any:
    """Return the text of an expression that a template puts out."""
    if not isinstance(value, str):
        context.meter.read((value,))
        value = str(value)
    return context.meter.made(value)


@jinja2.pass_context
def turn(context: Context, units: int) -> bool:
    context.meter.spend(units)
    return True


def limit(size: int) -> None:
    if size > MAX_VALUE:
        raise TemplateFailure(f"a value is larger than {MAX_VALUE:,} characters or items")


def weight(values: Iterable[Any], most: int) -> int:
    """Return the units that all of `values` costs to read, at every depth.

    Raises:
        TemplateFailure: they are too large, or cost more than `most`.
        TypeError: something in them is no plain data.
    """
    size = visited = 0
    level = list(values)
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            length, parts = _parts(value)
            limit(size := size + length)
            below += parts
            visited += _ITEMS_A_MAPPING if isinstance(value, Mapping) else 1
        if size + UNITS_AN_ITEM * (visited + len(below)) > most:
            raise TemplateFailure(_TOO_MANY_STEPS)
        if not below:
            return size + UNITS_AN_ITEM * visited
        level = below
    raise TemplateFailure(f"a value nests deeper than {MAX_DEPTH} levels")


def _parts(value: Any) -> tuple[int, Iterable[Any]]:
    match _defined(value):
        case str():
            return len(value), ()
        case bool() | float() | None | jinja2.Undefined():
            return 0, ()
        case int():
            return value.bit_length() // 4, ()
        case list() | tuple():
            return len(value), value
        case Mapping():
            return 2 * len(value), chain(value.keys(), value.values())
    raise TypeError(f"{type(value).__name__} is no value")


class Kind(NamedTuple):
    types: Any
    words: str


TEXT = Kind(str, "a text")
WHOLE = Kind(int, "a whole number")
NUMBER = Kind(int | float, "a number")
KEY = Kind(str | int | float | None, "a text or number as key")
LIST = Kind(str | list | tuple, "a list or text")
ITEMS = Kind(str | list | tuple | Mapping, "a list, mapping or text")
MAPPING = Kind(Mapping, "a mapping")
RANDOM = Kind(Random, "random")
LOOP = Kind(LoopContext, "a loop")
MACRO = Kind(Macro, "a macro to call")

_LOOP_FIELDS = frozenset(
    {"index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem"}
)


def typed(value: Any, kind: Kind) -> Any:
    if not isinstance(_defined(value), kind.types):
        raise TypeError(f"wanted {kind.words}, got {type(value).__name__}")
    return value


def _defined(value: Any) -> Any:
    if isinstance(value, jinja2.StrictUndefined):
        str(value)  # raises what it is that is undefined
    return value


class _Missing(jinja2.StrictUndefined):
    """A member that a value does not have. What it has is listed only when it is asked for:
    templates try members that they have a default for."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        owner, key = self._undefined_obj, self._undefined_name
        shown = repr(key[:SHOWN_CHARACTERS] if isinstance(key, str) else key)
        if not isinstance(owner, Mapping):
            return f"{type(owner).__name__} has no {shown}"
        known = ", ".join(str(name)[:SHOWN_CHARACTERS] for name in islice(owner, _SHOWN_KEYS))
        return f"{shown} is undefined; known: {known or 'nothing'}"
