"""A recipe and a request make the reply: filled in, cut where the client asked, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any, assert_never

import msgspec
from msgspec import Struct, structs

from mockllm.core import tokens, vectors
from mockllm.core.caching import NOTHING_CACHED, CacheUse, with_cache
from mockllm.core.draws import Draws
from mockllm.core.match import Match
from mockllm.core.model import (
    ChatReply,
    ErrorReply,
    Finish,
    ModerationReply,
    Part,
    Reasoning,
    Refusal,
    Reply,
    Text,
    ToolCall,
    Usage,
    VectorReply,
    part_text,
    with_text,
)
from mockllm.core.rules import (
    Automatic,
    Canned,
    Echo,
    Lorem,
    Moderation,
    Recipe,
    Templated,
    TemplatedPart,
    Vector,
)
from mockllm.core.subject import Subject
from mockllm.core.template import Template

TEMPLATE_NAMES = ("request", "match", "turn", "step", "calls", "session", "state", "now", "random")
"""What templates may use."""

UNKNOWN_RESPONSE = "I don't know the answer to that."
"""What is said when nothing else is, as the original does."""

_CALL_ID_LENGTH = 24
_FORCING = ("named", "required")
_LOREM = ("lorem", "ipsum", "dolor", "sit", "amet", "elit", "sed", "do", "eiusmod", "tempor")


class Occasion(Struct, frozen=True):
    """What a recipe is made for. `calls` counts the rule's matches in this session, from 1;
    `now_s` is Unix time; `cached` is what the prompt cache has of the input."""

    subject: Subject
    match: Match
    calls: int
    draws: Draws
    now_s: float
    cached: CacheUse = NOTHING_CACHED


def canned(text: str) -> ChatReply:
    """Return `text` as a reply, counted now so that requests need not."""
    return counted(ChatReply((Text(text),)))


def reply_of(parts: tuple[Part, ...]) -> ChatReply:
    """Return parts as a reply that ends as such parts do, counted."""
    return counted(ChatReply(parts, finish_of(parts)))


def counted(reply: ChatReply) -> ChatReply:
    """Return `reply` with its output tokens counted."""
    return structs.replace(reply, usage=_output_usage(reply.parts))


def reworded(reply: ChatReply, parts: tuple[Part, ...], finish: Finish) -> ChatReply:
    """Return `reply` saying something else, with its input counted as it was."""
    output = _output_usage(parts)
    usage = structs.replace(
        reply.usage,
        output_tokens=output.output_tokens,
        reasoning_tokens=output.reasoning_tokens,
    )
    return structs.replace(reply, parts=parts, finish=finish, stop_sequence=None, usage=usage)


def compose(recipe: Recipe, occasion: Occasion) -> Reply:
    """Return the reply that `recipe` makes of this request.

    Raises:
        TemplateFailure: a template met something it cannot use, or a bound.
    """
    reply = _make(recipe, occasion)
    if recipe.headers or recipe.timing or recipe.fault:
        about = recipe.headers, recipe.timing, recipe.fault
        reply = structs.replace(reply, headers=about[0], timing=about[1], fault=about[2])
    if isinstance(reply, ErrorReply):
        return reply
    if isinstance(reply, ChatReply):
        if occasion.subject.request.tool_choice.mode in _FORCING:
            reply = _as_arguments(reply, occasion.subject)
        if recipe.finish is not None:
            reply = structs.replace(reply, finish=recipe.finish)
        reply = finished(with_ids(reply, occasion.draws), occasion.subject)
    else:
        reply = structs.replace(reply, usage=Usage(occasion.subject.input_tokens))
    if occasion.cached is not NOTHING_CACHED:
        reply = with_cache(reply, occasion.cached)
    if recipe.usage:
        reply = structs.replace(reply, usage=structs.replace(reply.usage, **recipe.usage))
    return reply


def _make(recipe: Recipe, occasion: Occasion) -> Reply:
    match recipe.making:
        case Canned(reply):
            return reply
        case Templated(parts):
            values, random = _template_values(occasion), occasion.draws.random("template")
            made = tuple(_fill(part, values, random) for part in parts)
            return reply_of(made)
        case Automatic():
            return _automatic(occasion)
        case Echo():
            return canned(occasion.match.text or "")
        case Lorem(count):
            return canned(_lorem(count))
        case Vector():
            return _vector(recipe.making, occasion)
        case Moderation(flagged, scores):
            return ModerationReply(flagged, scores)
        case _:
            assert_never(recipe.making)


def _automatic(occasion: Occasion) -> Reply:
    """Return what the operation says by itself: the text's own vector, nothing flagged, or what a
    chat forces."""
    from mockllm.core import automatic  # the validator needs none of it

    match occasion.subject.request.operation:
        case "embedding":
            return _vector(Vector(), occasion)
        case "moderation":
            return ModerationReply()
        case _:
            return counted(automatic.automatic_reply(occasion.subject))


def _vector(wanted: Vector, occasion: Occasion) -> VectorReply:
    """Return a vector as given, as the text's own, or as near as is wanted to another text's."""
    if wanted.values:
        return VectorReply(wanted.values)
    text = occasion.match.text or ""
    dimensions = occasion.subject.request.dimensions
    if not wanted.like:
        return VectorReply(vectors.embed(text, dimensions))
    return VectorReply(vectors.near(wanted.like, text, wanted.similarity, dimensions))


def finished(reply: ChatReply, subject: Subject) -> ChatReply:
    """Return `reply` as this client gets it: cut, with its usage.

    Text ends before the first stop sequence in it, and everything after `max_tokens` tokens,
    whichever comes first; `finish` says which it was. A client that forbids parallel tool calls
    gets the first one.
    """
    request = subject.request
    limit_tokens, stop = request.sampling.max_tokens, request.sampling.stop
    if not request.tool_choice.parallel:
        reply = _with_one_call(reply)
    if stop:
        reply = _stopped(reply, stop)
    if limit_tokens is not None and reply.usage.output_tokens > limit_tokens:
        reply = _limited(reply, limit_tokens)
    usage = structs.replace(reply.usage, input_tokens=subject.input_tokens)
    return structs.replace(reply, usage=usage)


def _as_arguments(reply: ChatReply, subject: Subject) -> ChatReply:
    """Return `reply` with its JSON as the arguments of the tool that the request forces: so do
    libraries ask for data. As it is when there is none, or several could be meant."""
    choice, tools = subject.request.tool_choice, subject.request.tools
    names = [tool.name for tool in tools if choice.mode == "required" or tool.name == choice.name]
    if len(names) != 1:
        return reply
    parts = tuple(
        ToolCall("", names[0], part.text)
        if isinstance(part, Text) and part.is_json and part.text.startswith("{")
        else part
        for part in reply.parts
    )
    if parts == reply.parts:
        return reply
    return counted(structs.replace(reply, parts=parts, finish=finish_of(parts)))


def _with_one_call(reply: ChatReply) -> ChatReply:
    calls = [part for part in reply.parts if isinstance(part, ToolCall)]
    if len(calls) < 2:
        return reply
    first = reply.parts.index(calls[0])
    later = tuple(part for part in reply.parts[first + 1 :] if not isinstance(part, ToolCall))
    return counted(structs.replace(reply, parts=(*reply.parts[: first + 1], *later)))


def _stopped(reply: ChatReply, stop: tuple[str, ...]) -> ChatReply:
    for index, part in enumerate(reply.parts):
        if not isinstance(part, Text):
            continue
        found = [(at, each) for each in stop if (at := part.text.find(each)) >= 0]
        if found:
            at, sequence = min(found)
            parts = (*reply.parts[:index], Text(part.text[:at]))
            return counted(structs.replace(
                reply, parts=parts, finish="stop_sequence", stop_sequence=sequence
            ))  # fmt: skip
    return reply


def _limited(reply: ChatReply, limit_tokens: int) -> ChatReply:
    kept: list[Part] = []
    left = limit_tokens
    for part in reply.parts:
        if left <= 0 and kept:
            break
        pieces = tokens.pieces(part_text(part))
        kept.append(with_text(part, "".join(pieces[:left])))
        left -= len(pieces)
    parts = tuple(kept)
    return counted(structs.replace(reply, parts=parts, finish="length", stop_sequence=None))


def _output_usage(parts: tuple[Part, ...]) -> Usage:
    reasoning = sum(tokens.count(part.text) for part in parts if isinstance(part, Reasoning))
    total = sum(tokens.count(part_text(part)) for part in parts)
    return Usage(output_tokens=total, reasoning_tokens=reasoning)


def finish_of(parts: tuple[Part, ...]) -> Finish:
    """Return how a reply of these parts ends by itself."""
    if any(isinstance(part, ToolCall) for part in parts):
        return "tool_calls"
    return "refusal" if any(isinstance(part, Refusal) for part in parts) else "stop"


def with_ids(reply: ChatReply, draws: Draws) -> ChatReply:
    """Return `reply` with an id for each tool call that has none."""
    if not any(isinstance(part, ToolCall) and not part.id for part in reply.parts):
        return reply
    parts = tuple(
        structs.replace(part, id=draws.id(f"call {index}", _CALL_ID_LENGTH), is_drawn=True)
        if isinstance(part, ToolCall) and not part.id
        else part
        for index, part in enumerate(reply.parts)
    )
    return structs.replace(reply, parts=parts)


def _template_values(occasion: Occasion) -> dict[str, Any]:
    subject, request = occasion.subject, occasion.subject.request
    now = datetime.fromtimestamp(occasion.now_s, UTC)
    return {
        "request": {
            "text": occasion.match.text or "",
            "model": request.model,
            "provider": request.provider,
            "operation": request.operation,
            "stream": request.stream,
            "system": "\n".join(subject.system),
            "headers": subject.raw.headers,
            "params": subject.body,
        },
        "match": occasion.match.groups,
        "turn": subject.turn,
        "step": subject.step,
        "calls": occasion.calls,
        "session": subject.session,
        "state": subject.state,
        "now": {
            "date": now.strftime("%Y-%m-%d"),
            "time": now.strftime("%H:%M:%S"),
            "iso": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "unix": int(occasion.now_s),
        },
    }


def _fill(part: TemplatedPart, values: Mapping[str, Any], random: Random) -> Part:
    filled = _filled(part.value, values, random)
    match part.kind:
        case "text":
            return Text(str(filled))
        case "reasoning":
            return Reasoning(str(filled))
        case "refusal":
            return Refusal(str(filled))
        case "json":
            return Text(json_text(filled), is_json=True)
        case "tool_call":
            return ToolCall(part.call_id, part.name, json_text(filled))
        case _:
            assert_never(part.kind)


def _filled(value: Any, values: Mapping[str, Any], random: Random) -> Any:
    """Return data with every template in it filled in."""
    match value:
        case Template():
            return value.render(values, random)
        case dict():
            return {key: _filled(each, values, random) for key, each in value.items()}
        case list():
            return [_filled(each, values, random) for each in value]
        case _:
            return value


def json_text(value: Any) -> str:
    """Return `value` as models write JSON: compact, in the order given."""
    return msgspec.json.encode(value).decode()


def _lorem(count: int) -> str:
    """Return a text of `count` tokens: words of at most eight letters, each with its space."""
    words = (_LOREM[index % len(_LOREM)] for index in range(count))
    return " ".join(words)
