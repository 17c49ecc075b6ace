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
MAX_CHOICES = 128
MAX_TOP_LOGPROBS = 20
AtLeastOne = Meta(ge=1)
Metadata = Annotated[
    dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=512)]],
    Meta(max_length=16),
]


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


class CustomTool(Struct):
    name: str
    description: str | None = None


class ToolParam(Struct):
    """Both are absent for tools of other types, which are let through."""

    type: str
    function: FunctionTool | None = None
    custom: CustomTool | None = None


class NamedFunction(Struct):
    name: str


class NamedTool(Struct):
    function: NamedFunction | None = None
    custom: NamedFunction | None = None

    @property
    def name(self) -> str | None:
        """The name, None for tools of other types."""
        named = self.function or self.custom
        return named.name if named else None


class AllowedTools(Struct):
    mode: str = "auto"
    tools: list[NamedTool] = []


class ToolChoiceParam(NamedTool):
    """A named tool, or the tools that are allowed."""

    allowed_tools: AllowedTools | None = None


class JsonSchemaFormat(Struct):
    name: str = ""
    schema: dict[str, Any] | None = None


class ResponseFormatParam(Struct):
    """`schema` beside `json_object` is Cohere's and llama.cpp's."""

    type: str
    json_schema: JsonSchemaFormat | None = None
    schema: dict[str, Any] | None = None


class ChatMessage(Struct):
    role: str
    content: str | list[dict[str, Any]] | None = None
    refusal: str | None = None
    name: str | None = None
    tool_calls: list[ToolCallParam] | None = None
    tool_call_id: str | None = None
    function_call: FunctionCall | None = None
    reasoning_content: str | None = None


class AudioParam(Struct):
    """How an answer is to be spoken. Every voice sounds alike here."""

    format: str


class Prediction(Struct):
    content: str | list[dict[str, Any]] = ""


class ChatRequest(Struct):
    model: ModelName
    messages: Annotated[list[ChatMessage], Meta(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    tools: list[ToolParam] | None = None
    tool_choice: str | ToolChoiceParam | None = None
    functions: list[FunctionTool] | None = None
    function_call: str | NamedFunction | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormatParam | None = None
    stop: str | Annotated[list[str], Meta(max_length=MAX_STOPS)] | None = None
    max_completion_tokens: Annotated[int, AtLeastOne] | None = None
    max_tokens: Annotated[int, AtLeastOne] | None = None
    n: Annotated[int, Meta(ge=1, le=MAX_CHOICES)] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=MAX_TOP_LOGPROBS)] | None = None
    modalities: list[str] | None = None
    audio: AudioParam | None = None
    prediction: Prediction | None = None
    service_tier: str | None = None
    store: bool | None = None
    metadata: Metadata | None = None

    @property
    def is_legacy(self) -> bool:
        """Whether the client offers functions, which came before tools."""
        return bool(self.functions) and not self.tools

    @property
    def custom_tools(self) -> frozenset[str]:
        """The names of the tools that take a text and not JSON."""
        return frozenset(tool.custom.name for tool in self.tools or () if tool.custom)

    @property
    def spoken_format(self) -> str | None:
        """The format of the audio that the client wants, None when it wants text."""
        return self.audio.format if self.audio and "audio" in (self.modalities or ()) else None


class MetadataUpdate(Struct):
    metadata: Metadata | None


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


class DocumentPart(Struct):
    """Mistral's."""

    document_url: str
    document_name: str | None = None
