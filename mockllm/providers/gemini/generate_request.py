"""Reading a request for content, as `:generateContent`, `:streamGenerateContent` and the token
count take it.

Source: https://ai.google.dev/api/generate-content and google-genai 3.4 (`models.py`), read
2026-11-22.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl

import msgspec

from mockllm.core.model import (
    Encoding,
    Message,
    Request,
    ResponseFormat,
    Sampling,
    Tool,
    ToolChoice,
)
from mockllm.core.raw import Raw
from mockllm.errors import InvalidRequest
from mockllm.providers.gemini import content, dialect, proto_json, schema
from mockllm.providers.gemini.open_api_schema import json_schema

MAX_MODEL_LENGTH = 1_000
_JSON = "application/json"
_STREAMING = ":streamGenerateContent"

_decoder = msgspec.json.Decoder(schema.GenerateRequest)


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        RequestError: the body is not JSON, lacks `contents`, or has a member of the wrong type.
    """
    return request_of(proto_json.decode(raw.body, _decoder), raw)


def request_of(body: schema.GenerateRequest, raw: Raw) -> Request:
    """Return the neutral request that a decoded body is.

    Raises:
        InvalidRequest: it lacks `contents`, or a part is wrong.
    """
    if not body.contents:
        raise InvalidRequest("missing", ("contents",))
    messages = content.messages_of(body.contents)
    config = body.generation_config or schema.GenerationConfig()
    return Request(
        operation="chat",
        provider=dialect.NAME,
        model=model_of(raw, body.model),
        messages=(*_system(body.system_instruction), *messages),
        sampling=Sampling(
            config.max_output_tokens, tuple(filter(None, config.stop_sequences or ()))
        ),
        stream=raw.path.endswith(_STREAMING),
        encoding=encoding_of(raw),
        tools=tuple(map(_tool, _declarations(body.tools))),
        tool_choice=_tool_choice(body.tool_config),
        response_format=_response_format(config),
        choices=config.candidate_count or 1,
        wire=body,
    )


def encoding_of(raw: Raw) -> Encoding:
    """Return how the request's answer is streamed, if it is."""
    return "sse" if dict(parse_qsl(raw.query)).get("alt") == "sse" else "json_array"


def streams_array(raw: Raw) -> bool:
    """Whether the answer is a streamed JSON array, in which errors stand too."""
    return raw.path.endswith(_STREAMING) and encoding_of(raw) == "json_array"


def model_of(raw: Raw, named: str | None) -> str:
    """Return the model that the URL names; what the body has, where there is no URL.

    Raises:
        InvalidRequest: the name is too long.
    """
    name = raw.url_parts.get("model") or (named or "").removeprefix("models/")
    if len(name) > MAX_MODEL_LENGTH:
        raise InvalidRequest("value", ("model",), f"of length <= {MAX_MODEL_LENGTH}")
    return name


def _system(instruction: schema.Content | None) -> Sequence[Message]:
    if instruction is None:
        return ()
    parts = content.parts_of(instruction, ("systemInstruction",))
    return (Message("system", parts),) if parts else ()


def _declarations(
    tools: list[schema.Tool] | schema.Tool | None,
) -> list[schema.FunctionDeclaration]:
    listed = [tools] if isinstance(tools, schema.Tool) else tools or []
    return [each for tool in listed for each in tool.function_declarations or ()]


def _tool(declared: schema.FunctionDeclaration) -> Tool:
    parameters = declared.parameters_json_schema
    if not isinstance(parameters, dict):
        parameters = json_schema(declared.parameters or {})
    return Tool(declared.name, declared.description or "", parameters)


def _tool_choice(config: schema.ToolConfig | None) -> ToolChoice:
    """Return what the model may do; of several names that are allowed, the first is forced."""
    calling = config.function_calling_config if config else None
    if calling is None:
        return ToolChoice()
    match (calling.mode or "").upper():
        case "ANY" if calling.allowed_function_names:
            return ToolChoice("named", calling.allowed_function_names[0])
        case "ANY":
            return ToolChoice("required")
        case "NONE":
            return ToolChoice("none")
        case _:
            return ToolChoice()


def _response_format(config: schema.GenerationConfig) -> ResponseFormat:
    if config.response_mime_type != _JSON:
        return ResponseFormat()
    if isinstance(config.response_json_schema, dict):
        return ResponseFormat("json_schema", None, config.response_json_schema)
    if config.response_schema:
        return ResponseFormat("json_schema", None, json_schema(config.response_schema))
    return ResponseFormat("json_object")
