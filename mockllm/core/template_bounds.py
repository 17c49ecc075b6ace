"""What a template's source may hold: checked before it is compiled. See `core/template.py`."""

from __future__ import annotations

import difflib
import inspect
import math
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from jinja2 import meta, nodes
from jinja2.visitor import NodeTransformer

from mockllm.core.template import TemplateProblem
from mockllm.core.template_operations import CHECKS, ENVIRONMENT, FILTERS, METHODS, TESTS
from mockllm.core.template_sandbox import MAX_BITS, MAX_DEPTH, SHOWN_CHARACTERS, UNITS_AN_ITEM


def check_names(source: str, tree: nodes.Template, names: Collection[str]) -> None:
    """See that a template uses no name but `names` and its own.

    Raises:
        TemplateProblem: it does.
    """
    known = {*names, "random"}
    own = {node.name for node in tree.find_all(nodes.Name) if node.ctx != "load"}
    own.update(node.name for node in tree.find_all(nodes.Macro))
    tracker = meta.TrackingCodeGenerator(ENVIRONMENT)
    tracker.optimizer = None  # it would run operations, unpaid
    tracker.visit(tree)
    unknown = tracker.undeclared_identifiers - known - own
    for node in tree.find_all(nodes.Name):
        if node.name in unknown:
            raise _unknown("name", node.name, {*known, "range"} - unknown, source, node)


def _unknown(
    kind: str, word: str, known: Collection[str], source: str, node: nodes.Node
) -> TemplateProblem:
    shown = word[:SHOWN_CHARACTERS]
    near = difflib.get_close_matches(shown, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known))}"
    return _problem(f"unknown {kind} {shown!r}; {hint}", source, node, word)


def _problem(message: str, source: str, node: nodes.Node, word: str = "") -> TemplateProblem:
    """Return a problem at the first `word` that is a name, from the line of `node` on."""
    text = re.sub(r"\r\n|\r", "\n", source)
    node_line = node.lineno or 1
    end = 0
    for line, kind, token in ENVIRONMENT.lex(source) if word else ():
        start = text.index(token, end)
        end = start + len(token)
        if kind == "name" and token == word and line >= node_line:
            return TemplateProblem(message, line, start - text.rfind("\n", 0, start))
    return TemplateProblem(message, node_line)


class Bounds(NodeTransformer):
    """Refuses what is not known to be bounded, and puts checks around the rest.

    A check is a filter, and so is a method: a template never holds a function but its macros.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.depth = 0
        self.units = 0

    def visit(self, node: nodes.Node, *_: Any, **__: Any) -> Any:
        rule = _RULES.get(type(node))
        if rule is None:
            tag = _TAGS.get(type(node), "")
            what = f"the tag {tag!r}" if tag else f"a {type(node).__name__.lower()} here"
            raise _problem(f"{what} is not supported", self.source, node, tag)
        if self.depth == MAX_DEPTH:
            raise _problem(f"this nests deeper than {MAX_DEPTH} levels", self.source, node)
        self.units += UNITS_AN_ITEM
        self.depth += 1
        bounded = rule(self, node)
        self.depth -= 1
        return bounded

    def count_data(self, node: nodes.TemplateData) -> nodes.Node:
        self.units += len(node.data)
        return node

    def check_constant(self, node: nodes.Const) -> nodes.Node:
        value = node.value
        if value == math.inf or (isinstance(value, int) and value.bit_length() > MAX_BITS):
            raise _problem("this number is too large", self.source, node)
        return node

    def check_name(self, node: nodes.Name) -> nodes.Node:
        if node.name == "self":  # Jinja declares it in every template
            raise _problem("unknown name 'self'", self.source, node, node.name)
        return node

    def refuse_attribute(self, node: nodes.NSRef) -> nodes.Node:
        raise _problem("only a plain name can be set", self.source, node, node.name)

    def check_key(self, node: nodes.Pair) -> nodes.Node:
        self.generic_visit(node)
        node.key = _check("key", node.key)
        return node

    def check_comparison(self, node: nodes.Compare) -> nodes.Node:
        chain = [part for operand in node.ops for part in (nodes.Const(operand.op), operand.expr)]
        return self.generic_visit(_check("compare", node.expr, *chain))

    def check_concatenation(self, node: nodes.Concat) -> nodes.Node:
        return self.generic_visit(_check("concat", *node.nodes))

    def check_slice(self, node: nodes.Getitem) -> nodes.Node:
        match node.arg:
            case nodes.Slice(start=start, stop=stop, step=step):
                ends = (end or nodes.Const(None) for end in (start, stop, step))
                return self.generic_visit(_check("slice", node.node, *ends))
        return self.generic_visit(node)

    def check_filter(self, node: nodes.Filter) -> nodes.Node:
        return self._operation("filter", node.name, FILTERS, node)

    def check_test(self, node: nodes.Test) -> nodes.Node:
        return self._operation("test", node.name, TESTS, node)

    def check_call(self, node: nodes.Call) -> nodes.Node:
        arguments = (node.args, node.kwargs, node.dyn_args, node.dyn_kwargs)
        match node.node:
            case nodes.Getattr(node=owner, attr=name):
                method = nodes.Filter(owner, f".{name}", *arguments, lineno=node.lineno)
                return self._operation("method", name, METHODS, method)
            case nodes.Name(name="range"):
                owner = nodes.Const(None)
                function = nodes.Filter(owner, "?range", *arguments, lineno=node.lineno)
                return self._operation("function", "range", CHECKS, function)
        return self._arguments(node)

    def check_loop(self, node: nodes.For) -> nodes.Node:
        if node.recursive:
            raise _problem("a recursive loop is not supported", self.source, node)
        turn = self._turn(node)
        node.iter = _check("for", node.iter)
        node.test = node.test and nodes.And(turn, node.test)
        return node

    def check_macro(self, node: nodes.Macro) -> nodes.Node:
        self._turn(node)
        return node

    def check_block(self, node: nodes.AssignBlock) -> nodes.Node:
        self.generic_visit(node)
        node.filter = _check("concat", node.filter)
        return node

    def _turn(self, node: nodes.For | nodes.Macro) -> nodes.Expr:
        """Let each turn through a body pay for all that is in it."""
        units = self.units
        self.generic_visit(node)
        turn = _check("turn", nodes.Const(self.units - units))
        node.body.insert(0, nodes.ExprStmt(turn, lineno=node.lineno))
        return turn

    def _operation(
        self, kind: str, name: str, known: Mapping[str, Any], node: nodes.Filter | nodes.Test
    ) -> nodes.Node:
        if name not in known:
            raise _unknown(kind, name, known, self.source, node)
        bounded = self._arguments(node)
        keywords: dict[Any, Any] = {argument.key: argument.value for argument in node.kwargs}
        try:
            inspect.signature(known[name]).bind(node.node, *node.args, **keywords)
        except TypeError as error:
            raise _problem(f"{kind} {name!r}: {error}", self.source, node, name) from None
        return bounded

    def _arguments(self, node: nodes.Call | nodes.Filter | nodes.Test) -> nodes.Node:
        if node.dyn_args or node.dyn_kwargs:
            raise _problem("* and ** unpack no arguments here", self.source, node)
        return self.generic_visit(node)


def _check(name: str, value: Any, *arguments: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(value, f"?{name}", list(arguments), [], None, None)


_RULES: dict[type[nodes.Node], Callable[[Bounds, Any], nodes.Node]] = {
    **dict.fromkeys(
        {nodes.Template, nodes.Output, nodes.If, nodes.With, nodes.Assign, nodes.FilterBlock}
        | {nodes.Scope, nodes.Tuple, nodes.List, nodes.Dict, nodes.Keyword, nodes.CondExpr}
        | {nodes.Getattr, nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Pos, nodes.Add}
        | {nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow},
        NodeTransformer.generic_visit,
    ),
    nodes.TemplateData: Bounds.count_data,
    nodes.Const: Bounds.check_constant,
    nodes.Name: Bounds.check_name,
    nodes.NSRef: Bounds.refuse_attribute,
    nodes.Pair: Bounds.check_key,
    nodes.Compare: Bounds.check_comparison,
    nodes.Concat: Bounds.check_concatenation,
    nodes.Getitem: Bounds.check_slice,
    nodes.Filter: Bounds.check_filter,
    nodes.Test: Bounds.check_test,
    nodes.Call: Bounds.check_call,
    nodes.For: Bounds.check_loop,
    nodes.Macro: Bounds.check_macro,
    nodes.AssignBlock: Bounds.check_block,
}
_TAGS: dict[type[nodes.Node], str] = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from",
    nodes.Extends: "extends",
    nodes.Block: "block",
    nodes.CallBlock: "call",
    nodes.ScopedEvalContextModifier: "autoescape",
}
