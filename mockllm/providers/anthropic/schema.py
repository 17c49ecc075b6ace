"""The members of Anthropic's requests that mockllm reads; any others are let through.

Source: anthropic-sdk-python 2.12 (`types/message_create_params.py` and what it refers to), read
2026-11-22.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

Blocks = list[dict[str, Any]]


class MessageParam(Struct):
    role: str
    content: str | Blocks


class ToolParam(Struct):
    """Server tools have no `input_schema`; they are let through."""

    name: str = ""
    description: str | None = None
    input_schema: dict[str, Any] | None = None


class ToolChoiceParam(Struct):
    type: str
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class OutputFormat(Struct):
    type: str = ""
    schema: dict[str, Any] | None = None


class OutputConfig(Struct):
    format: OutputFormat | None = None


class MessagesRequest(Struct):
    """`max_tokens` is required by the API and not here: a mock serves without."""

    model: Annotated[str, Meta(max_length=1_000)]
    messages: Annotated[list[MessageParam], Meta(min_length=1, max_length=100_000)]
    system: str | Blocks | None = None
    max_tokens: Annotated[int, Meta(ge=0)] | None = None
    stop_sequences: Annotated[list[str], Meta(max_length=100)] | None = None
    stream: bool | None = None
    tools: list[ToolParam] | None = None
    tool_choice: ToolChoiceParam | None = None
    output_config: OutputConfig | None = None


class TextBlock(Struct):
    text: str


class Source(Struct):
    """Where an image or a document comes from, by whichever member fits its `type`."""

    type: str = ""
    media_type: str = ""
    data: str | None = None
    url: str | None = None
    file_id: str | None = None


class ImageBlock(Struct):
    source: Source


class DocumentBlock(Struct):
    source: Source
    title: str | None = None


class ToolUseBlock(Struct):
    id: str
    name: str
    input: Any = None


class ToolResultBlock(Struct):
    tool_use_id: str
    content: str | Blocks | None = None
    is_error: bool | None = None


class ThinkingBlock(Struct):
    thinking: str
    signature: str | None = None
