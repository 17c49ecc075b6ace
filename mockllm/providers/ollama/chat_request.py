"""Reading the body of `POST /api/chat`.

Source: ollama-python 0.6.3 (`_types.py`) and https://docs.ollama.com/capabilities/tool-calling,
read 2026-11-22.

Results name their tool, and most have no id: they answer the calls before them in order, those
of their tool where they name one.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mockllm.core.model import (
    Message,
    Part,
    Reasoning,
    Request,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from mockllm.core.raw import Raw
from mockllm.providers.ollama import dialect, schema
from mockllm.providers.ollama.request import (
    check,
    images,
    load_reason,
    response_format,
    sampling,
)
from mockllm.providers.ollama.said import Members, Said, loaded
from mockllm.wire import typed

OPERATION = "chat"

_decoder = msgspec.json.Decoder(schema.ChatRequest)


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        NothingAsked: there are no messages: the model is only loaded, or unloaded.
        RequestError: the body is not JSON, lacks `model`, or has a member of the wrong type.
    """
    body = typed.decode(raw.body, _decoder)
    model = check(body)
    if not body.messages:
        raise dialect.NothingAsked(loaded(model, worded, load_reason(body)))
    return Request(
        operation=OPERATION,
        provider=dialect.NAME,
        model=model,
        messages=tuple(_messages(body.messages)),
        sampling=sampling(body),
        stream=body.stream is not False,
        encoding="ndjson",
        tools=tuple(_tools(body)),
        response_format=response_format(body),
        wire=body,
    )


def worded(said: Said) -> Members:
    """Return what is said as a message; members that say nothing are absent, but for the
    content."""
    message: Members = {"role": "assistant", "content": said.content}
    if said.thinking:
        message["thinking"] = said.thinking
    if said.tool_calls:
        message["tool_calls"] = said.tool_calls
    return {"message": message}


def _tools(body: schema.ChatRequest) -> Iterator[Tool]:
    for param in body.tools or ():
        function = param.function
        if function is not None:
            yield Tool(function.name, function.description or "", function.parameters or {})


def _messages(sent: list[schema.ChatMessage]) -> Iterator[Message]:
    waiting: list[ToolCall] = []
    for index, message in enumerate(sent):
        role = (message.role or "").lower()
        said: tuple[Part, ...] = () if message.content is None else (Text(message.content),)
        shown = tuple(images(message.images))
        if role == "tool":
            yield Message("tool", (ToolResult(_answered(message, waiting), (*said, *shown)),))
            continue
        thought = (Reasoning(message.thinking),) if message.thinking else ()
        calls = tuple(_calls(message, index))
        waiting += calls
        yield Message(role, (*thought, *said, *shown, *calls))


def _calls(message: schema.ChatMessage, index: int) -> Iterator[ToolCall]:
    for number, call in enumerate(message.tool_calls or ()):
        arguments = msgspec.json.encode(call.function.arguments or {}).decode()
        yield ToolCall(call.id or f"call {index} {number}", call.function.name, arguments)


def _answered(result: schema.ChatMessage, waiting: list[ToolCall]) -> str:
    """Return the id of the call that a result answers, "" when there is none, and take that call
    off those that wait."""
    name = result.tool_name or result.name
    for position, call in enumerate(waiting):
        is_meant = call.id == result.tool_call_id if result.tool_call_id else call.name == name
        if is_meant or not (name or result.tool_call_id):
            return waiting.pop(position).id
    return ""
