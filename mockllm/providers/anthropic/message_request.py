"""Reading a request for a message, as `POST /v1/messages` and its token count take it.

Source: anthropic-sdk-python 2.12 (`types/message_create_params.py`, `content_block_param.py`),
read 2026-11-22.

Blocks that only servers make (`server_tool_use`, `web_search_tool_result`, `mcp_tool_use`,
`container_upload`, `redacted_thinking` and whatever comes next) are let through unread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from mockllm.core.model import (
    File,
    Image,
    Message,
    ObjectName,
    Part,
    Reasoning,
    Request,
    ResponseFormat,
    Sampling,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    joined_text,
)
from mockllm.core.raw import Raw
from mockllm.errors import InvalidRequest
from mockllm.providers.anthropic import dialect, schema
from mockllm.providers.anthropic.cache_control import cache_marks
from mockllm.wire import typed

MESSAGE = "message"
"""The kind of the objects that threads go on from."""

_decoder = msgspec.json.Decoder(schema.MessagesRequest)


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        RequestError: the body is not JSON, lacks `model` or `messages`, or has a member of the
            wrong type.
    """
    return _read(raw.body)


@typed.kept
def _read(sent: bytes) -> Request:
    body = typed.decode(sent, _decoder)
    continues = _continued_name(body.thread)
    if not body.messages and continues is None:
        raise InvalidRequest("empty", ("messages",), "array")
    system = () if not body.system else parts_of(body.system, ("system",))
    contents = [
        parts_of(each.content, ("messages", index, "content"))
        for index, each in enumerate(body.messages)
    ]
    messages = [
        _message(each.role, parts) for each, parts in zip(body.messages, contents, strict=True)
    ]
    if system:
        messages.insert(0, Message("system", system))
    return Request(
        operation="chat",
        provider=dialect.NAME,
        model=body.model,
        messages=tuple(messages),
        sampling=Sampling(body.max_tokens, tuple(filter(None, body.stop_sequences or ()))),
        stream=bool(body.stream),
        tools=tuple(map(_tool, filter(_is_client_tool, body.tools or ()))),
        tool_choice=_tool_choice(body.tool_choice),
        response_format=_response_format(body),
        continues=continues,
        cache_marks=cache_marks(body, system, contents),
        wire=body,
    )


def _continued_name(thread: schema.ThreadParam | None) -> ObjectName | None:
    """Return the name of the message that a request goes on from, None when it begins anew."""
    if thread is None or thread.type != "continue":
        return None
    if thread.previous_message_id is None:
        raise InvalidRequest("missing", ("thread", "continue", "previous_message_id"))
    return ObjectName(MESSAGE, thread.previous_message_id)


def _is_client_tool(param: schema.ToolParam) -> bool:
    """Whether the client runs the tool; a server's has no schema and is let through."""
    return param.input_schema is not None


def _tool(param: schema.ToolParam) -> Tool:
    return Tool(param.name, param.description or "", param.input_schema or {})


def _tool_choice(param: schema.ToolChoiceParam | None) -> ToolChoice:
    if param is None:
        return ToolChoice()
    parallel = not param.disable_parallel_tool_use
    match param.type:
        case "any":
            return ToolChoice("required", None, parallel)
        case "tool":
            return ToolChoice("named", param.name, parallel)
        case "none":
            return ToolChoice("none", None, parallel)
        case _:
            return ToolChoice("auto", None, parallel)


def _response_format(body: schema.MessagesRequest) -> ResponseFormat:
    wanted = (body.output_config and body.output_config.format) or body.output_format
    if wanted is None or wanted.type != "json_schema":
        return ResponseFormat()
    return ResponseFormat("json_schema", None, wanted.schema)


def _message(role: str, parts: tuple[Part, ...]) -> Message:
    """Return a message; one that carries tool results is a `tool` message, text and all."""
    has_results = any(isinstance(part, ToolResult) for part in parts)
    return Message("tool" if has_results else role, parts)


def parts_of(content: str | Sequence[Mapping[str, Any]], path: typed.Path) -> tuple[Part, ...]:
    """Return the parts that the content of a message is.

    Raises:
        InvalidRequest: a block of a known kind lacks a member, or has it of the wrong type.
    """
    return (Text(content),) if isinstance(content, str) else typed.parts(content, _PARTS, path)


def _image(block: schema.ImageBlock, _: typed.Path) -> Image:
    source = block.source
    if source.data is not None:
        return Image(f"data:{source.media_type};base64,{source.data}")
    return Image(source.url or source.file_id or "")


def _document(block: schema.DocumentBlock, path: typed.Path) -> File:
    source = block.source
    name = block.title or source.url or source.file_id or ""
    if source.content is not None:
        return File(name, _text(source.content, (*path, "source", "content")))
    return File(name, (source.data or "") if source.type == "text" else "")


def _search_result(block: schema.SearchResultBlock, path: typed.Path) -> File:
    return File(block.title or block.source, _text(block.content, (*path, "content")))


def _found_text(block: schema.SearchResultBlock, path: typed.Path) -> Text:
    """Return a search result inside a tool's as text, so that rules can look for it there."""
    return Text(_search_result(block, path).text)


def _text(content: str | schema.Blocks, path: typed.Path) -> str:
    if isinstance(content, str):
        return content
    return joined_text(typed.parts(content, _PLAIN, path))


def _tool_use(block: schema.ToolUseBlock, _: typed.Path) -> ToolCall:
    return ToolCall(block.id, block.name, msgspec.json.encode(block.input or {}).decode())


def _tool_result(block: schema.ToolResultBlock, path: typed.Path) -> ToolResult:
    content = block.content or ()
    if isinstance(content, str):
        parts: tuple[Part, ...] = (Text(content),)
    else:
        parts = typed.parts(content, _INSIDE_RESULTS, (*path, "content"))
    return ToolResult(block.tool_use_id, parts, bool(block.is_error))


_PLAIN: typed.PartTable = {
    "text": (schema.TextBlock, lambda block, _: Text(block.text)),
    "image": (schema.ImageBlock, _image),
}
_INSIDE_RESULTS: typed.PartTable = {
    **_PLAIN,
    "document": (schema.DocumentBlock, _document),
    "search_result": (schema.SearchResultBlock, _found_text),
}
_PARTS: typed.PartTable = {
    **_PLAIN,
    "document": (schema.DocumentBlock, _document),
    "search_result": (schema.SearchResultBlock, _search_result),
    "tool_use": (schema.ToolUseBlock, _tool_use),
    "tool_result": (schema.ToolResultBlock, _tool_result),
    "thinking": (
        schema.ThinkingBlock,
        lambda block, _: Reasoning(block.thinking, block.signature),
    ),
}
"""What stands where, as the API has it: so that no nesting of a client's goes deep here."""
