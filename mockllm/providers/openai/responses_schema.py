"""The members of Responses requests that mockllm reads; any others are let through.

Source: openai-python 3.54 (`types/responses/response_create_params.py`, `response_input_item.py`
and what they refer to), read 2026-11-22.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from mockllm.providers.openai.schema import AtLeastOne, ModelName

MAX_ITEMS = 100_000

Items = Annotated[list[dict[str, Any]], Meta(max_length=MAX_ITEMS)]
Id = Annotated[str, Meta(max_length=1_000)]
Metadata = Annotated[
    dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=512)]],
    Meta(max_length=16),
]


class TextFormat(Struct):
    type: str
    name: str | None = None
    schema: dict[str, Any] | None = None
    description: str | None = None
    strict: bool | None = None


class TextConfig(Struct):
    format: TextFormat | None = None
    verbosity: str | None = None


class ConversationParam(Struct):
    id: Id


class StreamOptions(Struct):
    include_obfuscation: bool | None = None


class Tool(Struct):
    """`name` is absent for tools that the vendor runs, which are let through."""

    type: str
    name: str | None = None
    description: str | None = None
    parameters: dict[str, Any] | None = None


class AllowedTool(Struct):
    name: str | None = None


class ToolChoiceParam(Struct):
    """`mode` and `tools` are those of `allowed_tools`."""

    type: str
    name: str | None = None
    mode: str | None = None
    tools: list[AllowedTool] = []


class Conversation(Struct):
    """What a request says of the conversation, whatever it asks for."""

    model: ModelName | None = None
    input: str | Items | None = None
    instructions: str | None = None
    previous_response_id: Id | None = None
    conversation: Id | ConversationParam | None = None
    prompt: dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None


class ResponsesRequest(Conversation):
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    text: TextConfig | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    background: bool | None = None
    store: bool | None = None
    max_output_tokens: Annotated[int, AtLeastOne] | None = None
    max_tool_calls: int | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    include: list[str] | None = None
    metadata: Metadata | None = None
    prompt_cache_key: str | None = None
    reasoning: dict[str, Any] | None = None
    safety_identifier: str | None = None
    service_tier: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    truncation: str | None = None
    user: str | None = None


class MessageItem(Struct):
    role: str
    content: str | list[dict[str, Any]]


class FunctionCallItem(Struct):
    name: str
    call_id: str = ""
    arguments: str = ""
    input: str = ""


class OutputItem(Struct):
    """The result of any kind of call."""

    call_id: str | None = None
    output: Any = None


class SummaryPart(Struct):
    text: str = ""


class ReasoningItem(Struct):
    summary: list[SummaryPart] = []
    content: list[SummaryPart] | None = None
    encrypted_content: str | None = None


class ReferenceItem(Struct):
    id: Id


class TextPart(Struct):
    text: str


class RefusalPart(Struct):
    refusal: str


class ImagePart(Struct):
    image_url: str | None = None
    file_id: str | None = None


class FilePart(Struct):
    filename: str | None = None
    file_url: str | None = None
    file_id: str | None = None


class InputAudio(Struct):
    format: str = ""


class AudioPart(Struct):
    input_audio: InputAudio


class ConversationCreate(Struct):
    items: Annotated[list[dict[str, Any]], Meta(max_length=20)] | None = None
    metadata: Metadata | None = None


class ConversationUpdate(Struct):
    metadata: Metadata | None


class ItemsCreate(Struct):
    items: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=20)]
