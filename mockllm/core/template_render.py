"""Compiling and rendering templates: where Jinja begins. See `core/template.py`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from random import Random
from typing import Any

import jinja2

from mockllm.core.template import (
    MAX_OUTPUT,
    MAX_SOURCE,
    MAX_TOKENS,
    TemplateFailure,
    TemplateProblem,
    count_tokens,
    has_tags,
)
from mockllm.core.template_bounds import Bounds, check_names
from mockllm.core.template_operations import ENVIRONMENT
from mockllm.core.template_sandbox import MAX_MESSAGE

_LINE_BREAK = re.compile(r"\r\n|\r")
_CHEAP_TOKENS = ("data", "whitespace")


def render(compiled_template: Any, values: Mapping[str, Any], random: Random) -> str:
    """As `Template.render`."""
    pieces: list[str] = []
    size = 0
    try:
        for piece in _pieces(compiled_template, {**values, "random": random}):
            pieces.append(piece)
            size += len(piece)
            if size > MAX_OUTPUT:
                raise TemplateFailure(f"the text is longer than {MAX_OUTPUT:,} characters")
        text = "".join(pieces)
        text.encode()
    except TemplateFailure:
        raise
    except UnicodeEncodeError:
        raise TemplateFailure("the text has half a surrogate pair") from None
    except RecursionError:
        raise TemplateFailure("macros call macros too deep") from None
    except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise TemplateFailure(str(error)[:MAX_MESSAGE]) from None
    return text


def _pieces(compiled_template: Any, values: Mapping[str, Any]) -> Iterable[str]:
    if isinstance(compiled_template, str):
        return (compiled_template,)
    pieces: Iterator[str] = compiled_template.root_render_func(
        compiled_template.new_context(values)
    )
    return pieces


def compiled(source: str, names: Collection[str]) -> Any:
    """Return Jinja's compiled template, the text of one without tags; as `compile_template`."""
    _check_size(source)
    if not has_tags(source):
        return _LINE_BREAK.sub("\n", source)
    try:
        tree = ENVIRONMENT.parse(source)
        Bounds(source).visit(tree)
        check_names(source, tree, names)
        code = ENVIRONMENT.compile(tree)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateProblem(str(error.message)[:MAX_MESSAGE], error.lineno) from None
    except (RecursionError, MemoryError):
        raise TemplateProblem("the template nests too deep") from None
    except SyntaxError as error:  # of Python: a parameter twice, too many loops in each other
        raise TemplateProblem(str(error.msg)) from None
    except TemplateProblem:
        raise
    except ValueError:
        raise TemplateProblem("a number in the template is too large") from None
    return jinja2.Template.from_code(ENVIRONMENT, code, {})


def _check_size(source: str) -> None:
    if len(source) > MAX_SOURCE:
        raise TemplateProblem(f"the template is longer than {MAX_SOURCE:,} characters")
    if count_tokens(source) > MAX_TOKENS:
        raise TemplateProblem(f"the template has more than {MAX_TOKENS:,} tokens in its tags")


def tokens(source: str) -> Iterator[str]:
    """Yield the kind of each token that is no plain text, as far as `source` can be read."""
    with suppress(jinja2.TemplateSyntaxError):
        yield from (kind for _, kind, _ in ENVIRONMENT.lex(source) if kind not in _CHEAP_TOKENS)
