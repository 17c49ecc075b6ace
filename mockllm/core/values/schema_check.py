"""Whether a value is valid for a schema: `jsonschema`, made safe for what clients send.

Patterns are found by RE2, nothing is fetched, steps and nesting are bounded. To import this module
takes some 40 ms, for jsonschema's sake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from functools import partial
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators
from referencing import Registry

from mockllm.core.values import patterns, text_formats
from mockllm.core.values.json_schema import Schema, definitions, sentence
from mockllm.core.values.json_value import identity
from mockllm.core.values.steps import Steps

_MAX_STEPS = 20_000
_MAX_NESTING = 80
_MEMBERS_PER_STEP = 4
_CHARACTERS_PER_STEP = 200

_Check = Callable[[Any, Any, Any, Any], Iterable[ValidationError]]


class _TooDeep(Exception):
    """Keywords are applied within keywords too deeply."""


class Checker:
    """Checks values against one schema, with one allowance of steps for all of them."""

    def __init__(self, schema: Schema) -> None:
        # The registry is empty, so that nothing is ever fetched.
        self._validator = _Validator(schema, registry=Registry(), format_checker=_FORMATS)
        self.definitions = definitions(schema)
        self.steps = Steps(_MAX_STEPS)
        self.nesting = 0

    def violation(self, value: Any, part: Schema | None = None) -> str | None:
        """Return how `value` breaks the schema, or `part` of it; None when it does not.

        Raises:
            OutOfSteps: the checks took too many.
        """
        validator = self._validator if part is None else self._validator.evolve(schema=part)
        self.nesting = 0
        token = _checker.set(self)
        try:
            error = next(validator.iter_errors(value), None)
        except (_TooDeep, RecursionError):
            return "the value or the schema is nested too deeply to check"
        except (ArithmeticError, ValueError):
            # Of numbers with thousands of digits, as floats and as text.
            return "a number is too large to check"
        finally:
            _checker.reset(token)
        return None if error is None else sentence(tuple(error.absolute_path), error.message)


_checker: ContextVar[Checker] = ContextVar("checker")


def _bounded(check: _Check) -> _Check:
    """Return `check` so that it spends steps by the size of its keyword and of what it reports.

    Its nesting is bounded, since at Python's own limit the maps of `referencing`, written in
    Rust, do not raise RecursionError but what no `except Exception` catches.
    """

    def bounded(validator: Any, keyword: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        checker = _checker.get()
        members = len(keyword) if isinstance(keyword, list | dict) else 0
        checker.steps.spend(1 + members // _MEMBERS_PER_STEP)
        if checker.nesting == _MAX_NESTING:
            raise _TooDeep
        checker.nesting += 1
        for error in check(validator, keyword, value, schema):
            checker.steps.spend(len(error.message) // _CHARACTERS_PER_STEP)
            checker.nesting -= 1
            yield error
            checker.nesting += 1
        checker.nesting -= 1

    return bounded


def _reference(
    validator: Any, reference: str, value: Any, _schema: Any
) -> Iterator[ValidationError]:
    yield from validator.descend(value, _checker.get().definitions[reference])


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not _found(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, rules: dict[str, Schema], value: Any, _schema: Any
) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for pattern, rule in rules.items():
            for name, member in value.items():
                if _found(pattern, name):
                    yield from validator.descend(member, rule, path=name, schema_path=pattern)


def _additional_properties(
    validator: Any, rule: Schema, value: Any, schema: dict[str, Any]
) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    for name, member in value.items():
        if name in schema.get("properties", ()):
            continue
        if any(_found(pattern, name) for pattern in schema.get("patternProperties", ())):
            continue
        if rule is False:
            yield ValidationError(f"the property {name!r} is not allowed")
        else:
            yield from validator.descend(member, rule, path=name)


def _unique_items(
    _validator: Any, wanted: bool, value: Any, _schema: Any
) -> Iterator[ValidationError]:
    """Compare by hash: jsonschema compares each item with each."""
    if wanted and isinstance(value, list):
        _checker.get().steps.spend_on(value)
        if len(set(map(identity, value))) < len(value):
            yield ValidationError(f"{value!r} has the same item twice")


def _found(pattern: str, text: str) -> bool:
    """Say whether `pattern` is found in `text`; True for a pattern that cannot be checked."""
    return patterns.found(pattern, text, _checker.get().steps) is not False


def _has_format(name: str, value: object) -> bool:
    return not isinstance(value, str) or text_formats.has_format(value, name)


def _formats() -> FormatChecker:
    checker = FormatChecker(formats=())
    for name in text_formats.KNOWN:
        checker.checks(name)(partial(_has_format, name))
    return checker


_FORMATS = _formats()
_Validator = validators.extend(  # type: ignore[no-untyped-call]  # the stubs lack its types
    Draft202012Validator,
    {
        keyword: _bounded(check)
        for keyword, check in {
            **Draft202012Validator.VALIDATORS,
            "$ref": _reference,
            "pattern": _pattern,
            "patternProperties": _pattern_properties,
            "additionalProperties": _additional_properties,
            "uniqueItems": _unique_items,
        }.items()
    },
)
