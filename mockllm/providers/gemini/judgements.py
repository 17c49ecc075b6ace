"""What Google's API refuses and mockllm serves: one function each, in the API's own words.

Sources: https://ai.google.dev/api, https://ai.google.dev/gemini-api/docs (function calling,
structured output, thinking, troubleshooting), google-genai 3.4 (`types.py`, `_transformers.py`)
and the errors that users of the API report in public (google-gemini/gemini-cli issues 5443 and
26486, genkit-ai/genkit 1397, continuedev/continue 2702 and 7849, zed-industries/zed 53919,
anomalyco/opencode 11889 and others), read 2026-11-22. From memory are the words about what a
model is not able to, and the words about an empty part. Where the API's words are not known, they
are formed alike: of penalties, `topP`, `responseMimeType` that does not go with a schema,
`allowedFunctionNames` and parameters that are given twice.

As the API does, what cannot be read is told before what makes no sense. Departures: the API tells
everything that cannot be read at once; Vertex AI words some of it in its own way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from mockllm.core.judging import Asked, Judgement, OfModel
from mockllm.core.model import Audio, File, Image
from mockllm.core.rules import Capability, Model
from mockllm.errors import Unfit
from mockllm.providers.gemini import judged_config as config
from mockllm.providers.gemini import judged_contents as contents
from mockllm.providers.gemini import judged_tools as tools
from mockllm.providers.gemini import parameters, refusals
from mockllm.providers.gemini.proto_json import camel, either, snake

_ENUMS = (
    ("category", "HarmCategory", parameters.CATEGORIES),
    ("threshold", "SafetySetting.HarmBlockThreshold", parameters.THRESHOLDS),
)
_PARTS: tuple[tuple[Capability, type[Any], str], ...] = (
    ("vision", Image, "Image"),
    ("audio", Audio, "Audio"),
    ("files", File, "Document"),
)

_word = msgspec.json.Decoder(str)
_things = msgspec.json.Decoder(list[dict[str, Any]])


def _unknown(known: frozenset[str]) -> Judgement:
    """Return the judgement of members of the body that there are not."""

    def judge(asked: Asked) -> Iterator[Unfit]:
        unknown = [name for name in asked.members if camel(name) not in known]
        for name in sorted(unknown)[: config.MAX_UNKNOWN]:
            yield refusals.unknown_name(name, "")

    return judge


def _safety_settings(asked: Asked) -> Iterator[Unfit]:
    settings = asked.member("safetySettings", _things) or asked.member("safety_settings", _things)
    for index, setting in enumerate(settings or []):
        for name, kind, words in _ENUMS:
            value = setting.get(name)
            if isinstance(value, str) and value.upper() not in words:
                path = f"safety_settings[{index}].{name}"
                yield refusals.invalid_value(path, f"{refusals.PACKAGE}{kind}", value)


def _tasks(asked: Asked) -> Iterator[Unfit]:
    asked_for = [(_either(asked, "taskType"), "task_type")]
    requests = asked.member("requests", _things)
    for index, request in enumerate(requests or ()):
        asked_for.append((either(request, "taskType"), f"requests[{index}].task_type"))
    for task, path in asked_for:
        if isinstance(task, str) and task.upper() not in parameters.TASKS:
            yield refusals.invalid_value(path, f"{refusals.PACKAGE}TaskType", task)


def _either(asked: Asked, name: str) -> str | None:
    return asked.member(name, _word) or asked.member(snake(name), _word)


def _requests(asked: Asked) -> Iterator[Unfit]:
    requests = asked.member("requests", _things)
    for index, request in enumerate(requests or ()):
        for name in sorted(each for each in request if camel(each) not in parameters.EMBED):
            yield refusals.unknown_name(name, f"requests[{index}]")


@OfModel
def _too_much(asked: Asked, model: Model) -> Iterator[Unfit]:
    limit, most = model.context_tokens, model.max_output_tokens
    if limit is not None and asked.input_tokens > limit:
        yield Unfit(
            f"The input token count ({asked.input_tokens}) exceeds the maximum number of tokens"
            f" allowed ({limit})."
        )
    wanted = asked.request.sampling.max_tokens
    if most is not None and wanted is not None and wanted > most:
        yield refusals.unsupported("maxOutputTokens", wanted, 1, most + 1)


@OfModel
def _abilities(asked: Asked, model: Model) -> Iterator[Unfit]:
    if model.capabilities is None:
        return
    request = asked.request
    if asked.lacks("tools") and request.tools:
        yield _not_enabled("Function calling", asked)
    if asked.lacks("json_schema") and request.response_format.kind == "json_schema":
        yield _not_enabled("JSON mode", asked)
    if asked.lacks("reasoning") and _thinks(asked):
        yield _not_enabled("Thinking", asked)
    found = list(asked.parts)
    for capability, kind, name in _PARTS:
        if asked.lacks(capability) and any(isinstance(part, kind) for part in found):
            yield _not_enabled(f"{name} input modality", asked)


def _thinks(asked: Asked) -> bool:
    wanted = either(config.config_of(asked), "thinkingConfig")
    names = ("includeThoughts", "thinkingBudget", "thinkingLevel")
    return isinstance(wanted, dict) and any(either(wanted, name) for name in names)


def _not_enabled(what: str, asked: Asked) -> Unfit:
    return Unfit(f"{what} is not enabled for models/{asked.request.model}")


GENERATE: tuple[Judgement, ...] = (
    _unknown(parameters.REQUEST),
    config.unread_config,
    tools.unread_declarations,
    tools.unread_mode,
    _safety_settings,
    contents.roles,
    contents.parts,
    contents.calls_and_responses,
    config.sampling,
    config.thinking,
    config.formats,
    tools.declarations,
    tools.calling,
    _too_much,
    _abilities,
)
EMBED: tuple[Judgement, ...] = (_unknown(parameters.EMBED), _tasks)
BATCH_EMBED: tuple[Judgement, ...] = (_unknown(parameters.BATCH_EMBED), _requests, _tasks)
