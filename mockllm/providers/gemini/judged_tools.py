"""What Google's API refuses of functions: their declarations, and how they may be called.

Sources: as `judgements`. Tools that Google runs are not looked at, nor are the members of
`parametersJsonSchema`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from mockllm.core.judging import Asked, listed, shown_name
from mockllm.errors import Unfit
from mockllm.providers.gemini import judged_schema, parameters, refusals
from mockllm.providers.gemini.judged_schema import Placed
from mockllm.providers.gemini.proto_json import camel, either

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}")
_NAME_RULE = (
    "Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z,"
    " A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of"
    " 128."
)
_CALLING = "tool_config.function_calling_config"

_things = msgspec.json.Decoder(list[Any] | dict[str, Any])
_thing = msgspec.json.Decoder(dict[str, Any])


class _Declared(Struct, frozen=True):
    """A function's declaration as it was sent, and where it stands."""

    members: Mapping[str, Any]
    path: str

    @property
    def name(self) -> str:
        found = self.members.get("name")
        return found if isinstance(found, str) else ""


def unread_declarations(asked: Asked) -> Iterator[Unfit]:
    """Yield what cannot be read of the functions' declarations."""
    declared = list(_declarations(asked))
    for each in declared:
        for name in each.members:
            if camel(name) not in parameters.DECLARATION:
                yield refusals.unknown_name(name, each.path)
    yield from judged_schema.read(_schemas(declared), asked)


def unread_mode(asked: Asked) -> Iterator[Unfit]:
    """Yield that the mode of calling functions is none."""
    mode = either(_calling(asked), "mode")
    if isinstance(mode, str) and mode.upper() not in parameters.MODES:
        kind = f"{refusals.PACKAGE}FunctionCallingConfig.Mode"
        yield refusals.invalid_value(f"{_CALLING}.mode", kind, mode)


def declarations(asked: Asked) -> Iterator[Unfit]:
    """Yield what is wrong with declarations that can be read."""
    declared = list(_declarations(asked))
    seen: set[str] = set()
    for each in declared:
        if not _NAME.fullmatch(each.name):
            yield refusals.broken_rule(f"{each.path}.name", _NAME_RULE)
        elif each.name in seen:
            yield Unfit(f"Duplicate function declaration found: {each.name}")
        seen.add(each.name)
        if each.members.get("parameters") and either(each.members, "parametersJsonSchema"):
            words = "parameters_json_schema: must not be set together with parameters"
            yield refusals.broken_rule(each.path, words)
    yield from judged_schema.understood(_schemas(declared))


def calling(asked: Asked) -> Iterator[Unfit]:
    """Yield what is wrong with how functions may be called."""
    config = _calling(asked)
    if not config:
        return
    declared = {each.name for each in _declarations(asked)}
    if not declared:
        yield Unfit("Function calling config is set without function_declarations.")
        return
    allowed = either(config, "allowedFunctionNames")
    if not isinstance(allowed, list) or not allowed:
        return
    path = f"{_CALLING}.allowed_function_names"
    mode = config.get("mode")
    if not isinstance(mode, str) or mode.upper() not in ("ANY", "VALIDATED"):
        words = "must only be set when the function calling mode is ANY or VALIDATED"
        yield refusals.broken_rule(path, words)
    unknown = [name for name in allowed if isinstance(name, str) and name not in declared]
    if unknown:
        words = f"no function declaration is named {listed(map(shown_name, unknown))}"
        yield refusals.broken_rule(path, words)


def _calling(asked: Asked) -> Mapping[str, Any]:
    config = asked.member("toolConfig", _thing) or asked.member("tool_config", _thing) or {}
    found = either(config, "functionCallingConfig")
    return found if isinstance(found, dict) else {}


def _declarations(asked: Asked) -> Iterator[_Declared]:
    sent = asked.member("tools", _things) or []
    for number, tool in enumerate(sent if isinstance(sent, list) else [sent]):
        found = either(tool, "functionDeclarations") if isinstance(tool, dict) else None
        for index, members in enumerate(found if isinstance(found, list) else ()):
            if isinstance(members, dict):
                path = f"tools[{number}].function_declarations[{index}]"
                yield _Declared(members, path)


def _schemas(declared: list[_Declared]) -> list[Placed]:
    found = []
    for each in declared:
        for name in ("parameters", "response"):
            schema = each.members.get(name)
            if isinstance(schema, dict):
                path = f"{each.path}.{name}"
                found.append(Placed(schema, path, path))
    return found
