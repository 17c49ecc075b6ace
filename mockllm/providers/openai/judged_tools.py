"""What OpenAI's API refuses of tools, of their calls and results, and of the schemas of answers.

Sources: as `judgements`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from mockllm.core import history
from mockllm.core.judging import Asked, listed, shown_name, when_given
from mockllm.core.model import ToolCall
from mockllm.errors import Unfit
from mockllm.providers.openai.chat_request import FUNCTION_ID
from mockllm.providers.openai.strict_schema import strict_fault

MAX_NAME_LENGTH = 64

_NAME = re.compile(r"[a-zA-Z0-9_-]*")
_CALLS = ("function_call", "custom_tool_call")
_RESULTS = ("function_call_output", "custom_tool_call_output")
_NO_CALL = (
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with"
    " 'tool_calls'."
)


class _Function(Struct):
    """`parameters` is read only where it is judged: schemas are most of an agent's request."""

    name: str = ""
    strict: bool | None = None
    parameters: msgspec.Raw = msgspec.Raw()


class _Tool(_Function):
    """A chat's tool holds `function`; one of the Responses API is it."""

    function: _Function | None = None


class _JsonSchema(Struct):
    name: str = ""
    strict: bool | None = None
    schema: dict[str, Any] | None = None


class _Format(Struct):
    json_schema: _JsonSchema | None = None


class _Text(Struct):
    format: _JsonSchema | None = None


class _Item(Struct):
    type: str = ""
    call_id: str = ""


_tools = msgspec.json.Decoder(list[_Tool])
_schema = msgspec.json.Decoder(dict[str, Any])
_chat_format = msgspec.json.Decoder(_Format)
_text = msgspec.json.Decoder(_Text)
_items = msgspec.json.Decoder(list[_Item])


@when_given("tools")
def offered_tools(asked: Asked) -> Iterator[Unfit]:
    """Yield what is wrong with the names of tools, and with the schemas of strict ones."""
    tools = asked.member("tools", _tools)
    for index, tool in enumerate(tools or ()):
        found = tool.function or tool
        path = f"tools[{index}].function" if tool.function else f"tools[{index}]"
        if tool.function is not None and len(found.name) > MAX_NAME_LENGTH:
            yield _long_name(f"{path}.name", found.name)
        if not _NAME.fullmatch(found.name):
            yield Unfit(
                f"Invalid '{path}.name': string does not match pattern. Expected a string that"
                " matches the pattern '^[a-zA-Z0-9_-]+$'.",
                f"{path}.name",
                "invalid_value",
            )
        fault = _fault(found) if found.strict else None
        if fault:
            message = f"Invalid schema for function '{shown_name(found.name)}': {fault}"
            yield Unfit(message, f"{path}.parameters", "invalid_function_parameters")


def _long_name(path: str, name: str) -> Unfit:
    return Unfit(
        f"Invalid '{path}': string too long. Expected a string with maximum length"
        f" {MAX_NAME_LENGTH}, but got a string with length {len(name)} instead.",
        path,
        "string_above_max_length",
    )


def _fault(function: _Function) -> str | None:
    try:
        return strict_fault(_schema.decode(function.parameters))
    except (msgspec.DecodeError, UnicodeDecodeError):  # none at all, or no object
        return None


@when_given("tool_choice", "parallel_tool_calls")
def choices_without_tools(asked: Asked) -> Iterator[Unfit]:
    """Yield what a chat says of tools that it does not offer; not to call any is allowed."""
    members = asked.members
    if "tools" in members:
        return
    for name in ("tool_choice", "parallel_tool_calls"):
        if name in members and members[name] != _NONE:
            message = f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are"
            yield Unfit(f"{message} specified.", name)


_NONE = msgspec.Raw(b'"none"')


@when_given("response_format")
def chat_format(asked: Asked) -> Iterator[Unfit]:
    """Yield why strict mode refuses the schema of a chat's answer."""
    found = asked.member("response_format", _chat_format)
    wanted = found.json_schema if found else None
    yield from _refused_schema(wanted, "response_format", None)


@when_given("text")
def text_format(asked: Asked) -> Iterator[Unfit]:
    """Yield why strict mode refuses the schema of a response's text."""
    found = asked.member("text", _text)
    wanted = found.format if found else None
    yield from _refused_schema(wanted, "text.format.schema", "invalid_json_schema")


def _refused_schema(wanted: _JsonSchema | None, param: str, code: str | None) -> Iterator[Unfit]:
    if wanted is None or not wanted.strict or wanted.schema is None:
        return
    fault = strict_fault(wanted.schema)
    if fault:
        message = f"Invalid schema for response_format '{shown_name(wanted.name)}': {fault}"
        yield Unfit(message, param, code)


def calls_without_results(asked: Asked) -> Iterator[Unfit]:
    """Yield the calls of a chat that the next messages do not answer; functions, which came
    before tools, need no answer."""
    for loose in history.unanswered_calls(asked.request.messages):
        calls = [call for call in loose.ids if not call.startswith(FUNCTION_ID)]
        if calls:
            where = loose.follower
            yield Unfit(
                "An assistant message with 'tool_calls' must be followed by tool messages"
                " responding to each 'tool_call_id'. The following tool_call_ids did not have"
                f" response messages: {listed(calls)}",
                "messages" if where is None else f"messages.[{where}].role",
            )


def results_without_calls(asked: Asked) -> Iterator[Unfit]:
    """Yield the messages of tools that follow no call, or other calls than theirs."""
    for loose in history.unasked_results(asked.request.messages):
        results = [result for result in loose.ids if not result.startswith(FUNCTION_ID)]
        if results and loose.beside_calls:
            yield Unfit(
                f"Invalid parameter: 'tool_call_id' of '{shown_name(results[0])}' not found in"
                " 'tool_calls' of previous message.",
                f"messages.[{loose.index}].tool_call_id",
            )
        elif results:
            yield Unfit(_NO_CALL, f"messages.[{loose.index}].role")


def items_without_partners(asked: Asked) -> Iterator[Unfit]:
    """Yield the calls of the Responses API that have no output, and the outputs without call."""
    unanswered = history.calls_without_results(asked.request.messages)
    lonely = history.results_without_calls(asked.request.messages)
    if not unanswered and not lonely:
        return
    items = asked.member("input", _items) or []
    hosted = {item.call_id for item in items if item.type not in _CALLS}
    for call in unanswered:
        if call not in hosted:
            yield Unfit(f"No tool output found for function call {shown_name(call)}.", "input")
    if _goes_on_from_nothing(asked):
        return
    known = {item.call_id for item in items if item.type in _RESULTS}
    for result in lonely:
        if result in known:
            message = f"No tool call found for function call output with call_id {result[:100]}."
            yield Unfit(message, "input")


def _goes_on_from_nothing(asked: Asked) -> bool:
    """Return whether a conversation goes on whose beginning is not known here."""
    return asked.request.continues is not None and not any(
        isinstance(part, ToolCall) for message in asked.request.messages for part in message.parts
    )
