"""What OpenAI's API refuses and mockllm serves: one function each, in the API's own words.

Sources: https://platform.openai.com/docs/api-reference, https://platform.openai.com/docs/guides
(error codes, function calling, structured outputs, reasoning) and openai-python 3.54, read
2026-11-22. The words are those that the API is known to use; where it is not known, they are
formed alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from mockllm.core.history import (
    calls_without_results,
    results_without_calls,
    unanswered_calls,
    unasked_results,
)
from mockllm.core.judging import Asked, Judgement
from mockllm.core.model import Image
from mockllm.errors import Unfit
from mockllm.providers.openai.strict_schema import strict_fault

_ROLES = ("system", "assistant", "user", "function", "tool", "developer")
_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_REASONS = re.compile(r"o\d|gpt-[5-9](?!.*chat)")
_FIXED = ("temperature", "top_p", "presence_penalty", "frequency_penalty")
_RANGES = {
    "temperature": (0.0, 2.0),
    "top_p": (0.0, 1.0),
    "presence_penalty": (-2.0, 2.0),
    "frequency_penalty": (-2.0, 2.0),
}

_SHARED = (
    "max_tool_calls", "metadata", "model", "moderation", "parallel_tool_calls",
    "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "safety_identifier",
    "service_tier", "store", "stream", "stream_options", "temperature", "tool_choice", "tools",
    "top_logprobs", "top_p", "user",
)  # fmt: skip
_CHAT_MEMBERS = frozenset((
    *_SHARED, "audio", "frequency_penalty", "function_call", "functions", "logit_bias",
    "logprobs", "max_completion_tokens", "max_tokens", "messages", "modalities", "n",
    "prediction", "presence_penalty", "reasoning_effort", "response_format", "seed", "stop",
    "verbosity", "web_search_options",
))  # fmt: skip
_RESPONSES_MEMBERS = frozenset((
    *_SHARED, "access_programs", "background", "background_options", "context_management",
    "conversation", "image", "include", "input", "instructions", "max_output_tokens",
    "previous_response_id", "prompt", "reasoning", "text", "truncation",
))  # fmt: skip
_COMPLETION_MEMBERS = frozenset((
    "best_of", "echo", "frequency_penalty", "logit_bias", "logprobs", "max_tokens", "model", "n",
    "presence_penalty", "prompt", "seed", "stop", "stream", "stream_options", "suffix",
    "temperature", "top_p", "user",
))  # fmt: skip
_EMBEDDING_MEMBERS = frozenset(("dimensions", "encoding_format", "input", "model", "user"))
_MODERATION_MEMBERS = frozenset(("input", "model"))


class _Function(Struct):
    name: str = ""
    strict: bool | None = None
    parameters: dict[str, object] | None = None


class _Tool(_Function):
    """A chat's tool holds `function`; one of the Responses API is it."""

    type: str = "function"
    function: _Function | None = None


class _JsonSchema(Struct):
    name: str = ""
    strict: bool | None = None
    schema: dict[str, object] | None = None


class _Format(_JsonSchema):
    """A chat's format holds `json_schema`; one of the Responses API is it."""

    type: str = "text"
    json_schema: _JsonSchema | None = None


class _Text(Struct):
    format: _Format | None = None


def _unknown_members(known: frozenset[str], words: str, code: str | None) -> Judgement:
    def judge(asked: Asked) -> Iterator[Unfit]:
        for name in asked.members:
            if name not in known:
                yield Unfit(words.format(name), name if code else None, code)

    return judge


def _numbers_out_of_range(asked: Asked) -> Iterator[Unfit]:
    for name, (low, high) in _RANGES.items():
        number = asked.member(name, float)
        if number is None or low <= number <= high:
            continue
        bound, word = (low, ">=") if number < low else (high, "<=")
        kind = "minimum" if number < low else "maximum"
        yield Unfit(
            f"Invalid '{name}': decimal {'below' if number < low else 'above'} {kind} value."
            f" Expected a value {word} {bound:g}, but got {number:g} instead.",
            name,
            f"decimal_{'below_min' if number < low else 'above_max'}_value",
        )


def _likely_tokens_without_logprobs(asked: Asked) -> Iterator[Unfit]:
    if asked.member("top_logprobs", int) is not None and not asked.member("logprobs", bool):
        message = "The 'logprobs' parameter must be true when 'top_logprobs' is set."
        yield Unfit(message, "top_logprobs")


def _roles_that_are_none(asked: Asked) -> Iterator[Unfit]:
    for index, message in enumerate(asked.request.messages):
        if message.role not in _ROLES:
            known = ", ".join(f"'{role}'" for role in _ROLES[:-1])
            yield Unfit(
                f"Invalid value: '{message.role[:40]}'. Supported values are: {known}, and"
                f" '{_ROLES[-1]}'.",
                f"messages[{index}].role",
                "invalid_value",
            )


def _calls_without_results(asked: Asked) -> Iterator[Unfit]:
    for loose in unanswered_calls(asked.request.messages):
        yield Unfit(
            "An assistant message with 'tool_calls' must be followed by tool messages responding"
            " to each 'tool_call_id'. The following tool_call_ids did not have response messages:"
            f" {', '.join(loose.ids)}",
            f"messages.[{loose.index}].role",
        )


def _results_without_calls(asked: Asked) -> Iterator[Unfit]:
    for loose in unasked_results(asked.request.messages):
        yield Unfit(
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding"
            " message with 'tool_calls'.",
            f"messages.[{loose.index}].role",
        )


def _items_without_results(asked: Asked) -> Iterator[Unfit]:
    for call in calls_without_results(asked.request.messages):
        yield Unfit(f"No tool output found for function call {call}.", "input")
    for result in results_without_calls(asked.request.messages):
        message = f"No tool call found for function call output with call_id {result}."
        yield Unfit(message, "input")


def _names_of_tools(asked: Asked) -> Iterator[Unfit]:
    for index, tool in enumerate(asked.member("tools", list[_Tool]) or ()):
        param = f"tools[{index}].function.name" if tool.function else f"tools[{index}].name"
        name = (tool.function or tool).name
        if name and not _NAME.fullmatch(name):
            yield Unfit(
                f"Invalid '{param}': string does not match pattern. Expected a string that"
                " matches the pattern '^[a-zA-Z0-9_-]+$'.",
                param,
                "invalid_value",
            )


def _tools_that_are_not_strict(asked: Asked) -> Iterator[Unfit]:
    for index, tool in enumerate(asked.member("tools", list[_Tool]) or ()):
        found = tool.function or tool
        fault = strict_fault(found.parameters) if found.strict and found.parameters else None
        if fault:
            param = f"tools[{index}]{'.function' if tool.function else ''}.parameters"
            message = f"Invalid schema for function '{found.name}': {fault}"
            yield Unfit(message, param, "invalid_function_parameters")


def _formats_that_are_not_strict(asked: Asked) -> Iterator[Unfit]:
    text = asked.member("text", _Text)
    found = text.format if text else asked.member("response_format", _Format)
    wanted = (found.json_schema or found) if found else None
    fault = strict_fault(wanted.schema) if wanted and wanted.strict and wanted.schema else None
    if wanted and fault:
        param = "text.format.schema" if text else "response_format"
        message = f"Invalid schema for response_format '{wanted.name}': {fault}"
        yield Unfit(message, param, "invalid_json_schema" if text else None)


def _too_much(asked: Asked) -> Iterator[Unfit]:
    limit = asked.model.context_tokens if asked.model else None
    if limit is not None and asked.input_tokens > limit:
        yield Unfit(
            f"This model's maximum context length is {limit} tokens. However, your messages"
            f" resulted in {asked.input_tokens} tokens. Please reduce the length of the messages.",
            "messages",
            "context_length_exceeded",
        )


def _too_much_wanted(asked: Asked) -> Iterator[Unfit]:
    limit = asked.model.max_output_tokens if asked.model else None
    wanted = asked.request.sampling.max_tokens
    if limit is not None and wanted is not None and wanted > limit:
        yield Unfit(
            f"max_tokens is too large: {wanted}. This model supports at most {limit} completion"
            f" tokens, whereas you provided {wanted}.",
            "max_tokens",
            "invalid_value",
        )


def _parameters_that_reasoning_models_refuse(asked: Asked) -> Iterator[Unfit]:
    if not _REASONS.match(asked.request.model):
        return
    if asked.member("max_tokens", int) is not None:
        yield Unfit(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
            " 'max_completion_tokens' instead.",
            "max_tokens",
            "unsupported_parameter",
        )
    for name in _FIXED:
        number = asked.member(name, float)
        default = 0.0 if name.endswith("penalty") else 1.0
        if number is not None and number != default:
            yield Unfit(
                f"Unsupported value: '{name}' does not support {number:g} with this model. Only"
                f" the default ({default:g}) value is supported.",
                name,
                "unsupported_value",
            )


def _what_the_model_cannot(asked: Asked) -> Iterator[Unfit]:
    request = asked.request
    if asked.lacks("tools") and request.tools:
        yield _unsupported("tools")
    if asked.lacks("reasoning"):
        yield from (
            _unsupported(name)
            for name in ("reasoning_effort", "reasoning")
            if name in asked.members
        )
    if asked.lacks("json_schema") and request.response_format.kind == "json_schema":
        yield Unfit(
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with"
            " this model.",
            "response_format",
        )
    if asked.lacks("vision") and any(
        isinstance(part, Image) for message in request.messages for part in message.parts
    ):
        yield Unfit(
            "Invalid content type. image_url is only supported by certain models.", "messages"
        )


def _unsupported(name: str) -> Unfit:
    message = f"Unsupported parameter: '{name}' is not supported with this model."
    return Unfit(message, name, "unsupported_parameter")


_UNRECOGNIZED = "Unrecognized request argument supplied: {}"
_UNKNOWN = "Unknown parameter: '{}'."
_MODELS: tuple[Judgement, ...] = (
    _parameters_that_reasoning_models_refuse,
    _what_the_model_cannot,
    _too_much,
    _too_much_wanted,
)
_TOOLS: tuple[Judgement, ...] = (
    _names_of_tools,
    _tools_that_are_not_strict,
    _formats_that_are_not_strict,
)

CHAT: tuple[Judgement, ...] = (
    _unknown_members(_CHAT_MEMBERS, _UNRECOGNIZED, None),
    _roles_that_are_none,
    _numbers_out_of_range,
    _likely_tokens_without_logprobs,
    _calls_without_results,
    _results_without_calls,
    *_TOOLS,
    *_MODELS,
)
RESPONSES: tuple[Judgement, ...] = (
    _unknown_members(_RESPONSES_MEMBERS, _UNKNOWN, "unknown_parameter"),
    _numbers_out_of_range,
    _items_without_results,
    *_TOOLS,
    *_MODELS,
)
COMPLETIONS: tuple[Judgement, ...] = (
    _unknown_members(_COMPLETION_MEMBERS, _UNRECOGNIZED, None),
    _numbers_out_of_range,
)
EMBEDDINGS: tuple[Judgement, ...] = (_unknown_members(_EMBEDDING_MEMBERS, _UNRECOGNIZED, None),)
MODERATIONS: tuple[Judgement, ...] = (_unknown_members(_MODERATION_MEMBERS, _UNRECOGNIZED, None),)
