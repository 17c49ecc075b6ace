"""The filters, methods and tests that templates have, each paid for. See `core/template.py`."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from functools import partial, wraps
from typing import Any
from uuid import UUID

import jinja2
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.tests import TESTS as JINJA_TESTS

from mockllm.core.template import MAX_VALUE, TemplateFailure
from mockllm.core.template_sandbox import (
    ITEMS,
    KEY,
    LIST,
    LOOP,
    MAPPING,
    MAX_INDENT,
    MAX_MESSAGE,
    MAX_PLACES,
    MAX_STRIPPED,
    NUMBER,
    RANDOM,
    TEXT,
    WHOLE,
    Context,
    Environment,
    Kind,
    finalize,
    limit,
    turn,
    typed,
)


def _operations(
    kind: Kind | None = None, price: int = 1, **functions: Callable[..., Any]
) -> dict[str, Callable[..., Any]]:
    """Return functions as filters of one kind of value, None for all.

    They cost `price` times what their values and arguments cost to read; 0 is for what looks at
    no more than one item. What they make costs in any case.
    """
    return {name: _operation(name, functions[name], kind, price) for name in functions}


def _operation(
    name: str, function: Callable[..., Any], kind: Kind | None, price: int
) -> Callable[..., Any]:
    @jinja2.pass_context
    @wraps(function)
    def operate(context: Context, value: Any, /, *args: Any, **kwargs: Any) -> Any:
        if price:
            context.meter.read((value, *args, *kwargs.values()), price)
        try:
            result = function(typed(value, kind) if kind else value, *args, **kwargs)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise TemplateFailure(f"{name}: {error}"[:MAX_MESSAGE]) from None
        return context.meter.made(result)

    return operate


def _strip(strip: Callable[[str, str | None], str], value: Any, chars: str | None = None) -> str:
    if len(chars or "") > MAX_STRIPPED:
        raise TemplateFailure(f"more than {MAX_STRIPPED} characters to strip")
    return strip(str(value), chars)


def _replace(value: Any, old: Any, new: Any, count: int | None = None) -> str:
    text, old, new = str(value), str(old), str(new)
    times = text.count(old)
    if count is not None and count >= 0:
        times = min(times, count)
    limit(len(text) + times * (len(new) - len(old)))
    return text.replace(old, new, times)


def _join(value: Any, d: Any = "") -> str:
    texts, separator = [str(item) for item in value], str(d)
    limit(sum(map(len, texts)) + len(texts) * len(separator))
    return separator.join(texts)


def _indent(value: Any, width: int = 4, first: bool = False, blank: bool = False) -> Any:
    text = str(value)
    limit(len(text) + len(f"{text}\n".splitlines()) * typed(width, WHOLE))
    return JINJA_FILTERS["indent"](text, width, first, blank)


def _truncate(
    value: Any, length: int = 255, killwords: bool = False, end: str = "...", leeway: int = 5
) -> str:
    text = str(value)
    if len(text) <= length + leeway:
        return text
    kept = text[: max(length - len(end), 0)]
    return (kept if killwords else kept.rsplit(" ", 1)[0]) + end


def _tojson(value: Any, indent: int | None = None) -> str:
    width = None if indent is None else min(typed(indent, WHOLE), MAX_INDENT)
    encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=width, default=dict)
    pieces: list[str] = []
    size = 0
    for piece in encoder.iterencode(value):
        limit(size := size + len(piece))
        pieces.append(piece)
    return "".join(pieces)


def _round(value: Any, precision: int = 0, method: str = "common") -> Any:
    if abs(typed(precision, WHOLE)) > MAX_PLACES:
        raise TemplateFailure(f"to more than {MAX_PLACES} places")
    return JINJA_FILTERS["round"](value, precision, method)


def _sort(value: Any, reverse: bool = False, case_sensitive: bool = False) -> list[Any]:
    return sorted(value, key=_sort_key(case_sensitive), reverse=reverse)


def _extreme(choose: Callable[..., Any], value: Any, case_sensitive: bool = False) -> Any:
    return choose(value, key=_sort_key(case_sensitive), default=_EMPTY)


def _unique(value: Any, case_sensitive: bool = False) -> list[Any]:
    # By their texts: integers can be chosen that all have one hash, and take quadratic time.
    key = _sort_key(case_sensitive)
    found: dict[str, Any] = {}
    for item in value:
        found.setdefault(repr(key(item)), item)
    return list(found.values())


def _sort_key(case_sensitive: bool) -> Callable[[Any], Any]:
    return lambda item: item.lower() if isinstance(item, str) and not case_sensitive else item


def _compare(value: Any, *chain: Any) -> bool:
    for comparison, other in zip(chain[::2], chain[1::2], strict=True):
        if not _COMPARISONS[comparison](value, other):
            return False
        value = other
    return True


def _range(_: None, *bounds: int) -> list[int]:
    numbers = range(*bounds)
    if numbers[MAX_VALUE:]:  # where len() may overflow
        raise TemplateFailure(f"longer than {MAX_VALUE:,} numbers")
    return list(numbers)


_EMPTY = jinja2.StrictUndefined("the list is empty")
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
    "in": lambda value, seq: value in seq,
    "notin": lambda value, seq: value not in seq,
}
FILTERS = {
    **_operations(
        capitalize=JINJA_FILTERS["capitalize"],
        float=JINJA_FILTERS["float"],
        indent=_indent,
        int=JINJA_FILTERS["int"],
        lower=JINJA_FILTERS["lower"],
        replace=_replace,
        string=JINJA_FILTERS["string"],
        trim=partial(_strip, str.strip),
        truncate=_truncate,
        upper=JINJA_FILTERS["upper"],
    ),
    **_operations(None, 3, tojson=_tojson, wordcount=JINJA_FILTERS["wordcount"]),
    **_operations(None, 4, title=JINJA_FILTERS["title"]),
    **_operations(NUMBER, abs=abs, round=_round),
    **_operations(
        ITEMS,
        join=_join,
        reverse=lambda value: value[::-1] if isinstance(value, str) else list(reversed(value)),
        sum=lambda value: sum(value),
    ),
    **_operations(
        ITEMS,
        3,
        max=partial(_extreme, max),
        min=partial(_extreme, min),
        sort=_sort,
        unique=_unique,
    ),
    **_operations(
        ITEMS,
        0,
        count=len,
        first=lambda value: next(iter(value), _EMPTY),
        last=lambda value: next(reversed(value), _EMPTY),
        length=len,
        list=list,
    ),
    **_operations(None, 0, default=JINJA_FILTERS["default"]),
}
METHODS = {
    **_operations(
        TEXT,
        capitalize=str.capitalize,
        endswith=lambda text, suffix: text.endswith(suffix),
        find=lambda text, sub: text.find(sub),
        join=lambda text, items: _join(typed(items, ITEMS), text),
        lower=str.lower,
        lstrip=partial(_strip, str.lstrip),
        replace=_replace,
        rstrip=partial(_strip, str.rstrip),
        split=str.split,
        splitlines=str.splitlines,
        startswith=lambda text, prefix: text.startswith(prefix),
        strip=partial(_strip, str.strip),
        title=str.title,
        upper=str.upper,
    ),
    **_operations(
        LIST,
        count=lambda items, item: items.count(item),
        index=lambda items, item: items.index(item),
    ),
    **_operations(
        MAPPING,
        0,
        get=lambda mapping, key, default=None: mapping.get(typed(key, KEY), default),
        items=lambda mapping: list(mapping.items()),
        keys=lambda mapping: list(mapping),
        values=lambda mapping: list(mapping.values()),
    ),
    **_operations(LOOP, 0, cycle=lambda loop, *args: args[loop.index0 % len(args)]),
    **_operations(
        RANDOM,
        0,
        choice=lambda random, items: random.choice(typed(items, LIST)),
        integer=lambda random, low, high: random.randint(typed(low, WHOLE), typed(high, WHOLE)),
        number=lambda random: random.random(),
        uuid=lambda random: str(UUID(int=random.getrandbits(128), version=4)),
    ),
}
TESTS = {
    **{name: JINJA_TESTS[name] for name in ("boolean", "defined", "false", "float", "integer")},
    **{name: JINJA_TESTS[name] for name in ("iterable", "mapping", "none", "number", "sequence")},
    **{name: JINJA_TESTS[name] for name in ("string", "true", "undefined")},
    **_operations(eq=operator.eq, ne=operator.ne, lt=operator.lt, le=operator.le),
    **_operations(gt=operator.gt, ge=operator.ge),
    "in": _operation("in", _COMPARISONS["in"], None, 1),
    **_operations(
        NUMBER,
        divisibleby=lambda value, num: value % typed(num, NUMBER) == 0,
        even=lambda value: value % 2 == 0,
        odd=lambda value: value % 2 == 1,
    ),
}
CHECKS = {
    **_operations(compare=_compare, concat=lambda *values: "".join(map(str, values))),
    **_operations(LIST, 0, slice=lambda value, *ends: value[slice(*ends)]),
    "for": _operation("for", lambda value: value, ITEMS, 0),
    **_operations(TEXT, 0, key=lambda value: value),
    **_operations(None, 0, range=_range),
    "turn": turn,
}

ENVIRONMENT = Environment(
    optimized=False,  # it would run operations at compile time, unpaid
    undefined=jinja2.StrictUndefined,
    finalize=finalize,
    keep_trailing_newline=True,
    cache_size=0,
)
ENVIRONMENT.globals = {}
ENVIRONMENT.tests = TESTS
# No source can name a filter with a dot or a question mark in front.
ENVIRONMENT.filters = {
    **FILTERS,
    **{f".{name}": method for name, method in METHODS.items()},
    **{f"?{name}": check for name, check in CHECKS.items()},
}
