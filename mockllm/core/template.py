"""Templates of answers: Jinja in a sandbox that bounds what a template can do.

Nothing can interrupt a template that runs, and its author may be untrusted. So what is not listed
here is refused when the template is compiled; each operation is paid for in steps, by the size of
what it reads and of what it makes; and none makes a value larger than `MAX_VALUE`.

Source: Jinja 3.1 (https://jinja.palletsprojects.com/en/stable/templates/). Known departures:
`x.name` is always a key and `x.name()` always a method; `%` formats no text; `tojson` writes plain
JSON; keys of a literal are texts; filters take no `attribute`; `*` and `**` do not unpack; a line
break at the end stays; there are no namespaces, call blocks, recursive loops, escaping or other
templates.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import islice
from random import Random
from typing import Any

from msgspec import Struct

MAX_SOURCE = 100_000  # characters
MAX_TOKENS = 3_000  # names, operators and the like of one source: what compiling it costs
MAX_STEPS = 40_000  # turns of loops, calls and operations in one render
MAX_VALUE = 1_000_000  # characters and items
MAX_OUTPUT = 1_000_000  # characters


class TemplateProblem(ValueError):
    """A source that is no template. `line` and `column` count from 1; column 1 if unknown."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class TemplateFailure(ValueError):
    """A template that cannot be rendered with the values it was given; `message` says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Template(Struct, frozen=True, eq=False, weakref=True):
    """A compiled template, from `compile_template`; many threads may render it at a time."""

    _compiled: Any  # Jinja's, which stays behind this module

    def render(self, values: Mapping[str, Any], random: Random) -> str:
        """Return the text. `values` are plain data, as JSON has them; all chance is `random`'s.

        Raises:
            TemplateFailure: a value is missing or of the wrong type, or a bound was passed.
        """
        from mockllm.core.template_render import render  # Jinja is slow to import

        return render(self._compiled, values, random)


def compile_template(source: str, names: Collection[str]) -> Template:
    """Return `source` compiled; `names` are those that `render` will get values for.

    Raises:
        TemplateProblem: it is no Jinja, or has a name, filter, test, method or tag not known here.
    """
    from mockllm.core.template_render import compiled  # Jinja is slow to import

    return Template(compiled(source, names))


def has_tags(source: str) -> bool:
    """Return whether a template is more than plain text."""
    return any(mark in source for mark in ("{{", "{%", "{#"))


def count_tokens(source: str) -> int:
    """Return how many tokens a template has besides its plain text; past `MAX_TOKENS` they are
    not counted."""
    if not has_tags(source):
        return 0
    from mockllm.core.template_render import tokens  # Jinja is slow to import

    return sum(1 for _ in islice(tokens(source), MAX_TOKENS + 1))
