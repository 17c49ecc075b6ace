"""The members of Gemini's requests that mockllm reads; any others are let through.

Source: the API's reference (https://ai.google.dev/api/generate-content, /embeddings, /tokens) and
google-genai 3.4 (`types.py`, `models.py`), read 2026-11-22.

The members are spelled as the reference has them; `proto_json` reads the other spelling. As in
protocol buffers' JSON, null is no value, and one thing may stand where a list of one is meant.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

Object = dict[str, Any]
Name = Annotated[str, Meta(max_length=1_000)]


class Content(Struct):
    """`role` is `user`, `model` or, in old clients, `function`; the API takes `user` for none."""

    role: str | None = None
    parts: list[Object] | Object | None = None


Contents = Annotated[list[Content], Meta(max_length=100_000)] | Content


class Blob(Struct, rename="camel"):
    """`data` is base64."""

    mime_type: str = ""
    data: str = ""


class FileData(Struct, rename="camel"):
    mime_type: str = ""
    file_uri: str = ""


class FunctionCall(Struct):
    name: str
    id: str | None = None
    args: Object | None = None


class FunctionResponse(Struct):
    name: str
    id: str | None = None
    response: Object | None = None
    parts: list[Object] | None = None


class Part(Struct, rename="camel"):
    """One of these is set; `thought` tells a thought from an answer."""

    text: str | None = None
    inline_data: Blob | None = None
    file_data: FileData | None = None
    function_call: FunctionCall | None = None
    function_response: FunctionResponse | None = None
    thought: bool | None = None
    thought_signature: str | None = None


class FunctionDeclaration(Struct, rename="camel"):
    """`parameters` is a schema in OpenAPI's manner, `parameters_json_schema` a JSON Schema."""

    name: str
    description: str | None = None
    parameters: Object | None = None
    parameters_json_schema: Any = None


class Tool(Struct, rename="camel"):
    """Tools that the server runs have no declarations; they are let through."""

    function_declarations: list[FunctionDeclaration] | None = None


class FunctionCallingConfig(Struct, rename="camel"):
    mode: str | None = None
    allowed_function_names: list[str] | None = None


class ToolConfig(Struct, rename="camel"):
    function_calling_config: FunctionCallingConfig | None = None


class GenerationConfig(Struct, rename="camel"):
    max_output_tokens: Annotated[int, Meta(ge=1)] | None = None
    stop_sequences: Annotated[list[str], Meta(max_length=100)] | None = None
    candidate_count: Annotated[int, Meta(ge=1, le=8)] | None = None
    response_mime_type: str | None = None
    response_schema: Object | None = None
    response_json_schema: Any = None


class GenerateRequest(Struct, rename="camel"):
    """`model` stands in the URL; SDKs may repeat it here."""

    model: Name | None = None
    contents: Contents | None = None
    system_instruction: Content | None = None
    tools: list[Tool] | Tool | None = None
    tool_config: ToolConfig | None = None
    generation_config: GenerationConfig | None = None


class CountTokensRequest(GenerateRequest, rename="camel"):
    """Vertex AI takes what is counted as it is, the Gemini API the whole request too."""

    generate_content_request: GenerateRequest | None = None


class EmbedConfig(Struct, rename="camel"):
    output_dimensionality: Annotated[int, Meta(ge=1, le=4_096)] | None = None


class EmbedRequest(Struct, rename="camel"):
    """`embed_content_config` is what newer SDKs put the other members into."""

    model: Name | None = None
    content: Content | None = None
    output_dimensionality: Annotated[int, Meta(ge=1, le=4_096)] | None = None
    embed_content_config: EmbedConfig | None = None


class BatchEmbedRequest(Struct, rename="camel"):
    model: Name | None = None
    requests: Annotated[list[EmbedRequest], Meta(max_length=100)] | None = None
