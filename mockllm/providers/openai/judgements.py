"""What OpenAI's API refuses and mockllm serves: one function each, in the API's own words.

Sources: https://platform.openai.com/docs/api-reference, https://platform.openai.com/docs/guides
(error codes, function calling, structured outputs, reasoning), openai-python 3.54 and the errors
that users of the API report, read 2026-11-22. Where the API's words are not known, they are formed
alike.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mockllm.core.judging import Asked, Judgement, listed, shown_name, when_given
from mockllm.errors import Unfit
from mockllm.providers.openai import judged_models as models
from mockllm.providers.openai import judged_tools as tools
from mockllm.providers.openai import parameters

MIN_OUTPUT_TOKENS = 16
MAX_UNKNOWN = 5
"""How many parameters that there are not are told one by one."""

_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
}
_number = msgspec.json.Decoder(float)
_count = msgspec.json.Decoder(int)


def _unrecognized(known: frozenset[str]) -> Judgement:
    """Return the judgement of unknown parameters as the older endpoints word it: once for all."""

    def judge(asked: Asked) -> Iterator[Unfit]:
        unknown = sorted(asked.members.keys() - known)
        if unknown:
            plural = "s" if len(unknown) > 1 else ""
            yield Unfit(f"Unrecognized request argument{plural} supplied: {listed(unknown)}")

    return judge


def _unknown(asked: Asked) -> Iterator[Unfit]:
    for name in sorted(asked.members.keys() - parameters.RESPONSES)[:MAX_UNKNOWN]:
        moved = parameters.MOVED.get(name)
        if moved:
            yield Unfit(
                f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved"
                f" to '{moved}'. Try again with the new parameter. See the API documentation for"
                " more information:"
                " https://platform.openai.com/docs/api-reference/responses/create.",
                None,
                "unsupported_parameter",
            )
        else:
            shown = shown_name(name)
            yield Unfit(f"Unknown parameter: '{shown}'.", shown, "unknown_parameter")


@when_given(*_RANGES)
def _numbers_out_of_range(asked: Asked) -> Iterator[Unfit]:
    for name, (low, high) in _RANGES.items():
        number = asked.member(name, _number)
        if number is None or low <= number <= high:
            continue
        below = number < low
        side, bound = ("below minimum", f">= {low}") if below else ("above maximum", f"<= {high}")
        yield Unfit(
            f"Invalid '{name}': decimal {side} value. Expected a value {bound}, but got"
            f" {number:.15g} instead.",
            name,
            "decimal_below_min_value" if below else "decimal_above_max_value",
        )


@when_given("max_output_tokens")
def _too_few_tokens(asked: Asked) -> Iterator[Unfit]:
    limit = asked.member("max_output_tokens", _count)
    if limit is not None and limit < MIN_OUTPUT_TOKENS:
        yield Unfit(
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >="
            f" {MIN_OUTPUT_TOKENS}, but got {limit} instead.",
            "max_output_tokens",
            "integer_below_min_value",
        )


CHAT: tuple[Judgement, ...] = (
    _unrecognized(parameters.CHAT),
    _numbers_out_of_range,
    tools.offered_tools,
    tools.choices_without_tools,
    tools.chat_format,
    tools.calls_without_results,
    tools.results_without_calls,
    models.chat_parameters,
    models.chat_abilities,
    models.abilities,
    models.too_long_chat,
    models.too_much_said_in_chat,
)
RESPONSES: tuple[Judgement, ...] = (
    _unknown,
    _numbers_out_of_range,
    _too_few_tokens,
    tools.offered_tools,
    tools.text_format,
    tools.items_without_partners,
    models.responses_parameters,
    models.responses_abilities,
    models.abilities,
    models.too_long_input,
    models.too_much_said,
)
COMPLETIONS: tuple[Judgement, ...] = (
    _unrecognized(parameters.COMPLETIONS),
    _numbers_out_of_range,
    models.too_long_prompt,
)
EMBEDDINGS: tuple[Judgement, ...] = (
    _unrecognized(parameters.EMBEDDINGS),
    models.too_long_prompt,
)
MODERATIONS: tuple[Judgement, ...] = (_unrecognized(parameters.MODERATIONS),)
