"""The members of Ollama's requests that mockllm reads; any others are let through.

Sources: ollama-python 0.6.3 (`_types.py`) and https://docs.ollama.com/api, read 2026-11-22.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

ModelName = Annotated[str, Meta(max_length=1_000)]
"""Bounded, because every chunk of a stream repeats it."""

MAX_MESSAGES = 100_000
MAX_STOPS = 100
MAX_INPUTS = 2_048
MAX_DIMENSIONS = 4_096
MAX_TOP_LOGPROBS = 20

Stops = Annotated[list[str], Meta(max_length=MAX_STOPS)]


class Options(Struct):
    num_predict: int | float | None = None
    stop: Stops | None = None


class FunctionCall(Struct):
    name: str = ""
    arguments: dict[str, Any] | None = None


class ToolCallParam(Struct):
    """A call in the history; older servers and most clients know no ids."""

    function: FunctionCall = field(default_factory=FunctionCall)
    id: str | None = None


class ChatMessage(Struct):
    """`tool_name` names the tool of a result; some clients say `name`."""

    role: str | None = None
    content: str | None = None
    thinking: str | None = None
    images: list[str] | None = None
    tool_calls: list[ToolCallParam] | None = None
    tool_name: str | None = None
    name: str | None = None
    tool_call_id: str | None = None


class FunctionTool(Struct):
    name: str = ""
    description: str | None = None
    parameters: dict[str, Any] | None = None


class ToolParam(Struct):
    """`function` is absent for tools of other types, which are let through."""

    function: FunctionTool | None = None


class ModelRequest(Struct, kw_only=True):
    """What chats and completions have in common. `format` is `json` or a JSON Schema;
    `keep_alive` a number of seconds or a duration."""

    model: ModelName | None = None
    stream: bool | None = None
    options: Options | None = None
    format: Any = None
    think: bool | str | None = None
    keep_alive: Any = None
    logprobs: bool | None = None
    top_logprobs: int | None = None


class ChatRequest(ModelRequest):
    messages: Annotated[list[ChatMessage], Meta(max_length=MAX_MESSAGES)] | None = None
    tools: list[ToolParam] | None = None


class GenerateRequest(ModelRequest):
    """`suffix`, `template`, `context` and `raw` are let through: nothing here is templated."""

    prompt: str | None = None
    system: str | None = None
    images: list[str] | None = None


class EmbedRequest(Struct):
    """`truncate` is let through: nothing here is too long."""

    model: ModelName | None = None
    input: str | Annotated[list[str], Meta(max_length=MAX_INPUTS)] | None = None
    dimensions: Annotated[int, Meta(ge=0, le=MAX_DIMENSIONS)] | None = None
    keep_alive: Any = None


class EmbeddingsRequest(Struct):
    model: ModelName | None = None
    prompt: str | None = None
    keep_alive: Any = None


class NamedRequest(Struct):
    """A request about a model; old clients say `name`."""

    model: ModelName | None = None
    name: ModelName | None = None
    stream: bool | None = None
