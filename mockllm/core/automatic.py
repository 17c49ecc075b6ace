"""What a request itself forces when no rule answers: a tool call, or JSON for its schema."""

from __future__ import annotations

import json
import re
from typing import Any, assert_never

import msgspec

from mockllm.core import schema_value
from mockllm.core.model import ChatReply, Text, Tool, ToolCall
from mockllm.core.subject import Subject
from mockllm.core.text import normalize

NOTHING_FORCED = "This is an automatic answer."
_WORD = re.compile(r"[^\W_]{3,}")
_QUOTED_KEY = re.compile(r"[\"'`](\w{1,64})[\"'`]")
_MAX_SCHEMA_CHARACTERS = 100_000
_CLEAR_FIT = 2


def forced_reply(subject: Subject, auto_tools: bool = False) -> ChatReply | None:
    """Return what the request forces, None when it leaves the answer open.

    A tool is called when `tool_choice` demands one and no tool's result has just come. Left to
    choose, a model calls none here, unless `auto_tools`: then the one tool that clearly fits.
    """
    tool = _forced_tool(subject) or (_fitting_tool(subject) if auto_tools else None)
    if tool is not None:
        return ChatReply((_call(tool, subject),), "tool_calls")
    text = _forced_json(subject)
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
    if subject.newest_is_result or not request.tools:
        return None
    match request.tool_choice.mode:
        case "named":
            named = request.tool_choice.name
            return next((tool for tool in request.tools if tool.name == named), None)
        case "required":
            return max(request.tools, key=lambda tool: _fit(tool, subject))
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


def pasted_schema(text: str) -> dict[str, Any] | None:
    """Return the first JSON Schema of an object that stands in `text`, None when none does."""
    text = text[:_MAX_SCHEMA_CHARACTERS]
    position = text.find("{")
    for _ in range(100):
        if position < 0:
            return None
        found = _decode_prefix(text[position:])
        if isinstance(found, dict) and ("properties" in found or "$ref" in found):
            return found
        position = text.find("{", position + 1)
    return None


def _decode_prefix(text: str) -> Any:
    """Return the JSON value that `text` begins with, None when it begins with none."""
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _prompt(subject: Subject) -> str:
    return subject.prompts[-1] if subject.prompts else ""
