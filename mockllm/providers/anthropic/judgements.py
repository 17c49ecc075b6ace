"""What Anthropic's API refuses and mockllm serves: one function each, in the API's own words.

Sources: https://docs.claude.com/en/api (messages, errors), the guides on tool use, extended
thinking and structured outputs, anthropic-sdk-python 2.12 and the errors that users of the API
report, read 2026-11-22. Where the API's words are not known, they are formed alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from mockllm.core.judging import Asked, Judgement, OfModel, shown_name, when_given
from mockllm.core.model import File, Image
from mockllm.core.rules import Capability, Model
from mockllm.errors import Unfit
from mockllm.providers.anthropic.judged_conversation import conversation

MIN_BUDGET_TOKENS = 1_024
MAX_SCHEMAS = 10_000
"""How many of the values in a schema are looked at."""

MAX_UNKNOWN = 5
"""How many parameters that there are not are told."""

PARAMETERS = frozenset((
    "billing_policy", "cache_control", "compaction", "container", "context_management",
    "diagnostics", "fallback_credit_token", "fallbacks", "inference_geo", "max_tokens",
    "mcp_servers", "messages", "metadata", "model", "output_config", "output_format",
    "service_tier", "speed", "stop_sequences", "stream", "system", "temperature", "thinking",
    "thread", "tool_choice", "tools", "top_k", "top_p", "user_profile_id", "workspace_id",
))  # fmt: skip
"""Those of the betas too. `temperature`, `top_k`, `top_p` and `output_format` are older than the
SDK's types; the API still takes them."""

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_ONE_OF_TWO = re.compile(r"claude-(opus|sonnet|haiku)-(4-[1-9]\b|[5-9])")
_FORCED = ("any", "tool")
_NO_SCHEMAS = ("enum", "const", "default", "examples", "example")
_DOCS = (
    " Please consult our documentation at"
    " https://platform.claude.com/docs/en/build-with-claude/extended-thinking"
)
_PARTS: tuple[tuple[Capability, type[Any]], ...] = (("vision", Image), ("files", File))


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


_number = msgspec.json.Decoder(float)
_count = msgspec.json.Decoder(int)
_thinking = msgspec.json.Decoder(_Thinking)
_choice = msgspec.json.Decoder(_ToolChoice)
_tools = msgspec.json.Decoder(list[_Tool])
_output = msgspec.json.Decoder(_OutputConfig)


def _missing_limit(asked: Asked) -> Iterator[Unfit]:
    if asked.request.sampling.max_tokens is None:
        yield Unfit("max_tokens: Field required")


def _unknown_parameters(asked: Asked) -> Iterator[Unfit]:
    for name in sorted(asked.members.keys() - PARAMETERS)[:MAX_UNKNOWN]:
        yield Unfit(f"{shown_name(name)}: Extra inputs are not permitted")


@when_given("temperature", "top_p", "top_k")
def _numbers_out_of_range(asked: Asked) -> Iterator[Unfit]:
    for name in ("temperature", "top_p"):
        number = asked.member(name, _number)
        if number is not None and not 0 <= number <= 1:
            yield Unfit(f"{name}: range: 0..1")
    top_k = asked.member("top_k", _count)
    if top_k is not None and top_k < 0:
        yield Unfit("top_k: Input should be greater than or equal to 0")


@when_given("temperature")
def _temperature_and_top_p(asked: Asked) -> Iterator[Unfit]:
    both = "temperature" in asked.members and "top_p" in asked.members
    if both and _ONE_OF_TWO.match(asked.request.model):
        yield Unfit(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only"
            " one."
        )


@when_given("tools", "tool_choice")
def _offered_tools(asked: Asked) -> Iterator[Unfit]:
    tools = asked.member("tools", _tools) or []
    names = [tool.name for tool in tools]
    for index, name in enumerate(names):
        if name and not _NAME.fullmatch(name):
            yield Unfit(
                f"tools.{index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'"
            )
    named = list(filter(None, names))
    if len(set(named)) < len(named):
        yield Unfit("tools: Tool names must be unique.")
    choice = asked.member("tool_choice", _choice)
    if choice is None or choice.type not in _FORCED or "mcp_servers" in asked.members:
        return
    if not tools:
        yield Unfit(f"tool_choice.{choice.type} may only be specified while providing tools")
    elif choice.name is not None and choice.name not in names and all(names):
        yield Unfit(f"Tool '{shown_name(choice.name)}' not found in provided tools")


@when_given("thinking")
def _thinking_and_others(asked: Asked) -> Iterator[Unfit]:
    """Yield what does not go with thinking. A budget may be larger than the answer where thinking
    and tool calls alternate, which a beta header asks for."""
    thinking = asked.member("thinking", _thinking)
    if thinking is None or thinking.type not in ("enabled", "adaptive"):
        return
    if thinking.type == "enabled":
        yield from _budget(thinking.budget_tokens, asked)
        choice = asked.member("tool_choice", _choice)
        if choice is not None and choice.type in _FORCED:
            yield Unfit("Thinking may not be enabled when tool_choice forces tool use.")
    temperature = asked.member("temperature", _number)
    if temperature is not None and temperature != 1:
        yield Unfit(
            "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode."
            + _DOCS
        )
    if "top_k" in asked.members:
        yield Unfit("`top_k` must be unset when thinking is enabled or in adaptive mode." + _DOCS)


def _budget(budget: int | None, asked: Asked) -> Iterator[Unfit]:
    limit = asked.request.sampling.max_tokens
    if budget is None:
        yield Unfit("thinking.enabled.budget_tokens: Field required")
    elif budget < MIN_BUDGET_TOKENS:
        yield Unfit(
            "thinking.enabled.budget_tokens: Input should be greater than or equal to"
            f" {MIN_BUDGET_TOKENS}"
        )
    elif limit is not None and budget >= limit and not _alternates(asked):
        yield Unfit(
            f"`max_tokens` must be greater than `thinking.budget_tokens`.{_DOCS}"
            "#max-tokens-and-context-window-size"
        )


def _alternates(asked: Asked) -> bool:
    return "interleaved-thinking" in asked.raw.headers.get("anthropic-beta", "")


@when_given("output_config")
def _schemas(asked: Asked) -> Iterator[Unfit]:
    config = asked.member("output_config", _output)
    schema = config.format.schema if config and config.format else None
    if schema and _is_open(schema):
        yield Unfit(
            "output_config.format.schema: For 'object' type, 'additionalProperties' must be"
            " explicitly set to false"
        )


def _is_open(schema: Mapping[str, Any]) -> bool:
    """Return whether an object in a schema allows properties that it does not name."""
    waiting: list[Any] = [schema]
    for _ in range(MAX_SCHEMAS):
        if not waiting:
            break
        found = waiting.pop()
        if isinstance(found, dict):
            if found.get("type") == "object" and found.get("additionalProperties") is not False:
                return True
            waiting += (each for key, each in found.items() if key not in _NO_SCHEMAS)
        elif isinstance(found, list):
            waiting += found
    return False


@OfModel
def _too_much(asked: Asked, model: Model) -> Iterator[Unfit]:
    limit, most = model.context_tokens, model.max_output_tokens
    if limit is not None and asked.input_tokens > limit:
        yield Unfit(f"prompt is too long: {asked.input_tokens} tokens > {limit} maximum")
    wanted = asked.request.sampling.max_tokens
    if most is not None and wanted is not None and wanted > most:
        yield Unfit(
            f"max_tokens: {wanted} > {most}, which is the maximum allowed number of output tokens"
            f" for {asked.request.model}"
        )


@OfModel
def _abilities(asked: Asked, model: Model) -> Iterator[Unfit]:
    if model.capabilities is None:
        return
    request = asked.request
    if asked.lacks("tools") and request.tools:
        yield Unfit(f"tools: '{request.model}' does not support tools.")
    thinking = asked.member("thinking", _thinking)
    if asked.lacks("reasoning") and thinking is not None and thinking.type != "disabled":
        yield Unfit(f"thinking: '{request.model}' does not support thinking.")
    if asked.lacks("json_schema") and request.response_format.kind == "json_schema":
        yield Unfit(f"output_config: '{request.model}' does not support output format.")
    parts = list(asked.parts)
    for capability, kind in _PARTS:
        if asked.lacks(capability) and any(isinstance(part, kind) for part in parts):
            yield Unfit(f"messages: '{request.model}' does not support {capability}.")


MESSAGES: tuple[Judgement, ...] = (
    _missing_limit,
    _unknown_parameters,
    _numbers_out_of_range,
    conversation,
    _temperature_and_top_p,
    _offered_tools,
    _thinking_and_others,
    _schemas,
    _too_much,
    _abilities,
)
