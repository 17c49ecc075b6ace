"""What Go's JSON decoder says of a member of the wrong type.

Sources: Go 1.25 (`encoding/json/decode.go`) and the types of Ollama's server (`api/types.go`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mockllm.errors import InvalidRequest

_REQUESTS = {
    "chat": "ChatRequest",
    "generate": "GenerateRequest",
    "embed": "EmbedRequest",
    "embeddings": "EmbeddingRequest",
    "show": "ShowRequest",
    "pull": "PullRequest",
}
_BUILT_IN = {"str": "string", "float": "float64", "bool": "bool", "int": "int"}
_LISTS = {
    "messages": "[]api.Message",
    "images": "[]api.ImageData",
    "tool_calls": "[]api.ToolCall",
    "tools": "api.Tools",
}
_ITEMS = {
    "messages": "api.Message",
    "images": "api.ImageData",
    "tool_calls": "api.ToolCall",
    "tools": "api.Tool",
}
_OBJECTS: Mapping[tuple[str, str], str] = {
    ("messages", "function"): "api.ToolCallFunction",
    ("messages", "arguments"): "api.ToolCallFunctionArguments",
    ("tools", "function"): "api.ToolFunction",
    ("tools", "parameters"): "api.ToolFunctionParameters",
}
_MAP = "map[string]interface {}"
_TOOL_STRUCTS = ("Tool", "ToolFunction", "ToolFunctionParameters")
_MAX_SHOWN = 100
_VALUES = {"str": "string", "int": "number", "float": "number"}


def words(error: InvalidRequest, path: str, body: bytes) -> str:
    """Return what is said of a member of the wrong type; `path` is the URL's. The body is
    JSON."""
    kinds = [kind for kind in error.expected.split(" | ") if kind != "null"]
    sent = _VALUES.get(error.actual, error.actual)
    request = _REQUESTS.get(path.rpartition("/")[2], "Request")
    if not error.path:
        return f"json: cannot unmarshal {sent} into Go value of type api.{request}"
    wanted = _go_type(error.path, kinds[0])
    if wanted == "int" and sent == "number":
        sent = f"number {_sent(error.path, body)}"
    names = [step for step in error.path if isinstance(step, str)]
    return cannot_unmarshal(sent, request, names, wanted)


def cannot_unmarshal(sent: str, request: str, names: list[str], wanted: str) -> str:
    """Return what is said of a member; `names` lead to it."""
    struct = request
    if names[0] == "tools" and len(names) > 1:
        struct = _TOOL_STRUCTS[min(len(names) - 2, 2)]
    field = ".".join(names)
    return f"json: cannot unmarshal {sent} into Go struct field {struct}.{field} of type {wanted}"


def kind(value: Any) -> str:
    """Return what Go calls a JSON value."""
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case int() | float():
            return "number"
        case list():
            return "array"
        case _:
            return "object"


def interface(value: Any) -> str:
    """Return the type that Go decodes a JSON value to where it may be any."""
    names = {"number": "float64", "array": "[]interface {}", "object": _MAP}
    return names.get(kind(value), kind(value))


def _go_type(path: tuple[str | int, ...], expected: str) -> str:
    name = next(step for step in reversed(path) if isinstance(step, str))
    if isinstance(path[-1], int):
        return _ITEMS.get(name, _BUILT_IN.get(expected, "string"))
    if expected == "array":
        return _LISTS.get(name, "[]string")
    if expected == "object":
        return _OBJECTS.get((str(path[0]), name), _MAP)
    return _BUILT_IN.get(expected, expected)


def _sent(path: tuple[str | int, ...], body: bytes) -> str:
    """Return a number as it was sent."""
    value = json.loads(body, parse_int=str, parse_float=str)
    for step in path:
        value = value[step]
    return str(value)[:_MAX_SHOWN]
