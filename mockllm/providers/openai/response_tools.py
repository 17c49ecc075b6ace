"""The tools that `POST /v1/responses` offers.

Sources: openai-python 3.54 (`types/responses/namespace_tool.py`, `AdditionalTools` in
`response_input_item.py`, `response_function_tool_call.py`), and what Codex 0.169 sends and runs,
read 2026-11-22.

They stand in `tools` or in an `additional_tools` item of the input, in a `namespace` or in none.
Rules name a tool without its namespace; where two have the name, the first is called.
Departures: additional tools hold for the request that has them, not for those that go on from its
response; functions with `defer_loading` are offered like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockllm.errors import InvalidRequest
from mockllm.providers.openai import responses_schema as schema
from mockllm.wire import typed

ADDITIONAL = "additional_tools"
_KINDS = ("function", "custom")


class Offered(NamedTuple):
    """A function or custom tool; `namespace` is None for one that stands in none."""

    name: str
    namespace: str | None
    param: schema.Tool

    @property
    def is_custom(self) -> bool:
        return self.param.type == "custom"


def offered_tools(body: schema.Conversation) -> Iterator[Offered]:
    """Yield the tools that the client runs; those of other kinds are let through.

    Raises:
        InvalidRequest: a tool of a known kind lacks a member, or has it of the wrong type.
    """
    yield from _each(body.tools, ("tools",), None)
    for index, item in enumerate(body.input if isinstance(body.input, list) else ()):
        if item.get("type") == ADDITIONAL:
            yield from _each(item.get("tools"), ("input", index, "tools"), None)


def by_name(body: schema.Conversation) -> Mapping[str, Offered]:
    """Return the tools that calls may name."""
    found: dict[str, Offered] = {}
    for offered in offered_tools(body):
        found.setdefault(offered.name, offered)
    return found


def _each(params: Any, path: typed.Path, namespace: str | None) -> Iterator[Offered]:
    for index, param in enumerate(params if isinstance(params, list) else ()):
        spot = (*path, index)
        tool = typed.convert(param, schema.Tool, spot)
        if tool.type == "namespace" and namespace is None:
            yield from _each(param.get("tools"), (*spot, "tools"), tool.name)
        if tool.type not in _KINDS:
            continue
        if tool.name is None:
            raise InvalidRequest("missing", (*spot, "name"))
        yield Offered(tool.name, namespace, tool)
