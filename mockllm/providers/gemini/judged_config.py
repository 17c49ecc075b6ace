"""What Google's API refuses of `generationConfig`.

Sources: as `judgements`. The tokens of an answer and the number of candidates are checked where
the request is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from mockllm.core.judging import Asked
from mockllm.errors import Unfit
from mockllm.providers.gemini import judged_schema, parameters, refusals
from mockllm.providers.gemini.judged_schema import Placed
from mockllm.providers.gemini.proto_json import camel, either, snake

MAX_STOP_SEQUENCES = 5
MAX_UNKNOWN = 5
"""How many members that there are not are told of one object."""

_CONFIG = "generation_config"
_FLOATS = ("temperature", "topP", "presencePenalty", "frequencyPenalty")
_RANGES = {"temperature": (0, 2), "topP": (0, 1)}
_PENALTIES = ("presencePenalty", "frequencyPenalty")
_MAX_PENALTY = 2
_TOP_K = (1, 41)
_THINKING_TOKENS = (-1, 65_535)
_SCHEMAS = ("responseSchema", "responseJsonSchema")
_WITH_SCHEMA = ("application/json", "text/x.enum")

_thing = msgspec.json.Decoder(dict[str, Any])


def config_of(asked: Asked) -> Mapping[str, Any]:
    """Return the configuration as it was sent."""
    sent = asked.member("generationConfig", _thing) or asked.member("generation_config", _thing)
    return sent or {}


def unread_config(asked: Asked) -> Iterator[Unfit]:
    """Yield what cannot be read of the configuration."""
    config = config_of(asked)
    unknown = [name for name in config if camel(name) not in parameters.GENERATION_CONFIG]
    for name in sorted(unknown)[:MAX_UNKNOWN]:
        yield refusals.unknown_name(name, _CONFIG)
    for name in _FLOATS:
        value = either(config, name)
        if isinstance(value, bool) or (isinstance(value, str) and not _is_number(value)):
            yield refusals.invalid_value(f"{_CONFIG}.{snake(name)}", "TYPE_FLOAT", value)
    yield from judged_schema.read(_schema(config), asked)


def _is_number(text: str) -> bool:
    """Whether a text is what protocol buffers' JSON takes for a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def sampling(asked: Asked) -> Iterator[Unfit]:
    """Yield the numbers that are out of range."""
    config = config_of(asked)
    for name, (low, high) in _RANGES.items():
        number = _number(config, name)
        if number is not None and not low <= number <= high:
            field = snake(name)
            words = f"{field} must be in the range [{low:.1f}, {high:.1f}]."
            yield refusals.broken_rule(f"{_CONFIG}.{field}", words)
    for name in _PENALTIES:
        number = _number(config, name)
        if number is not None and not -_MAX_PENALTY <= number < _MAX_PENALTY:
            yield refusals.unsupported(name, number, -_MAX_PENALTY, _MAX_PENALTY)
    top_k = _number(config, "topK")
    if top_k is not None and top_k < 0:  # 0 is taken
        yield refusals.unsupported("topK", top_k, *_TOP_K)
    stops = either(config, "stopSequences")
    if isinstance(stops, list) and len(stops) > MAX_STOP_SEQUENCES:
        words = f"the number of stop_sequences must not exceed {MAX_STOP_SEQUENCES}."
        yield refusals.broken_rule(f"{_CONFIG}.stop_sequences", words)


def thinking(asked: Asked) -> Iterator[Unfit]:
    """Yield what is wrong with how much is to be thought."""
    found = either(config_of(asked), "thinkingConfig")
    config = found if isinstance(found, dict) else {}
    budget, (low, high) = _number(config, "thinkingBudget"), _THINKING_TOKENS
    if budget is not None and not low <= budget <= high:
        path = f"{_CONFIG}.thinking_config.thinking_budget"
        yield refusals.broken_rule(path, f"thinking_budget must be in the range [{low}, {high}]")
    if budget is not None and either(config, "thinkingLevel"):
        yield Unfit("thinking_budget and thinking_level are not supported together.")


def formats(asked: Asked) -> Iterator[Unfit]:
    """Yield what is wrong with the form that is asked for."""
    config = config_of(asked)
    kind = either(config, "responseMimeType")
    if isinstance(kind, str) and kind and kind not in parameters.MEDIA_TYPES:
        named = [f"`{each}`" for each in parameters.MEDIA_TYPES]
        words = f"allowed mimetypes are {', '.join(named[:-1])} and {named[-1]}."
        yield refusals.broken_rule(f"{_CONFIG}.response_mime_type", words)
    given = [name for name in _SCHEMAS if either(config, name)]
    if len(given) > 1:
        path = f"{_CONFIG}.response_json_schema"
        yield refusals.broken_rule(path, "must not be set together with response_schema")
    if given and kind not in _WITH_SCHEMA:
        words = "only allowed when response_mime_type is `application/json` or `text/x.enum`"
        yield refusals.broken_rule(f"{_CONFIG}.{snake(given[0])}", words)
    yield from judged_schema.understood(_schema(config))


def _schema(config: Mapping[str, Any]) -> list[Placed]:
    schema = either(config, "responseSchema")
    path = f"{_CONFIG}.response_schema"
    return [Placed(schema, path, path, must_say=True)] if isinstance(schema, dict) else []


def _number(config: Mapping[str, Any], name: str) -> float | None:
    """Return a number, which may be written as a text; None when there is none."""
    value = either(config, name)
    if isinstance(value, str) and _is_number(value):
        return float(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
