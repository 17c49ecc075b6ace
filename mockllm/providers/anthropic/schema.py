"""The members of Anthropic's requests that mockllm reads; any others are let through.

Source: anthropic-sdk-python 2.12 (`types/message_create_params.py`,
`types/beta/message_create_params.py` and what they refer to), read 2026-11-22.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

Block = dict[str, Any]
Blocks = list[Block]


class CacheControl(Struct):
    """`ttl` is `5m` or `1h`; the API takes `5m` when there is none."""

    type: str = ""
    ttl: str | None = None


class MessageParam(Struct):
    role: str
    content: str | Blocks


class ToolParam(Struct):
    """Server tools have no `input_schema`; they are let through."""

    type: str | None = None
    name: str = ""
    description: str | None = None
    input_schema: dict[str, Any] | None = None
    cache_control: CacheControl | None = None


class ToolChoiceParam(Struct):
    type: str
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class OutputFormat(Struct):
    type: str = ""
    schema: dict[str, Any] | None = None


class OutputConfig(Struct):
    format: OutputFormat | None = None


class ThinkingParam(Struct):
    """`display` is `summarized` or `omitted`."""

    type: str = ""
    display: str | None = None


class ContainerParam(Struct):
    id: str | None = None
    skills: list[dict[str, Any]] | None = None


class ThreadParam(Struct):
    """`type` is `create` or `continue`."""

    type: str = ""
    previous_message_id: str | None = None


class MessagesRequest(Struct):
    """`max_tokens` is required by the API and not here: a mock serves without. `output_format`
    is what `output_config.format` was called in its beta."""

    model: Annotated[str, Meta(max_length=1_000)]
    messages: Annotated[list[MessageParam], Meta(max_length=100_000)]
    system: str | Blocks | None = None
    max_tokens: Annotated[int, Meta(ge=0)] | None = None
    stop_sequences: Annotated[list[str], Meta(max_length=100)] | None = None
    stream: bool | None = None
    tools: list[ToolParam] | None = None
    tool_choice: ToolChoiceParam | None = None
    output_config: OutputConfig | None = None
    output_format: OutputFormat | None = None
    thinking: ThinkingParam | None = None
    cache_control: CacheControl | None = None
    container: str | ContainerParam | None = None
    context_management: dict[str, Any] | None = None
    inference_geo: str | None = None
    speed: str | None = None
    thread: ThreadParam | None = None


class TextBlock(Struct):
    text: str


class Source(Struct):
    """Where an image or a document comes from, by whichever member fits its `type`."""

    type: str = ""
    media_type: str = ""
    data: str | None = None
    url: str | None = None
    file_id: str | None = None
    content: str | Blocks | None = None


class ImageBlock(Struct):
    source: Source


class DocumentBlock(Struct):
    source: Source
    title: str | None = None


class SearchResultBlock(Struct):
    content: Blocks
    source: str = ""
    title: str = ""


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
