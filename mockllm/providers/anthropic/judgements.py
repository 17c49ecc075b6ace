"""What Anthropic's API refuses and mockllm serves: one function each, in the API's own words.

Sources: https://docs.claude.com/en/api (messages, errors), the guides on tool use, extended
thinking and structured outputs, and anthropic-sdk-python 2.12, read 2026-11-22. Where the API's
words are not known, they are formed alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from mockllm.core.history import repeated_calls, unanswered_calls, unasked_results
from mockllm.core.judging import Asked, Judgement
from mockllm.core.model import File, Image, Text
from mockllm.errors import Unfit

MIN_BUDGET_TOKENS = 1_024

_ROLES = ("user", "assistant")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_ONE_OF_TWO = re.compile(r"claude-(opus|sonnet|haiku)-4-[1-9]\b|claude-(opus|sonnet|haiku)-[5-9]")
_FORCED = ("any", "tool")
_MEMBERS = frozenset((
    "cache_control", "container", "context_management", "diagnostics", "inference_geo",
    "max_tokens", "mcp_servers", "messages", "metadata", "model", "output_config",
    "output_format", "service_tier", "speed", "stop_sequences", "stream", "system",
    "temperature", "thinking", "tool_choice", "tools", "top_k", "top_p", "user_profile_id",
    "workspace_id",
))  # fmt: skip


class _Thinking(Struct):
    type: str = ""
    budget_tokens: int | None = None


class _ToolChoice(Struct):
    type: str = ""
    name: str | None = None


class _Tool(Struct):
    name: str = ""


class _Format(Struct):
    schema: dict[str, Any] | None = None


class _OutputConfig(Struct):
    format: _Format | None = None


def _missing_limit(asked: Asked) -> Iterator[Unfit]:
    if asked.request.sampling.max_tokens is None:
        yield Unfit("max_tokens: Field required")


def _unknown_members(asked: Asked) -> Iterator[Unfit]:
    for name in asked.members:
        if name not in _MEMBERS:
            yield Unfit(f"{name}: Extra inputs are not permitted")


def _numbers_out_of_range(asked: Asked) -> Iterator[Unfit]:
    for name in ("temperature", "top_p"):
        number = asked.member(name, float)
        if number is not None and number < 0:
            yield Unfit(f"{name}: Input should be greater than or equal to 0")
        if number is not None and number > 1:
            yield Unfit(f"{name}: Input should be less than or equal to 1")
    top_k = asked.member("top_k", int)
    if top_k is not None and top_k < 0:
        yield Unfit("top_k: Input should be greater than or equal to 0")


def _temperature_and_top_p(asked: Asked) -> Iterator[Unfit]:
    both = all(asked.member(name, float) is not None for name in ("temperature", "top_p"))
    if both and _ONE_OF_TWO.match(asked.request.model):
        yield Unfit(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only"
            " one."
        )


def _roles(asked: Asked) -> Iterator[Unfit]:
    """Neighbours of one role are joined by the API; only the first must be the user's."""
    messages = [message for message in asked.request.messages if message.role != "system"]
    for index, message in enumerate(messages):
        if message.role not in (*_ROLES, "tool"):
            yield Unfit(f"messages.{index}.role: Input should be 'user' or 'assistant'")
    if messages and messages[0].role == "assistant":
        yield Unfit('messages: first message must use the "user" role')


def _texts(asked: Asked) -> Iterator[Unfit]:
    messages = asked.request.messages
    if any(part == Text("") for message in messages for part in message.parts):
        yield Unfit("messages: text content blocks must be non-empty")
    last = messages[-1]
    said = last.parts[-1] if last.parts else None
    if last.role == "assistant" and isinstance(said, Text) and said.text != said.text.rstrip():
        yield Unfit("messages: final assistant content cannot end with trailing whitespace")


def _calls_and_results(asked: Asked) -> Iterator[Unfit]:
    messages = asked.request.messages
    before = sum(message.role == "system" for message in messages)
    for loose in unanswered_calls(messages):
        yield Unfit(
            f"messages.{loose.index - before}: `tool_use` ids were found without `tool_result`"
            f" blocks immediately after: {', '.join(loose.ids)}. Each `tool_use` block must have"
            " a corresponding `tool_result` block in the next message."
        )
    for loose in unasked_results(messages):
        yield Unfit(
            f"messages.{loose.index - before}.content.0: unexpected `tool_use_id` found in"
            f" `tool_result` blocks: {', '.join(loose.ids)}. Each `tool_result` block must have a"
            " corresponding `tool_use` block in the previous message."
        )
    for loose in repeated_calls(messages):
        yield Unfit(f"messages.{loose.index - before}.content: `tool_use` ids must be unique")


def _tools(asked: Asked) -> Iterator[Unfit]:
    tools = asked.member("tools", list[_Tool]) or []
    names = [tool.name for tool in tools if tool.name]
    for index, name in enumerate(names):
        if not _NAME.fullmatch(name):
            yield Unfit(
                f"tools.{index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'"
            )
    if len(set(names)) < len(names):
        yield Unfit("tools: Tool names must be unique.")
    choice = asked.member("tool_choice", _ToolChoice)
    if choice is not None and choice.name is not None and choice.name not in names:
        yield Unfit(f"Tool '{choice.name}' not found in provided tools")
    if choice is not None and choice.type in _FORCED and not tools:
        yield Unfit("tool_choice: tool_choice may only be specified while providing tools.")


def _thinking(asked: Asked) -> Iterator[Unfit]:
    thinking = asked.member("thinking", _Thinking)
    if thinking is None or thinking.type not in ("enabled", "adaptive"):
        return
    budget, limit = thinking.budget_tokens, asked.request.sampling.max_tokens
    if thinking.type == "enabled" and budget is None:
        yield Unfit("thinking.enabled.budget_tokens: Field required")
    if budget is not None and budget < MIN_BUDGET_TOKENS:
        yield Unfit(
            "thinking.enabled.budget_tokens: Input should be greater than or equal to"
            f" {MIN_BUDGET_TOKENS}"
        )
    if budget is not None and limit is not None and budget >= limit:
        yield Unfit("`max_tokens` must be greater than `thinking.budget_tokens`.")
    choice = asked.member("tool_choice", _ToolChoice)
    if choice is not None and choice.type in _FORCED:
        yield Unfit("Thinking may not be enabled when tool_choice forces tool use.")
    temperature = asked.member("temperature", float)
    if temperature is not None and temperature != 1:
        yield Unfit("`temperature` may only be set to 1 when thinking is enabled.")


def _schemas(asked: Asked) -> Iterator[Unfit]:
    config = asked.member("output_config", _OutputConfig)
    schema = config.format.schema if config and config.format else None
    if schema and _is_open(schema):
        yield Unfit(
            "output_config.format.schema: For 'object' type, 'additionalProperties' must be"
            " explicitly set to false"
        )


def _is_open(schema: Mapping[str, Any]) -> bool:
    """Return whether an object in a schema allows properties that it does not name."""
    waiting: list[Any] = [schema]
    for _ in range(10_000):
        if not waiting:
            return False
        found = waiting.pop()
        if isinstance(found, dict):
            if found.get("type") == "object" and found.get("additionalProperties") is not False:
                return True
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
    return False


def _too_much(asked: Asked) -> Iterator[Unfit]:
    limit = asked.model.context_tokens if asked.model else None
    if limit is not None and asked.input_tokens > limit:
        yield Unfit(f"prompt is too long: {asked.input_tokens} tokens > {limit} maximum")
    most = asked.model.max_output_tokens if asked.model else None
    wanted = asked.request.sampling.max_tokens
    if most is not None and wanted is not None and wanted > most:
        yield Unfit(
            f"max_tokens: {wanted} > {most}, which is the maximum allowed number of output tokens"
            f" for {asked.request.model}"
        )


def _what_the_model_cannot(asked: Asked) -> Iterator[Unfit]:
    request = asked.request
    if asked.lacks("tools") and request.tools:
        yield Unfit(f"tools: '{request.model}' does not support tools.")
    if asked.lacks("reasoning") and "thinking" in asked.members:
        yield Unfit(f"thinking: '{request.model}' does not support thinking.")
    if asked.lacks("json_schema") and request.response_format.kind == "json_schema":
        yield Unfit(f"output_config: '{request.model}' does not support output format.")
    parts = [part for message in request.messages for part in message.parts]
    for capability, kind in _KINDS:
        if asked.lacks(capability) and any(isinstance(part, kind) for part in parts):
            yield Unfit(f"messages: '{request.model}' does not support {capability}.")


_KINDS: Sequence[tuple[Any, type[Any]]] = (("vision", Image), ("files", File))

MESSAGES: tuple[Judgement, ...] = (
    _missing_limit,
    _unknown_members,
    _roles,
    _texts,
    _numbers_out_of_range,
    _temperature_and_top_p,
    _calls_and_results,
    _tools,
    _thinking,
    _schemas,
    _too_much,
    _what_the_model_cannot,
)
