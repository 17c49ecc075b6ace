"""`POST /v1/responses`.

Sources: openai-python 3.54 (`types/responses/response.py`, `response_create_params.py`,
`response_usage.py`), https://platform.openai.com/docs/api-reference/responses, read 2026-11-22.

Departures: `model` is echoed where the API answers with a dated name; tools that the vendor runs
(web search, files, computers) are accepted and never used; prompt templates are not filled in;
`max_output_tokens` may be below 16 unless `settings.validation` rejects it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.model import (
    Encoding,
    Finish,
    Message,
    ObjectName,
    Reference,
    Request,
    ResponseFormat,
    Sampling,
    Text,
    Tool,
    ToolChoice,
    Usage,
)
from mockllm.core.protocol import Frame
from mockllm.core.raw import Raw
from mockllm.errors import InvalidRequest, RequestError
from mockllm.providers.openai import (
    custom_tools,
    dialect,
    judgements,
    response_events,
    response_tools,
)
from mockllm.providers.openai import responses_schema as schema
from mockllm.providers.openai.response_input import Item, messages_of
from mockllm.providers.openai.response_output import ID_DIGITS, output_items
from mockllm.wire import sse, typed

NAME = "chat"
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON, "sse": sse.CONTENT_TYPE}
RESPONSE = "response"
CONVERSATION = "conversation"

JUDGEMENTS = judgements.RESPONSES
headers = dialect.headers
render_error = dialect.render_error

_LOGPROBS = "message.output_text.logprobs"
_INCOMPLETE: Mapping[Finish, str] = {
    "length": "max_output_tokens",
    "content_filter": "content_filter",
    "context_length": "max_output_tokens",
}
_FUNCTION = {**dict.fromkeys(("type", "description", "name", "parameters")), "strict": True}

_decoder = msgspec.json.Decoder(schema.ResponsesRequest)


def parse(raw: Raw) -> Request:
    """Return the neutral request; what it goes on from is named in `continues`.

    Raises:
        RequestError: the body is not JSON, lacks `model`, has a member of the wrong type, or
            members that exclude each other.
    """
    body = typed.decode(raw.body, _decoder)
    if body.model is None and body.prompt is None:
        raise InvalidRequest("missing", ("model",))
    if body.background and body.store is False:
        raise InvalidRequest("value", ("background",), "of false when 'store' is false")
    messages = conversation_messages(body)
    return Request(
        operation=NAME,
        provider=dialect.NAME,
        model=body.model or "",
        messages=messages,
        sampling=Sampling(body.max_output_tokens, logprobs=_logprobs(body)),
        stream=bool(body.stream),
        tools=tuple(_tools(body)),
        tool_choice=_tool_choice(body),
        response_format=_response_format(body.text),
        continues=continued_name(body),
        has_references=_has_references(messages),
        is_deferred=bool(body.background),
        wire=body,
    )


def conversation_messages(body: schema.Conversation) -> tuple[Message, ...]:
    """Return the messages that a body brings itself, its instructions first.

    Raises:
        InvalidRequest: an item is malformed, or there is nothing to answer.
    """
    messages = messages_of(body.input, ("input",))
    has_more = body.instructions or body.prompt or continued_name(body)
    if body.input in (None, []) and not has_more:
        raise InvalidRequest("missing" if body.input is None else "empty", ("input",), "array")
    if body.instructions:
        messages = (Message("instructions", (Text(body.instructions),)), *messages)
    return messages


def continued_name(body: schema.Conversation) -> ObjectName | None:
    """Return the name of what a body goes on from, None when it begins anew.

    Raises:
        InvalidRequest: it names two.
    """
    conversation = body.conversation
    if isinstance(conversation, schema.ConversationParam):
        conversation = conversation.id
    if conversation and body.previous_response_id:
        raise InvalidRequest(
            "value", ("conversation",), "of null when 'previous_response_id' is given"
        )
    if conversation:
        return ObjectName(CONVERSATION, conversation)
    return ObjectName(RESPONSE, body.previous_response_id) if body.previous_response_id else None


def _has_references(messages: tuple[Message, ...]) -> bool:
    """Return whether items are named and not repeated.

    Raises:
        InvalidRequest: one is named twice; many references to a long item would have no bound.
    """
    named: set[str] = set()
    for part in (part for message in messages for part in message.parts):
        if isinstance(part, Reference):
            if part.id in named:
                raise InvalidRequest("value", ("input",), "with each item once", part.id)
            named.add(part.id)
    return bool(named)


def _logprobs(body: schema.ResponsesRequest) -> int | None:
    """Return how many likely tokens are told, None when no probabilities are asked for."""
    asked = _LOGPROBS in (body.include or ()) or body.top_logprobs
    return (body.top_logprobs or 0) if asked else None


def _tools(body: schema.ResponsesRequest) -> Iterator[Tool]:
    """Yield the tools that may be called."""
    allowed = _allowed(body.tool_choice)
    for offered in response_tools.offered_tools(body):
        if allowed is None or offered.name in allowed:
            param = offered.param
            parameters = custom_tools.PARAMETERS if offered.is_custom else param.parameters or {}
            yield Tool(offered.name, param.description or "", parameters)


def _choice(param: str | dict[str, Any] | None) -> schema.ToolChoiceParam:
    if isinstance(param, dict):
        return typed.convert(param, schema.ToolChoiceParam, ("tool_choice",))
    return schema.ToolChoiceParam(param or "auto")


def _allowed(param: str | dict[str, Any] | None) -> frozenset[str | None] | None:
    """Return the names of the tools that may be called, None for all."""
    choice = _choice(param)
    if choice.type != "allowed_tools":
        return None
    return frozenset(tool.name for tool in choice.tools)


def _tool_choice(body: schema.ResponsesRequest) -> ToolChoice:
    parallel = body.parallel_tool_calls is not False
    choice = _choice(body.tool_choice)
    match choice.mode if choice.type == "allowed_tools" else choice.type:
        case "none" | "required" as mode:
            return ToolChoice(mode, None, parallel)
        case "function" | "custom" if choice.name:
            return ToolChoice("named", choice.name, parallel)
        case _:
            return ToolChoice(parallel=parallel)


def _response_format(text: schema.TextConfig | None) -> ResponseFormat:
    match text.format if text else None:
        case schema.TextFormat("json_schema", name, wanted) if wanted is not None:
            return ResponseFormat("json_schema", name, wanted)
        case schema.TextFormat("json_object"):
            return ResponseFormat("json_object")
        case _:
            return ResponseFormat()


def render(exchange: Exchange) -> bytes:
    """Return a `response`; one that is made in the background is still queued."""
    made = response(exchange)
    return msgspec.json.encode(unfinished(made, "queued") if made["background"] else made)


def stream(exchange: Exchange) -> Iterator[Frame]:
    """Yield the events of a response, from `response.created` to its end."""
    request = exchange.answered[0]
    return response_events.frames(response(exchange), request.is_deferred, exchange.plan.chunk)


def error_frame(error: RequestError, exchange: Exchange) -> Frame:
    """Return `error` as the API ends a stream that fails: an `error`, and the failed response."""
    whole = response(exchange)
    return response_events.failure(whole, dialect.error_body(error)["error"])


def response(exchange: Exchange) -> Item:
    """Return the finished response: what was asked for, and the output."""
    request, reply = exchange.answered
    reason = _INCOMPLETE.get(reply.finish)
    created = int(exchange.received_at_s)
    return {
        "id": f"resp_{exchange.draws.hex_id('response', ID_DIGITS)}",
        "object": RESPONSE,
        "created_at": created,
        "status": "incomplete" if reason else "completed",
        "background": request.is_deferred,
        "completed_at": None if reason else created + int(exchange.plan.ready_s),
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "output": output_items(exchange),
        **_echo(request.wire, request.model),
        "usage": usage_object(reply.usage),
    }


def _echo(body: schema.ResponsesRequest, model: str) -> Item:
    """Return the members of a response that repeat the request's, with their defaults."""
    name = continued_name(body)
    is_reply_to = name is not None and name.kind == RESPONSE
    echo = {
        "instructions": body.instructions,
        "max_output_tokens": body.max_output_tokens,
        "max_tool_calls": body.max_tool_calls,
        "model": model,
        "parallel_tool_calls": body.parallel_tool_calls is not False,
        "previous_response_id": name.id if name and is_reply_to else None,
        "prompt": body.prompt,
        "prompt_cache_key": body.prompt_cache_key,
        "reasoning": {"effort": None, "summary": None, **(body.reasoning or {})},
        "safety_identifier": body.safety_identifier,
        "service_tier": "default" if body.service_tier in (None, "auto") else body.service_tier,
        "store": body.store is not False,
        "temperature": 1.0 if body.temperature is None else body.temperature,
        "text": _text_echo(body.text),
        "tool_choice": body.tool_choice or "auto",
        "tools": [_tool_echo(tool) for tool in body.tools or ()],
        "top_logprobs": body.top_logprobs or 0,
        "top_p": 1.0 if body.top_p is None else body.top_p,
        "truncation": body.truncation or "disabled",
        "usage": None,  # holds its place
        "user": body.user,
        "metadata": body.metadata or {},
    }
    return {**echo, "conversation": {"id": name.id}} if name and not is_reply_to else echo


def _tool_echo(tool: Item) -> Item:
    return {**_FUNCTION, **tool} if tool.get("type") == "function" else tool


def _text_echo(text: schema.TextConfig | None) -> Item:
    wanted = text.format if text and text.format else schema.TextFormat("text")
    shown: Item = {"type": wanted.type}
    if wanted.type == "json_schema":
        shown |= {
            "description": wanted.description,
            "name": wanted.name or "",
            "schema": wanted.schema or {},
            "strict": bool(wanted.strict),
        }
    return {"format": shown, "verbosity": (text.verbosity if text else None) or "medium"}


def usage_object(usage: Usage) -> Item:
    """Return token counts as the Responses API tells them."""
    input_tokens = max(usage.input_tokens, usage.cached_tokens)
    return {
        "input_tokens": input_tokens,
        "input_tokens_details": {
            "cache_write_tokens": usage.cache_write_tokens,
            "cached_tokens": usage.cached_tokens,
        },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": input_tokens + usage.output_tokens,
    }


def unfinished(finished: Item, status: str) -> Item:
    """Return a response as it is before it is finished: without output and usage."""
    return {
        **finished,
        "status": status,
        "completed_at": None,
        "incomplete_details": None,
        "output": [],
        "usage": None,
    }
