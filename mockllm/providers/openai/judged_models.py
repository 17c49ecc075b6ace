"""What OpenAI's API refuses for the sake of the model: what it does not support, and too much.

Sources: as `judgements`. Which models reason is told by their names: the o series and GPT-5. Those
from GPT-5.1 on take a temperature too while they do not reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from mockllm.core.judging import Asked, OfModel, when_given
from mockllm.core.model import Audio, File, Image
from mockllm.core.rules import Capability, Model
from mockllm.errors import Unfit

_REASONS = re.compile(r"o\d|gpt-[5-9](?!.*(chat|search))")
_ALWAYS_REASONS = re.compile(r"o\d|gpt-5(?!\.|.*(chat|search))")
_FIXED = {"temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0}
_PARTS: tuple[tuple[Capability, type[Any], str], ...] = (
    ("vision", Image, "image_url"),
    ("audio", Audio, "input_audio"),
    ("files", File, "file"),
)


class _Reasoning(Struct):
    effort: str | None = None


_number = msgspec.json.Decoder(float)
_word = msgspec.json.Decoder(str)
_reasoning = msgspec.json.Decoder(_Reasoning)


@when_given("max_tokens", *_FIXED)
def chat_parameters(asked: Asked) -> Iterator[Unfit]:
    """Yield the parameters of a chat that a reasoning model refuses."""
    model = asked.request.model
    if not _REASONS.match(model):
        return
    if "max_tokens" in asked.members:
        yield Unfit(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
            " 'max_completion_tokens' instead.",
            "max_tokens",
            "unsupported_parameter",
        )
    for name, number in _changed(asked, asked.member("reasoning_effort", _word)):
        if model.startswith("o3-mini"):
            yield _unsupported(name)
        else:
            yield Unfit(
                f"Unsupported value: '{name}' does not support {number:.15g} with this model. Only"
                f" the default ({_FIXED[name]}) value is supported.",
                name,
                "unsupported_value",
            )


@when_given(*_FIXED)
def responses_parameters(asked: Asked) -> Iterator[Unfit]:
    """Yield the parameters of a response that a reasoning model refuses."""
    if _REASONS.match(asked.request.model):
        reasoning = asked.member("reasoning", _reasoning)
        for name, _ in _changed(asked, reasoning.effort if reasoning else None):
            yield _unsupported(name, code=None)


def _changed(asked: Asked, effort: str | None) -> Iterator[tuple[str, float]]:
    """Yield the numbers that are not what a model that reasons insists on."""
    if effort in (None, "none") and not _ALWAYS_REASONS.match(asked.request.model):
        return
    for name, default in _FIXED.items():
        number = asked.member(name, _number)
        if number is not None and number != default:
            yield name, number


@OfModel
def chat_abilities(asked: Asked, _: Model) -> Iterator[Unfit]:
    """Yield what a chat says of reasoning to a model that does not."""
    if asked.lacks("reasoning") and "reasoning_effort" in asked.members:
        yield Unfit("Unrecognized request argument supplied: reasoning_effort")


@OfModel
def responses_abilities(asked: Asked, _: Model) -> Iterator[Unfit]:
    """Yield what a response says of reasoning to a model that does not."""
    if asked.lacks("reasoning"):
        reasoning = asked.member("reasoning", _reasoning)
        if reasoning is not None and reasoning.effort not in (None, "none"):
            yield _unsupported("reasoning.effort")


@OfModel
def abilities(asked: Asked, model: Model) -> Iterator[Unfit]:
    """Yield what a request takes the model to be able to, by `capabilities`."""
    if model.capabilities is None:
        return
    request = asked.request
    if asked.lacks("tools") and request.tools:
        yield _unsupported("tools")
    if asked.lacks("json_schema") and request.response_format.kind == "json_schema":
        yield Unfit(
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with"
            " this model.",
            "response_format",
        )
    parts = list(asked.parts)
    for capability, kind, name in _PARTS:
        if asked.lacks(capability) and any(isinstance(part, kind) for part in parts):
            message = f"Invalid content type. {name} is only supported by certain models."
            yield Unfit(message, "messages")


def _unsupported(name: str, code: str | None = "unsupported_parameter") -> Unfit:
    message = f"Unsupported parameter: '{name}' is not supported with this model."
    return Unfit(message, name, code)


@OfModel
def too_long_chat(asked: Asked, model: Model) -> Iterator[Unfit]:
    """Yield that the messages do not fit into the model's context."""
    limit = _exceeded(asked, model)
    if limit is not None:
        yield Unfit(
            f"This model's maximum context length is {limit} tokens. However, your messages"
            f" resulted in {asked.input_tokens} tokens. Please reduce the length of the messages.",
            "messages",
            "context_length_exceeded",
        )


@OfModel
def too_long_input(asked: Asked, model: Model) -> Iterator[Unfit]:
    """Yield that the input of a response does not fit, unless it may be truncated."""
    if _exceeded(asked, model) is not None and asked.member("truncation", _word) != "auto":
        yield Unfit(
            "Your input exceeds the context window of this model. Please adjust your input and"
            " try again.",
            "input",
            "context_length_exceeded",
        )


@OfModel
def too_long_prompt(asked: Asked, model: Model) -> Iterator[Unfit]:
    """Yield that a prompt, or a text to embed, does not fit into the model's context."""
    limit = _exceeded(asked, model)
    if limit is not None:
        prompt, wanted = asked.input_tokens, asked.request.sampling.max_tokens or 0
        yield Unfit(
            f"This model's maximum context length is {limit} tokens, however you requested"
            f" {prompt + wanted} tokens ({prompt} in your prompt; {wanted} for the completion)."
            " Please reduce your prompt; or completion length."
        )


def _exceeded(asked: Asked, model: Model) -> int | None:
    """Return how many tokens the model takes in, where the request has more."""
    limit = model.context_tokens
    return limit if limit is not None and asked.input_tokens > limit else None


@OfModel
def too_much_said_in_chat(asked: Asked, model: Model) -> Iterator[Unfit]:
    """Yield that a chat allows the model more tokens than it can say."""
    limit, wanted = model.max_output_tokens, asked.request.sampling.max_tokens
    if limit is not None and wanted is not None and wanted > limit:
        members = asked.members
        name = "max_completion_tokens" if "max_completion_tokens" in members else "max_tokens"
        yield Unfit(
            f"{name} is too large: {wanted}. This model supports at most {limit} completion"
            f" tokens, whereas you provided {wanted}.",
            name,
            "invalid_value",
        )


@OfModel
def too_much_said(asked: Asked, model: Model) -> Iterator[Unfit]:
    """Yield that a response allows the model more tokens than it can say."""
    limit, wanted = model.max_output_tokens, asked.request.sampling.max_tokens
    if limit is not None and wanted is not None and wanted > limit:
        yield Unfit(
            "Invalid 'max_output_tokens': integer above maximum value. Expected a value <="
            f" {limit}, but got {wanted} instead.",
            "max_output_tokens",
            "integer_above_max_value",
        )
