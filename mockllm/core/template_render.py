"""Compiling and rendering templates: where Jinja begins. See `core/template.py`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from random import Random
from typing import Any

import jinja2

from mockllm.core.template import MAX_OUTPUT, MAX_SOURCE, TemplateFailure, TemplateProblem
from mockllm.core.template_bounds import Bounds, check_names
from mockllm.core.template_operations import ENVIRONMENT
from mockllm.core.template_sandbox import MAX_MESSAGE


def render(compiled_template: Any, values: Mapping[str, Any], random: Random) -> str:
    """As `Template.render`."""
    pieces: list[str] = []
    size = 0
    context = compiled_template.new_context({**values, "random": random})
    try:
        for piece in compiled_template.root_render_func(context):
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


def compiled(source: str, names: Collection[str]) -> Any:
    """Return Jinja's compiled template, as `compile_template`."""
    if len(source) > MAX_SOURCE:
        raise TemplateProblem(f"the template is longer than {MAX_SOURCE:,} characters")
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
