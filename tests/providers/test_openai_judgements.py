"""What OpenAI's API refuses: each mistake, its error, its warning, and what is no mistake."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest
from openai.types import (
    completion_create_params,
    embedding_create_params,
    moderation_create_params,
)
from openai.types.chat import completion_create_params as chat_create_params
from openai.types.responses import response_create_params

from mockllm.providers.openai import parameters
from tests.conftest import MakeApp
from tests.providers.judged import MODELS, Json, ask, judged, warned

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
COMPLETIONS, EMBEDDINGS, MODERATIONS = "/v1/completions", "/v1/embeddings", "/v1/moderations"
USER: Json = {"role": "user", "content": "hello"}
TOOL: Json = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
CLOSED: Json = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
OPEN: Json = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
PARTIAL: Json = {
    "type": "object",
    "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
IMAGE: Json = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}
AUDIO: Json = {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}}
FILE: Json = {"type": "file", "file": {"file_id": "file-1"}}


def chat(*messages: Json, **members: Any) -> Json:
    return {"model": "gpt-4o", "messages": list(messages or [USER])} | members


def response(*items: Json, **members: Any) -> Json:
    return {"model": "gpt-4o", "input": list(items) or "hello"} | members


def calls(*ids: str) -> Json:
    function = {"name": "look", "arguments": "{}"}
    tool_calls = [{"id": each, "type": "function", "function": function} for each in ids]
    return {"role": "assistant", "content": None, "tool_calls": tool_calls}


def result(call_id: str) -> Json:
    return {"role": "tool", "tool_call_id": call_id, "content": "4"}


def call_item(call_id: str, kind: str = "function_call") -> Json:
    return {"type": kind, "call_id": call_id, "name": "look", "arguments": "{}", "input": "x"}


def output_item(call_id: str, kind: str = "function_call_output") -> Json:
    return {"type": kind, "call_id": call_id, "output": "4"}


def strict_tool(schema: Any, name: str = "look") -> Json:
    return {"type": "function", "function": {"name": name, "strict": True, "parameters": schema}}


def strict_format(schema: Any) -> Json:
    named = {"name": "Person", "strict": True, "schema": schema}
    return {"type": "json_schema", "json_schema": named}


def unsupported(name: str) -> str:
    return f"Unsupported parameter: '{name}' is not supported with this model."


def moved(name: str, to: str) -> tuple[str, None, str]:
    message = (
        f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to"
        f" '{to}'. Try again with the new parameter. See the API documentation for more"
        " information: https://platform.openai.com/docs/api-reference/responses/create."
    )
    return message, None, "unsupported_parameter"


UNANSWERED = (
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each"
    " 'tool_call_id'. The following tool_call_ids did not have response messages: "
)
NO_CALL = (
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with"
    " 'tool_calls'."
)
CONTENT = "Invalid content type. {} is only supported by certain models."
LONG = "one two three " * 20

MISTAKES: dict[str, tuple[str, Json, tuple[str, str | None, str | None]]] = {
    "unknown parameter": (
        CHAT,
        chat(top_k=1),
        ("Unrecognized request argument supplied: top_k", None, None),
    ),
    "unknown parameters": (
        CHAT,
        chat(top_k=1, best_of=2),
        ("Unrecognized request arguments supplied: best_of, top_k", None, None),
    ),
    "unknown parameter of completions": (
        COMPLETIONS,
        {"model": "m", "prompt": "hello", "messages": []},
        ("Unrecognized request argument supplied: messages", None, None),
    ),
    "unknown parameter of embeddings": (
        EMBEDDINGS,
        {"model": "m", "input": "hello", "truncate": True},
        ("Unrecognized request argument supplied: truncate", None, None),
    ),
    "unknown parameter of moderations": (
        MODERATIONS,
        {"model": "m", "input": "hello", "user": "u"},
        ("Unrecognized request argument supplied: user", None, None),
    ),
    "unknown parameter of responses": (
        RESPONSES,
        response(top_k=1),
        ("Unknown parameter: 'top_k'.", "top_k", "unknown_parameter"),
    ),
    "messages of responses": (RESPONSES, response(messages=[]), moved("messages", "input")),
    "max_tokens of responses": (
        RESPONSES,
        response(max_tokens=20),
        moved("max_tokens", "max_output_tokens"),
    ),
    "response_format of responses": (
        RESPONSES,
        response(response_format={"type": "text"}),
        moved("response_format", "text.format"),
    ),
    "temperature above": (
        CHAT,
        chat(temperature=2.1),
        (
            "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got"
            " 2.1 instead.",
            "temperature",
            "decimal_above_max_value",
        ),
    ),
    "top_p below": (
        RESPONSES,
        response(top_p=-1),
        (
            "Invalid 'top_p': decimal below minimum value. Expected a value >= 0, but got -1"
            " instead.",
            "top_p",
            "decimal_below_min_value",
        ),
    ),
    "penalty below": (
        COMPLETIONS,
        {"model": "m", "prompt": "hello", "presence_penalty": -2.5},
        (
            "Invalid 'presence_penalty': decimal below minimum value. Expected a value >= -2, but"
            " got -2.5 instead.",
            "presence_penalty",
            "decimal_below_min_value",
        ),
    ),
    "few tokens": (
        RESPONSES,
        response(max_output_tokens=15),
        (
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but"
            " got 15 instead.",
            "max_output_tokens",
            "integer_below_min_value",
        ),
    ),
    "name of a tool": (
        CHAT,
        chat(tools=[TOOL, {"type": "function", "function": {"name": "a.b"}}]),
        (
            "Invalid 'tools[1].function.name': string does not match pattern. Expected a string"
            " that matches the pattern '^[a-zA-Z0-9_-]+$'.",
            "tools[1].function.name",
            "invalid_value",
        ),
    ),
    "long name of a tool": (
        CHAT,
        chat(tools=[{"type": "function", "function": {"name": "a" * 65}}]),
        (
            "Invalid 'tools[0].function.name': string too long. Expected a string with maximum"
            " length 64, but got a string with length 65 instead.",
            "tools[0].function.name",
            "string_above_max_length",
        ),
    ),
    "name of a tool of responses": (
        RESPONSES,
        response(tools=[{"type": "function", "name": "a b", "parameters": {}}]),
        (
            "Invalid 'tools[0].name': string does not match pattern. Expected a string that"
            " matches the pattern '^[a-zA-Z0-9_-]+$'.",
            "tools[0].name",
            "invalid_value",
        ),
    ),
    "tool that is open": (
        CHAT,
        chat(tools=[strict_tool(OPEN)]),
        (
            "Invalid schema for function 'look': In context=(), 'additionalProperties' is required"
            " to be supplied and to be false.",
            "tools[0].function.parameters",
            "invalid_function_parameters",
        ),
    ),
    "tool with an optional property": (
        RESPONSES,
        response(
            tools=[{"type": "function", "name": "look", "strict": True, "parameters": PARTIAL}]
        ),
        (
            "Invalid schema for function 'look': In context=(), 'required' is required to be"
            " supplied and to be an array including every key in properties. Missing 'b'.",
            "tools[0].parameters",
            "invalid_function_parameters",
        ),
    ),
    "tool that is no object": (
        CHAT,
        chat(tools=[strict_tool({})]),
        (
            "Invalid schema for function 'look': schema must be a JSON Schema of 'type:"
            ' "object"\', got \'type: "None"\'.',
            "tools[0].function.parameters",
            "invalid_function_parameters",
        ),
    ),
    "choice without tools": (
        CHAT,
        chat(tool_choice="auto"),
        (
            "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are"
            " specified.",
            "tool_choice",
            None,
        ),
    ),
    "parallel calls without tools": (
        CHAT,
        chat(parallel_tool_calls=False),
        (
            "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when"
            " 'tools' are specified.",
            "parallel_tool_calls",
            None,
        ),
    ),
    "format with an open object inside": (
        CHAT,
        chat(response_format=strict_format(CLOSED | {"properties": {"p": OPEN}, "required": "p"})),
        (
            "Invalid schema for response_format 'Person': In context=(), 'required' is required to"
            " be supplied and to be an array including every key in properties. Missing 'p'.",
            "response_format",
            None,
        ),
    ),
    "format of responses": (
        RESPONSES,
        response(
            text={"format": {"type": "json_schema", "name": "P", "strict": True, "schema": OPEN}}
        ),
        (
            "Invalid schema for response_format 'P': In context=(), 'additionalProperties' is"
            " required to be supplied and to be false.",
            "text.format.schema",
            "invalid_json_schema",
        ),
    ),
    "call without result": (
        CHAT,
        chat(USER, calls("call_1", "call_2"), result("call_1"), USER),
        (f"{UNANSWERED}call_2", "messages.[3].role", None),
    ),
    "calls at the end": (
        CHAT,
        chat(USER, calls("call_1", "call_2")),
        (f"{UNANSWERED}call_1, call_2", "messages", None),
    ),
    "result without call": (CHAT, chat(USER, result("c")), (NO_CALL, "messages.[1].role", None)),
    "result of another call": (
        CHAT,
        chat(USER, calls("call_1"), result("call_1"), result("call_9")),
        (
            "Invalid parameter: 'tool_call_id' of 'call_9' not found in 'tool_calls' of previous"
            " message.",
            "messages.[3].tool_call_id",
            None,
        ),
    ),
    "call item without output": (
        RESPONSES,
        response(USER, call_item("call_1")),
        ("No tool output found for function call call_1.", "input", None),
    ),
    "output without call item": (
        RESPONSES,
        response(USER, output_item("call_1")),
        ("No tool call found for function call output with call_id call_1.", "input", None),
    ),
    "max_tokens of a reasoning model": (
        CHAT,
        chat(model="gpt-5.2", max_tokens=5),
        (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
            " 'max_completion_tokens' instead.",
            "max_tokens",
            "unsupported_parameter",
        ),
    ),
    "temperature of a reasoning model": (
        CHAT,
        chat(model="gpt-5-mini", temperature=0.01),
        (
            "Unsupported value: 'temperature' does not support 0.01 with this model. Only the"
            " default (1) value is supported.",
            "temperature",
            "unsupported_value",
        ),
    ),
    "temperature of o3-mini": (
        CHAT,
        chat(model="o3-mini", temperature=0),
        (unsupported("temperature"), "temperature", "unsupported_parameter"),
    ),
    "temperature while reasoning": (
        RESPONSES,
        response(model="gpt-5.2", temperature=0, reasoning={"effort": "low"}),
        (unsupported("temperature"), "temperature", None),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_rejected_as_the_api_does(mistake: str, make_app: MakeApp) -> None:
    path, body, (message, param, code) = MISTAKES[mistake]

    answer = ask(judged(make_app, "reject"), path, body)

    assert answer.status_code == 400
    assert answer.json == {
        "error": {
            "message": message,
            "type": "invalid_request_error",
            "param": param,
            "code": code,
        }
    }


@pytest.mark.parametrize("mistake", MISTAKES)
def test_served_with_one_warning(mistake: str, make_app: MakeApp) -> None:
    path, body, (message, _, _) = MISTAKES[mistake]

    answer = ask(judged(make_app, "warn"), path, body)

    assert warned(answer) == message


@pytest.mark.parametrize("mistake", MISTAKES)
def test_not_looked_at(mistake: str, make_app: MakeApp) -> None:
    path, body, _ = MISTAKES[mistake]

    assert warned(ask(judged(make_app, "ignore"), path, body)) is None


OF_MODELS: dict[str, tuple[str, Json, tuple[str, str | None, str | None]]] = {
    "messages too long": (
        CHAT,
        chat({"role": "user", "content": LONG}, model="small"),
        (
            "This model's maximum context length is 20 tokens. However, your messages resulted in"
            " 61 tokens. Please reduce the length of the messages.",
            "messages",
            "context_length_exceeded",
        ),
    ),
    "input too long": (
        RESPONSES,
        {"model": "small", "input": LONG},
        (
            "Your input exceeds the context window of this model. Please adjust your input and try"
            " again.",
            "input",
            "context_length_exceeded",
        ),
    ),
    "one of two texts too long": (
        EMBEDDINGS,
        {"model": "small", "input": ["hello", LONG]},
        (
            "This model's maximum context length is 20 tokens, however you requested 61 tokens (61"
            " in your prompt; 0 for the completion). Please reduce your prompt; or completion"
            " length.",
            None,
            None,
        ),
    ),
    "max_tokens too large": (
        CHAT,
        chat(model="small", max_tokens=101),
        (
            "max_tokens is too large: 101. This model supports at most 100 completion tokens,"
            " whereas you provided 101.",
            "max_tokens",
            "invalid_value",
        ),
    ),
    "max_completion_tokens too large": (
        CHAT,
        chat(model="small", max_completion_tokens=101),
        (
            "max_completion_tokens is too large: 101. This model supports at most 100 completion"
            " tokens, whereas you provided 101.",
            "max_completion_tokens",
            "invalid_value",
        ),
    ),
    "max_output_tokens too large": (
        RESPONSES,
        response(model="small", max_output_tokens=101),
        (
            "Invalid 'max_output_tokens': integer above maximum value. Expected a value <= 100,"
            " but got 101 instead.",
            "max_output_tokens",
            "integer_above_max_value",
        ),
    ),
    "tools": (
        CHAT,
        chat(model="plain", tools=[TOOL]),
        (unsupported("tools"), "tools", "unsupported_parameter"),
    ),
    "vision": (
        CHAT,
        chat({"role": "user", "content": [IMAGE]}, model="plain"),
        (CONTENT.format("image_url"), "messages", None),
    ),
    "audio": (
        CHAT,
        chat({"role": "user", "content": [AUDIO]}, model="plain"),
        (CONTENT.format("input_audio"), "messages", None),
    ),
    "files": (
        CHAT,
        chat({"role": "user", "content": [FILE]}, model="plain"),
        (CONTENT.format("file"), "messages", None),
    ),
    "json_schema": (
        CHAT,
        chat(model="plain", response_format=strict_format(CLOSED)),
        (
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this"
            " model.",
            "response_format",
            None,
        ),
    ),
    "reasoning": (
        CHAT,
        chat(model="plain", reasoning_effort="low"),
        ("Unrecognized request argument supplied: reasoning_effort", None, None),
    ),
    "reasoning of responses": (
        RESPONSES,
        response(model="plain", reasoning={"effort": "low"}),
        (unsupported("reasoning.effort"), "reasoning.effort", "unsupported_parameter"),
    ),
}


@pytest.mark.parametrize("mistake", OF_MODELS)
def test_rejected_for_the_sake_of_the_model(mistake: str, make_app: MakeApp) -> None:
    path, body, (message, param, code) = OF_MODELS[mistake]

    answer = ask(judged(make_app, "reject", MODELS), path, body)

    assert answer.status_code == 400
    assert answer.json
    assert answer.json["error"]["message"] == message
    assert (answer.json["error"]["param"], answer.json["error"]["code"]) == (param, code)


@pytest.mark.parametrize("mistake", OF_MODELS)
@pytest.mark.parametrize("model", ["full", "whole"])
def test_model_of_which_nothing_is_known_can_all(
    mistake: str, model: str, make_app: MakeApp
) -> None:
    path, body, _ = OF_MODELS[mistake]

    assert warned(ask(judged(make_app, "warn", MODELS), path, body | {"model": model})) is None


@pytest.mark.parametrize(
    "mistake", [name for name in OF_MODELS if OF_MODELS[name][1]["model"] == "plain"]
)
def test_able_model_is_silent(mistake: str, make_app: MakeApp) -> None:
    path, body, _ = OF_MODELS[mistake]

    assert warned(ask(judged(make_app, "warn", MODELS), path, body | {"model": "able"})) is None


FINE_WITH_MODELS = {
    "truncated": (RESPONSES, {"model": "small", "input": LONG, "truncation": "auto"}),
    "no effort": (RESPONSES, response(model="plain", reasoning={"effort": "none"})),
    "no reasoning": (RESPONSES, response(model="plain", reasoning=None)),
    "as many tokens as it says": (CHAT, chat(model="small", max_tokens=100)),
    "as many tokens as it says, of a response": (
        RESPONSES,
        response(model="small", max_output_tokens=100),
    ),
    "short": (EMBEDDINGS, {"model": "small", "input": ["hello", "you"]}),
    "short prompt": (COMPLETIONS, {"model": "small", "prompt": "hello"}),
}


@pytest.mark.parametrize("case", FINE_WITH_MODELS)
def test_what_the_model_can_is_silent(case: str, make_app: MakeApp) -> None:
    path, body = FINE_WITH_MODELS[case]

    assert warned(ask(judged(make_app, "warn", MODELS), path, body)) is None


@pytest.mark.parametrize(
    ("params", "known"),
    [
        (chat_create_params.CompletionCreateParamsStreaming, parameters.CHAT),
        (
            response_create_params.ResponseCreateParamsStreaming,
            parameters.RESPONSES - {"presence_penalty", "frequency_penalty"},
        ),
        (completion_create_params.CompletionCreateParamsStreaming, parameters.COMPLETIONS),
        (embedding_create_params.EmbeddingCreateParams, parameters.EMBEDDINGS),
        (moderation_create_params.ModerationCreateParams, parameters.MODERATIONS),
    ],
)
def test_parameters_are_those_of_the_sdk(params: Any, known: frozenset[str]) -> None:
    assert set(get_type_hints(params)) == known
