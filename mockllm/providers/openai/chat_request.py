"""Reading the body of `POST /v1/chat/completions`.

Source: openai-python 3.54 (`types/chat/completion_create_params.py` and what it refers to), read
2026-11-22. Departures: text that a custom tool takes is asked for as `{"input": text}`, so that
rules and automatic answers know one kind of tool; a spoken message of the history is let through
without its words.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mockllm.core.model import (
    Audio,
    File,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Request,
    ResponseFormat,
    Sampling,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from mockllm.core.raw import Raw
from mockllm.errors import InvalidRequest, Unfit
from mockllm.providers.openai import custom_tools, dialect, schema
from mockllm.wire import typed

OPERATION = "chat"
FUNCTION_ID = "function "
"""How the made-up ids of calls of functions begin."""

_decoder = msgspec.json.Decoder(schema.ChatRequest)
_PARTS: typed.PartTable = {
    "text": (schema.TextPart, lambda part, _: Text(part.text)),
    "refusal": (schema.RefusalPart, lambda part, _: Refusal(part.refusal)),
    "image_url": (schema.ImagePart, lambda part, _: Image(part.image_url.url)),
    "input_audio": (schema.AudioPart, lambda part, _: Audio(part.input_audio.format)),
    "file": (schema.FilePart, lambda part, _: File(part.file.filename or part.file.file_id or "")),
    "document_url": (schema.DocumentPart, lambda part, _: File(part.document_name or "")),
}
_ROLES = ("system", "assistant", "user", "function", "tool", "developer")
_FORMATS = ("wav", "aac", "mp3", "flac", "opus", "pcm16")


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        RequestError: the body is not JSON, lacks `model` or `messages`, has a member of the wrong
            type, or members that do not go together.
    """
    return _read(raw.body)


@typed.kept
def _read(body: bytes) -> Request:
    return request_of(typed.decode(body, _decoder))


def request_of(body: schema.ChatRequest) -> Request:
    """Return the neutral request of a decoded body.

    Raises:
        RequestError: as `parse`, for members that do not go together.
    """
    _check_audio(body)
    options = body.stream_options
    return Request(
        operation=OPERATION,
        provider=dialect.NAME,
        model=body.model,
        messages=tuple(_message(each, index) for index, each in enumerate(body.messages)),
        sampling=_sampling(body),
        stream=bool(body.stream),
        stream_usage=options is not None and bool(options.include_usage),
        tools=_tools(body),
        tool_choice=_function_choice(body) if body.is_legacy else _tool_choice(body),
        response_format=_response_format(body.response_format),
        choices=body.n or 1,
        wire=body,
    )


def _check_audio(body: schema.ChatRequest) -> None:
    if "audio" not in (body.modalities or ()):
        return
    if body.audio is None:
        raise InvalidRequest("missing", ("audio",))
    wanted = body.audio.format
    if wanted not in _FORMATS:
        raise InvalidRequest("value", ("audio", "format"), _among(_FORMATS), wanted)
    if body.stream and wanted != "pcm16":
        raise Unfit(
            f"Unsupported value: 'audio.format' does not support '{wanted}' when stream=true."
            " Supported values are: 'pcm16'.",
            "audio.format",
            "unsupported_value",
        )


def _among(values: tuple[str, ...]) -> str:
    *most, last = (f"'{value}'" for value in values)
    return f"among {', '.join(most)}, and {last}"


def _sampling(body: schema.ChatRequest) -> Sampling:
    limit_tokens = body.max_completion_tokens
    if limit_tokens is None:
        limit_tokens = body.max_tokens
    stop = (body.stop,) if isinstance(body.stop, str) else tuple(body.stop or ())
    if body.top_logprobs and not body.logprobs:
        message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled."
        raise Unfit(message, "top_logprobs")
    logprobs = (body.top_logprobs or 0) if body.logprobs else None
    return Sampling(limit_tokens, tuple(filter(None, stop)), logprobs)


def _tools(body: schema.ChatRequest) -> tuple[Tool, ...]:
    """Return the tools that have a name and that the client allows; those of other types are let
    through."""
    if body.is_legacy:
        return tuple(map(_tool, body.functions or ()))
    tools = tuple(_offered(body))
    allowed = _allowed(body)
    if allowed is None:
        return tools
    names = {tool.name for tool in allowed.tools}
    return tuple(tool for tool in tools if tool.name in names)


def _offered(body: schema.ChatRequest) -> Iterator[Tool]:
    for param in body.tools or ():
        if param.function is not None:
            yield _tool(param.function)
        elif param.custom is not None:
            yield Tool(param.custom.name, param.custom.description or "", custom_tools.PARAMETERS)


def _tool(function: schema.FunctionTool) -> Tool:
    return Tool(function.name, function.description or "", function.parameters or {})


def _allowed(body: schema.ChatRequest) -> schema.AllowedTools | None:
    choice = body.tool_choice
    return choice.allowed_tools if isinstance(choice, schema.ToolChoiceParam) else None


def _tool_choice(body: schema.ChatRequest) -> ToolChoice:
    parallel = body.parallel_tool_calls is not False
    choice = body.tool_choice
    if isinstance(choice, schema.ToolChoiceParam):
        if choice.name is not None:
            return ToolChoice("named", choice.name, parallel)
        choice = choice.allowed_tools.mode if choice.allowed_tools else "auto"
    match choice:
        case "none" | "required":
            return ToolChoice(choice, None, parallel)
        case "any":  # Mistral's word
            return ToolChoice("required", None, parallel)
        case _:
            return ToolChoice(parallel=parallel)


def _function_choice(body: schema.ChatRequest) -> ToolChoice:
    """Return the choice among functions, of which one is called at most."""
    match body.function_call:
        case schema.NamedFunction(name):
            return ToolChoice("named", name, parallel=False)
        case "none":
            return ToolChoice("none", parallel=False)
        case _:
            return ToolChoice(parallel=False)


def _response_format(param: schema.ResponseFormatParam | None) -> ResponseFormat:
    match param:
        case schema.ResponseFormatParam("json_schema", json_schema) if json_schema is not None:
            return ResponseFormat("json_schema", json_schema.name, json_schema.schema)
        case schema.ResponseFormatParam("json_object"):
            return ResponseFormat("json_object", schema=param.schema)
        case _:
            return ResponseFormat()


def _message(message: schema.ChatMessage, index: int) -> Message:
    path = ("messages", index)
    if message.role not in _ROLES:
        raise InvalidRequest("value", (*path, "role"), _among(_ROLES), message.role)
    parts: tuple[Part, ...] = ()
    if isinstance(message.content, str):
        parts = (Text(message.content),)
    elif message.content is not None:
        parts = typed.parts(message.content, _PARTS, (*path, "content"))
    match message.role:
        case "tool":
            return Message("tool", (ToolResult(message.tool_call_id or "", parts),))
        case "function":
            return Message("tool", (ToolResult(_function_id(message.name or ""), parts),))
    if message.reasoning_content:
        parts = (Reasoning(message.reasoning_content), *parts)
    if message.refusal:
        parts += (Refusal(message.refusal),)
    return Message(message.role, (*parts, *_calls(message)))


def _calls(message: schema.ChatMessage) -> Iterator[ToolCall]:
    if message.function_call is not None:
        function = message.function_call
        yield ToolCall(_function_id(function.name), function.name, function.arguments)
    for call in message.tool_calls or ():
        if call.custom is not None:
            yield ToolCall(call.id, call.custom.name, call.custom.input)
        else:
            function = call.function or schema.FunctionCall()
            yield ToolCall(call.id, function.name, function.arguments)


def _function_id(name: str) -> str:
    """Return what stands for the id that calls of functions lack: a result has the name only."""
    return f"{FUNCTION_ID}{name}"
