"""What is said in a conversation, from the Responses API's input items to neutral messages.

Source: openai-python 3.54 (`types/responses/response_input_item.py`, `response_output_item.py`),
read 2026-11-22. What one turn of the assistant is made of (reasoning, messages, calls) is one
neutral message, however many items it has. Items of kinds that say nothing, or that this version
does not know, are let through and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from mockllm.core.draws import Draws
from mockllm.core.model import (
    Audio,
    File,
    Image,
    Message,
    Part,
    Reasoning,
    Reference,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from mockllm.providers.openai import responses_schema as schema
from mockllm.wire import typed

Item = dict[str, Any]

_ID_DIGITS = 48
_PARTS: typed.PartTable = {
    **dict.fromkeys(
        ("input_text", "output_text", "text", "summary_text", "reasoning_text"),
        (schema.TextPart, lambda part, _: Text(part.text)),
    ),
    "refusal": (schema.RefusalPart, lambda part, _: Refusal(part.refusal)),
    "input_image": (
        schema.ImagePart,
        lambda part, _: Image(part.image_url or part.file_id or ""),
    ),
    "input_file": (
        schema.FilePart,
        lambda part, _: File(part.filename or part.file_url or part.file_id or ""),
    ),
    "input_audio": (schema.AudioPart, lambda part, _: Audio(part.input_audio.format)),
}


def messages_of(items: str | Sequence[Item] | None, path: typed.Path) -> tuple[Message, ...]:
    """Return input as messages, oldest first; `path` is where the items stand in the body.

    Raises:
        InvalidRequest: an item of a known kind lacks a member, or has it of the wrong type.
    """
    if isinstance(items, str):
        return (Message("user", (Text(items),)),)
    said: list[tuple[str, list[Part]]] = []
    for index, item in enumerate(items or ()):
        message = _message(item, (*path, index))
        if message is None:
            continue
        if said and message.role == "assistant" == said[-1][0]:
            said[-1][1].extend(message.parts)
        else:
            said.append((message.role, list(message.parts)))
    return tuple(Message(role, tuple(parts)) for role, parts in said)


def _message(item: Item, path: typed.Path) -> Message | None:
    kind = typed.convert(item.get("type", "message"), str, (*path, "type"))
    if kind in _ITEMS:
        return _ITEMS[kind](item, path)
    if kind.endswith("_call"):
        return _hosted_call(kind, item)
    return _result(item, path) if kind.endswith("_output") else None


def _said(item: Item, path: typed.Path) -> Message:
    said = typed.convert(item, schema.MessageItem, path)
    return Message(said.role, _parts(said.content, (*path, "content")))


def _parts(content: str | Sequence[Item], path: typed.Path) -> tuple[Part, ...]:
    return (Text(content),) if isinstance(content, str) else typed.parts(content, _PARTS, path)


def _call(item: Item, path: typed.Path) -> Message:
    call = typed.convert(item, schema.FunctionCallItem, path)
    return Message("assistant", (ToolCall(call.call_id, call.name, call.arguments or call.input),))


def _hosted_call(kind: str, item: Item) -> Message:
    """Return the call of a tool that has an item kind of its own: of `shell` for `shell_call`.
    What it was called with is not looked at."""
    call_id = item.get("call_id")
    called = call_id if isinstance(call_id, str) else ""
    return Message("assistant", (ToolCall(called, kind.removesuffix("_call"), ""),))


def _result(item: Item, path: typed.Path) -> Message:
    """Return the result of a call. What is no text and no content is told as JSON."""
    result = typed.convert(item, schema.OutputItem, path)
    match result.output:
        case None:
            parts: tuple[Part, ...] = ()
        case str() as text:
            parts = (Text(text),)
        case [*contents] if all(isinstance(each, dict) and "type" in each for each in contents):
            parts = typed.parts(contents, _PARTS, (*path, "output"))
        case other:
            parts = (Text(msgspec.json.encode(other).decode()),)
    return Message("tool", (ToolResult(result.call_id or "", parts),))


def _reasoning(item: Item, path: typed.Path) -> Message:
    found = typed.convert(item, schema.ReasoningItem, path)
    text = "\n".join(part.text for part in (*found.summary, *(found.content or ())))
    return Message("assistant", (Reasoning(text, found.encrypted_content),))


def _reference(item: Item, path: typed.Path) -> Message:
    return Message("assistant", (Reference(typed.convert(item, schema.ReferenceItem, path).id),))


_ITEMS: Mapping[str, Callable[[Item, typed.Path], Message]] = {
    "message": _said,
    "function_call": _call,
    "custom_tool_call": _call,
    "reasoning": _reasoning,
    "item_reference": _reference,
}


def with_ids(items: str | Sequence[Item] | None, draws: Draws) -> Iterator[Item]:
    """Yield input items as the API lists them: with ids, statuses and contents in parts."""
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    for index, item in enumerate(items or ()):
        kind = item.get("type", "message")
        prefix = _PREFIXES.get(kind, "item") if isinstance(kind, str) else "item"
        named = {"id": f"{prefix}_{draws.hex_id(f'input {index}', _ID_DIGITS)}", "type": kind}
        named |= {
            key: value
            for key, value in item.items()
            if key != "id" or (value and isinstance(value, str))
        }
        if kind in _WITH_STATUS:
            named.setdefault("status", "completed")
        if kind == "message":
            named["content"] = _content_parts(item)
        yield named


_PREFIXES = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "function_call_output": "fco",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
}
_WITH_STATUS = (
    "message",
    "function_call",
    "function_call_output",
    "custom_tool_call",
    "custom_tool_call_output",
)


def _content_parts(item: Item) -> Any:
    content = item.get("content")
    if not isinstance(content, str):
        return content
    if item.get("role") == "assistant":
        return [{"type": "output_text", "annotations": [], "text": content}]
    return [{"type": "input_text", "text": content}]
