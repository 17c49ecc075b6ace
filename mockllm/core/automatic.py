"""What a request itself forces when no rule answers: a tool call, or JSON for its schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, assert_never

import msgspec

from mockllm.core import schema_value
from mockllm.core.model import ChatReply, Text, Tool, ToolCall
from mockllm.core.subject import Subject
from mockllm.core.text import normalize

NOTHING_FORCED = "This is an automatic answer."
_WORD = re.compile(r"[^\W_]{3,}")
_QUOTED_KEY = re.compile(r"[\"'`](\w{1,64})[\"'`]")
_ASKING = re.compile(r"\b(?:match|conform|adher|compatib|follow|according|valid)")
_MAX_SCHEMA_CHARACTERS = 100_000
_MAX_BRACES = 100
_NEAR_CHARACTERS = 300
_CLEAR_FIT = 2


def forced_reply(subject: Subject, auto_tools: bool = False) -> ChatReply | None:
    """Return what the request forces, None when it leaves the answer open.

    A tool is called when `tool_choice` demands one and no tool's result has just come; after one,
    where any will do, those that the prompt has not had yet, so that loops end. Left to choose, a
    model calls none here, unless `auto_tools`: then the one tool that clearly fits.
    """
    tool = _forced_tool(subject) or (_fitting_tool(subject) if auto_tools else None)
    if tool is not None:
        return ChatReply((_call(tool, subject),), "tool_calls")
    text = _forced_json(subject) or _json_in_words(subject)
    return None if text is None else ChatReply((Text(text),))


def automatic_reply(subject: Subject) -> ChatReply:
    """Return what the request forces, or else a plain text."""
    return forced_reply(subject) or ChatReply((Text(NOTHING_FORCED),))


def broken_schema(subject: Subject, reply: ChatReply) -> str | None:
    """Return how a reply breaks the schema that the request asked for, None when it does not."""
    wanted = subject.request.response_format
    if wanted.kind == "text" or reply.finish != "stop":
        return None
    text = "".join(part.text for part in reply.parts if isinstance(part, Text))
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return "the answer is not JSON, which response_format asks for"
    if wanted.schema is None:
        return None
    violation = schema_value.violation(value, wanted.schema)
    return None if violation is None else f"the answer breaks the request's schema: {violation}"


def _forced_tool(subject: Subject) -> Tool | None:
    request = subject.request
    had = subject.called_names if subject.newest_is_result else frozenset()
    match request.tool_choice.mode:
        case "named" if not subject.newest_is_result:
            named = request.tool_choice.name
            return next((tool for tool in request.tools if tool.name == named), None)
        case "required":
            tools = (tool for tool in request.tools if tool.name not in had)
            return max(tools, key=lambda tool: _fit(tool, subject), default=None)
        case _:
            return None


def _fitting_tool(subject: Subject) -> Tool | None:
    """Return the one tool whose name and description clearly fit the prompt, once a prompt."""
    request = subject.request
    if request.tool_choice.mode != "auto" or subject.step > 1 or subject.newest_is_result:
        return None
    fits = sorted(((_fit(tool, subject), tool.name) for tool in request.tools), reverse=True)
    if not fits or fits[0][0] < _CLEAR_FIT or (len(fits) > 1 and fits[1][0] == fits[0][0]):
        return None
    return next(tool for tool in request.tools if tool.name == fits[0][1])


def _fit(tool: Tool, subject: Subject) -> int:
    """Return how many words the prompt shares with a tool's name (twice) and description."""
    prompt = _words(subject.prompts[-1] if subject.prompts else "")
    name = _words(tool.name.replace("_", " "))
    return 2 * len(prompt & name) + len(prompt & (_words(tool.description) - name))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(normalize(text[:_MAX_SCHEMA_CHARACTERS])))


def _call(tool: Tool, subject: Subject) -> ToolCall:
    value = schema_value.value_for(tool.parameters, _prompt(subject)) if tool.parameters else {}
    return ToolCall("", tool.name, msgspec.json.encode(value).decode())


def _forced_json(subject: Subject) -> str | None:
    wanted = subject.request.response_format
    match wanted.kind:
        case "text":
            return None
        case "json_schema":
            value = schema_value.value_for(wanted.schema or {}, _prompt(subject))
        case "json_object":
            value = _json_object(subject)
        case _:
            assert_never(wanted.kind)
    return msgspec.json.encode(value).decode()


def _json_object(subject: Subject) -> Any:
    """Return an object for JSON mode: of the schema sent beside it, or pasted in a message, else of
    quoted keys."""
    wanted = subject.request.response_format.schema
    if wanted is not None:
        return schema_value.value_for(wanted, _prompt(subject))
    for text in (*reversed(subject.texts), *subject.system):
        schema = pasted_schema(text)
        if schema is not None:
            return schema_value.value_for(schema, _prompt(subject))
    keys = dict.fromkeys(_QUOTED_KEY.findall(_prompt(subject)))
    return dict.fromkeys(keys, "text")


def _json_in_words(subject: Subject) -> str | None:
    """Return JSON for a schema that a plain request shows and asks to be followed, None if it does
    not: libraries do so where a model has no JSON mode.

    Agents paste the schemas of their tools, so that nothing is read out of requests with tools.
    """
    if subject.request.operation != "chat" or subject.request.tools:
        return None
    for text in (*subject.prompts[:1], *subject.system):
        pasted = list(_pasted(text))
        if any(each.is_asked_for for each in pasted):
            try:
                value = schema_value.value_for(pasted[-1].schema, _prompt(subject))
            except schema_value.Unsatisfiable:
                return None
            return msgspec.json.encode(value).decode()
    return None


def pasted_schema(text: str) -> dict[str, Any] | None:
    """Return the last JSON Schema of an object that stands in `text`, since examples come first;
    None when none does."""
    return next((each.schema for each in reversed(list(_pasted(text)))), None)


class _Pasted(NamedTuple):
    """A JSON Schema that stands in a text, with the words before and after it."""

    schema: dict[str, Any]
    around: str

    @property
    def is_asked_for(self) -> bool:
        """Whether these words ask for JSON that follows it."""
        words = self.around.lower()
        return "json" in words and "schema" in words and _ASKING.search(words) is not None


def _pasted(text: str) -> Iterator[_Pasted]:
    """Yield the JSON Schemas of objects that stand in `text`, one after another."""
    text = text[:_MAX_SCHEMA_CHARACTERS]
    position = text.find("{")
    for _ in range(_MAX_BRACES):
        if position < 0:
            return
        found, end = _decode_at(text, position)
        if _is_schema(found):
            before = text[max(0, position - _NEAR_CHARACTERS) : position]
            yield _Pasted(found, f"{before} {text[end : end + _NEAR_CHARACTERS]}")
            position = text.find("{", end)
        else:
            position = text.find("{", position + 1)


def _is_schema(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    properties = value.get("properties")
    if isinstance(properties, dict):
        return all(isinstance(each, dict | bool) for each in properties.values())
    return isinstance(value.get("$ref"), str)


def _decode_at(text: str, position: int) -> tuple[Any, int]:
    """Return the JSON value that begins at a position and where it ends; None when none does.

    LlamaIndex doubles the braces: https://github.com/run-llama/llama_index/pull/22380
    """
    if text.startswith("{{", position):
        single = text[position:].replace("{{", "{").replace("}}", "}")
        found, end = _decode_at(single, 0)
        return found, position + end + single.count("{", 0, end) + single.count("}", 0, end)
    try:
        return json.JSONDecoder().raw_decode(text, position)
    except (ValueError, RecursionError):
        return None, position


def _prompt(subject: Subject) -> str:
    return subject.prompts[-1] if subject.prompts else ""
