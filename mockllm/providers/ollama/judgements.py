"""What Ollama's server refuses and mockllm serves: one function each, in the server's own words.

Sources: the server's source (`server/routes.go`, `server/images.go`, `api/types.go`,
`types/model/name.go`) and ollama-python 0.6.3, read 2026-11-22. Members that the server does not
know are no mistake: it skips them, options too.

As in the server, an option of the wrong type is a 500. Departures: a request that only loads a
model is not judged; of a model that cannot see the words are formed alike; inside the properties
of a tool's parameters anything is let through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from mockllm.core.judging import Asked, Judgement, OfModel, when_given
from mockllm.core.model import Image
from mockllm.core.rules import Model
from mockllm.errors import Unfit
from mockllm.providers.ollama import dialect, go_types
from mockllm.providers.ollama.go_json import quoted

_INTEGERS = (
    "main_gpu", "num_batch", "num_ctx", "num_gpu", "num_keep", "num_predict", "num_thread",
    "repeat_last_n", "seed", "top_k",
)  # fmt: skip
_FLOATS = (
    "frequency_penalty", "min_p", "presence_penalty", "repeat_penalty", "temperature", "top_p",
    "typical_p",
)  # fmt: skip
OPTIONS = {
    **dict.fromkeys(_INTEGERS, ("integer", "number")),
    **dict.fromkeys(_FLOATS, ("float32", "number")),
    "use_mmap": ("boolean", "bool"),
}
"""For each option: its type in errors, and what JSON has for it."""

_PART = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}"
_NAME = re.compile(rf"([\w.:-]{{1,350}}/)?({_PART}/)?{_PART}(:{_PART})?(:(cloud|local))?", re.ASCII)
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/\r\n]")
_PADDING = re.compile(r"=[\r\n]*=?[\r\n]*")
_BREAKS = re.compile(r"[\r\n]")
_MAX_NAME = 100

_value = msgspec.json.Decoder(Any)
_object = msgspec.json.Decoder(dict[str, Any])
_objects = msgspec.json.Decoder(list[dict[str, Any]])
_flag = msgspec.json.Decoder(bool)


def _members(request: str, types: Mapping[str, str], asked: Asked) -> Iterator[Unfit]:
    """Yield the members of the wrong type that nothing here reads."""
    for name, wanted in types.items():
        value = asked.member(name, _value)
        sent = go_types.kind(value)
        if value is not None and sent != wanted:
            yield Unfit(go_types.cannot_unmarshal(sent, request, [name], wanted))


def _context(asked: Asked) -> Iterator[Unfit]:
    context = asked.member("context", _value)
    if context is not None and not isinstance(context, list):
        sent = go_types.kind(context)
        yield Unfit(go_types.cannot_unmarshal(sent, "GenerateRequest", ["context"], "[]int"))
    numbers: list[Any] = context if isinstance(context, list) else []
    for each in numbers:
        sent = go_types.kind(each)
        if each is not None and (sent != "number" or isinstance(each, float)):
            sent = f"number {each}" if sent == "number" else sent
            yield Unfit(go_types.cannot_unmarshal(sent, "GenerateRequest", ["context"], "int"))
            return


def _name(asked: Asked) -> Iterator[Unfit]:
    name = asked.request.model
    if "://" not in name and not _NAME.fullmatch(name):
        yield Unfit(dialect.INVALID_NAME)


@when_given("options")
def _options(asked: Asked) -> Iterator[Unfit]:
    options = asked.member("options", _object) or {}
    for name, value in options.items():
        wanted, kind = OPTIONS.get(name, ("", ""))
        if wanted and value is not None and go_types.kind(value) != kind:
            yield dialect.BadOption(dialect.option_words(name, wanted))


@when_given("options")
def _untyped_options(asked: Asked) -> Iterator[Unfit]:
    """Yield that the options of an embedding are none."""
    options = asked.member("options", _value)
    if options is not None and not isinstance(options, dict):
        sent = go_types.kind(options)
        request = "EmbedRequest" if "input" in asked.members else "EmbeddingRequest"
        wanted = go_types.interface({})
        yield Unfit(go_types.cannot_unmarshal(sent, request, ["options"], wanted))


def _raw(asked: Asked) -> Iterator[Unfit]:
    others = [asked.member(name, _value) for name in ("template", "system", "context")]
    if asked.member("raw", _flag) and any(others):
        yield Unfit("raw mode does not support template, system, or context")


def _images_of_messages(asked: Asked) -> Iterator[Unfit]:
    for message in asked.request.wire.messages:
        yield from _images(message.images or ())


def _images_of_prompt(asked: Asked) -> Iterator[Unfit]:
    yield from _images(asked.request.wire.images or ())


def _images(sent: Sequence[str]) -> Iterator[Unfit]:
    for image in sent:
        at = _illegal(image)
        if at is not None:
            yield Unfit(f"illegal base64 data at input byte {at}")
            return


def _illegal(text: str) -> int | None:
    """Return where a text is no base64, None when it is."""
    found = _NO_BASE64.search(text)
    end = found.start() if found else len(text)
    pending = (end - len(_BREAKS.findall(text, 0, end))) % 4
    if found is None:
        return end - pending if pending else None
    if found[0] != "=" or pending < 2:
        return end
    padding = _PADDING.match(text, end)
    assert padding is not None
    if padding[0].count("=") != 4 - pending:
        return padding.end()
    return None if padding.end() == len(text) else padding.end()


@when_given("tools")
def _tools(asked: Asked) -> Iterator[Unfit]:
    """Yield what is wrong with the parameters of tools."""
    for tool in asked.member("tools", _objects) or ():
        function = tool.get("function")
        parameters = function.get("parameters") if isinstance(function, dict) else None
        for name, value in parameters.items() if isinstance(parameters, dict) else ():
            wanted, kind = _PARAMETERS.get(name, ("", ""))
            sent = go_types.kind(value)
            if wanted and value is not None and sent != kind:
                path = ["tools", "function", "parameters", name]
                yield Unfit(go_types.cannot_unmarshal(sent, "ChatRequest", path, wanted))


_PARAMETERS = {"type": ("string", "string"), "required": ("[]string", "array")}
"""For each member: its type in Go, and what JSON has for it."""


@OfModel
def _abilities(asked: Asked, model: Model) -> Iterator[Unfit]:
    if model.capabilities is None:
        return
    name = asked.request.model
    if asked.lacks("reasoning") and asked.request.wire.think:
        yield Unfit(f"{quoted(name[:_MAX_NAME])} does not support thinking")
    if asked.lacks("tools") and asked.request.tools:
        yield Unfit(f"{_full_name(name)} does not support tools")
    if asked.lacks("vision") and any(isinstance(part, Image) for part in asked.parts):
        yield Unfit(f"{_full_name(name)} does not support vision")


def _full_name(model: str) -> str:
    """Return a model's name with its host, its owner and its tag."""
    *owner, name = model.split("/")
    host = [*("registry.ollama.ai", "library")[: max(2 - len(owner), 0)], *owner]
    return "/".join([*host, name if ":" in name else f"{name}:latest"])


@OfModel
def _too_much(asked: Asked, model: Model) -> Iterator[Unfit]:
    """Yield that the input is too long, and may not be truncated."""
    limit = model.context_tokens
    may_not = asked.member("truncate", _flag) is False
    if may_not and limit is not None and asked.input_tokens > limit:
        yield Unfit("the input length exceeds the context length")


_FLAGS = {"truncate": "bool", "shift": "bool"}

CHAT: tuple[Judgement, ...] = (
    partial(_members, "ChatRequest", _FLAGS),
    _images_of_messages,
    _tools,
    _name,
    _abilities,
    _options,
    _too_much,
)
GENERATE: tuple[Judgement, ...] = (
    partial(
        _members,
        "GenerateRequest",
        {"suffix": "string", "template": "string", "raw": "bool"} | _FLAGS,
    ),
    _context,
    _images_of_prompt,
    _name,
    _raw,
    _abilities,
    _options,
    _too_much,
)
EMBED: tuple[Judgement, ...] = (
    partial(_members, "EmbedRequest", {"truncate": "bool"}),
    _untyped_options,
    _name,
    _options,
    _too_much,
)
EMBEDDINGS: tuple[Judgement, ...] = (_untyped_options, _name, _options)
