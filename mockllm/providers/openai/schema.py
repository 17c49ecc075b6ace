"""The members of OpenAI's requests that mockllm reads; any others are let through.

Source: openai-python 3.54 (`types/chat/completion_create_params.py` and what it refers to), read
2026-11-22.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

ModelName = Annotated[str, Meta(max_length=1_000)]
"""Bounded, because every chunk of a stream repeats it."""

MAX_MESSAGES = 100_000
MAX_STOPS = 100
AtLeastOne = Meta(ge=1)


class StreamOptions(Struct):
    include_usage: bool | None = None


class FunctionCall(Struct):
    name: str = ""
    arguments: str = ""


class CustomCall(Struct):
    name: str = ""
    input: str = ""


class ToolCallParam(Struct):
    """A call in the history. `custom` stands in place of `function` for custom tools."""

    id: str = ""
    function: FunctionCall | None = None
    custom: CustomCall | None = None


class FunctionTool(Struct):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None


class ToolParam(Struct):
    """`function` is absent for tools of other types, which are let through."""

    type: str
    function: FunctionTool | None = None
    custom: FunctionTool | None = None


class NamedFunction(Struct):
    name: str


class NamedToolChoice(Struct):
    function: NamedFunction | None = None
    custom: NamedFunction | None = None


class JsonSchemaFormat(Struct):
    name: str = ""
    schema: dict[str, Any] | None = None


class ResponseFormatParam(Struct):
    type: str
    json_schema: JsonSchemaFormat | None = None


class ChatMessage(Struct):
    role: str
    content: str | list[dict[str, Any]] | None = None
    refusal: str | None = None
    tool_calls: list[ToolCallParam] | None = None
    tool_call_id: str | None = None
    reasoning_content: str | None = None


class ChatRequest(Struct):
    model: ModelName
    messages: Annotated[list[ChatMessage], Meta(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    tools: list[ToolParam] | None = None
    tool_choice: str | NamedToolChoice | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormatParam | None = None
    stop: str | Annotated[list[str], Meta(max_length=MAX_STOPS)] | None = None
    max_completion_tokens: Annotated[int, AtLeastOne] | None = None
    max_tokens: Annotated[int, AtLeastOne] | None = None


class TextPart(Struct):
    text: str


class RefusalPart(Struct):
    refusal: str


class ImageUrl(Struct):
    url: str


class ImagePart(Struct):
    image_url: ImageUrl


class InputAudio(Struct):
    format: str = ""


class AudioPart(Struct):
    input_audio: InputAudio


class FileSource(Struct):
    filename: str | None = None
    file_id: str | None = None


class FilePart(Struct):
    file: FileSource
