"""What a chat and a completion have in common: how an answer is said and what it took.

Sources: ollama-python 0.6.3 (`_types.py`) and https://docs.ollama.com/api/streaming, read
2026-11-22.

Departures: all chunks of a stream have the time at which the request came; durations are those
of a machine that loads in 1 ms, reads a token in 10 µs and says one in 1 ms, unless the settings
make it slower. Thinking is shown when the rule has it, unless `think` is false. A call whose
arguments are no JSON object, as when the token limit cuts them, is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, assert_never

import msgspec
from msgspec import Struct, structs

from mockllm.core import events
from mockllm.core.exchange import Exchange
from mockllm.core.logprobs import Scored, scored
from mockllm.core.model import (
    ChatReply,
    Finish,
    Part,
    Reasoning,
    Refusal,
    Request,
    Text,
    ToolCall,
    part_text,
)
from mockllm.core.protocol import Frame
from mockllm.wire import ndjson

Members = dict[str, Any]

_REASONS: Mapping[Finish, str] = {"length": "length", "context_length": "length"}
_NS = 1_000_000_000
_LOAD_NS = 1_000_000
_INPUT_TOKEN_NS = 10_000
_TOKEN_NS = 1_000_000
_CALL_ID_LENGTH = 8
_decode_arguments = msgspec.json.Decoder(Members).decode


class Said(Struct):
    """What a message says, or a piece of it. `logprobs` is None when nobody asked."""

    content: str = ""
    thinking: str = ""
    tool_calls: list[Members] = []
    logprobs: list[Members] | None = None


Worded = Callable[[Said], Members]
"""How an operation puts what is said into its object."""


def whole(exchange: Exchange, worded: Worded, last: Members) -> Members:
    """Return a whole answer; `last` are the members that its end alone has."""
    request, reply = _told(exchange)
    said = Said(logprobs=None if request.sampling.logprobs is None else [])
    for part in reply.parts:
        match part:
            case ToolCall():
                said.tool_calls += _calls(part, len(said.tool_calls))
            case Reasoning(text):
                said.thinking += text
            case _:
                text = part_text(part)
                said.content += text
                if said.logprobs is not None:
                    said.logprobs += _scores(text, request, len(said.logprobs))
    return {
        **_identity(exchange, request),
        **worded(said),
        "done": True,
        "done_reason": _reason(reply),
        **_logprobs(said),
        **last,
        **durations(exchange),
    }


def stream(exchange: Exchange, worded: Worded, last: Members) -> Iterator[Frame]:
    """Yield the frames of an answer. A call is said whole, when its last piece is due."""
    request, reply = _told(exchange)
    identity = _identity(exchange, request)
    scored_tokens = calls = 0

    def line(said: Said) -> bytes:
        return ndjson.line({**identity, **worded(said), "done": False, **_logprobs(said)})

    for event in events.events(reply, exchange.plan.chunk):
        match event:
            case events.Delta(index, text, chunk):
                said = _piece(reply.parts[index], text, request, scored_tokens)
                scored_tokens += len((said and said.logprobs) or ())
                yield Frame(b"" if said is None else line(said), "delta", chunk)
            case events.PartEnded(_, ToolCall() as call):
                for made in _calls(call, calls):
                    calls += 1
                    yield Frame(line(Said(tool_calls=[made])), "delta")
            case events.Started() | events.PartStarted() | events.PartEnded():
                pass
            case events.Finished():
                end = {"done": True, "done_reason": _reason(reply), **last, **durations(exchange)}
                yield Frame(ndjson.line({**identity, **worded(Said()), **end}), "end")
            case _:
                assert_never(event)


def durations(exchange: Exchange) -> dict[str, int]:
    """Return the token counts, and in nanoseconds how long each took. The answer took as long as
    planned."""
    usage = exchange.usage
    read_ns = usage.input_tokens * _INPUT_TOKEN_NS
    said_ns = round(exchange.plan.whole_s * _NS) or usage.output_tokens * _TOKEN_NS
    return {
        "total_duration": _LOAD_NS + read_ns + said_ns,
        "load_duration": _LOAD_NS,
        "prompt_eval_count": usage.input_tokens,
        "prompt_eval_duration": read_ns,
        "eval_count": usage.output_tokens,
        "eval_duration": said_ns,
    }


def loaded(model: str, worded: Worded, reason: str) -> Callable[[Exchange], bytes]:
    """Return what makes the answer to a request that only loads a model, or unloads it."""

    def body(exchange: Exchange) -> bytes:
        identity = {"model": model, "created_at": created_at(exchange)}
        return msgspec.json.encode(
            {**identity, **worded(Said()), "done": True, "done_reason": reason}
        )

    return body


def created_at(exchange: Exchange) -> str:
    """Return when the request came, in RFC 3339 with nanoseconds."""
    whole_s, rest = divmod(exchange.received_at_s, 1)
    moment = datetime.fromtimestamp(whole_s, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{int(rest * _NS):09d}Z"


def _told(exchange: Exchange) -> tuple[Request, ChatReply]:
    """Return the request and its reply as far as it is told: without the thinking that the client
    does not want, and without what the operation cannot carry."""
    request, reply = exchange.answered
    kinds: tuple[type[Part], ...] = (Text, Refusal)
    if request.wire.think is not False:
        kinds += (Reasoning,)
    if request.operation == "chat":
        kinds += (ToolCall,)
    parts = tuple(part for part in reply.parts if isinstance(part, kinds))
    return request, structs.replace(reply, parts=parts)


def _identity(exchange: Exchange, request: Request) -> Members:
    return {"model": request.model, "created_at": created_at(exchange)}


def _reason(reply: ChatReply) -> str:
    return _REASONS.get(reply.finish, "stop")


def _piece(part: Part, text: str, request: Request, at: int) -> Said | None:
    """Return a piece of what a part says, None for a call, which is said at its end. `at` is how
    many tokens had probabilities before."""
    match part:
        case ToolCall():
            return None
        case Reasoning():
            return Said(thinking=text)
        case _ if request.sampling.logprobs is None:
            return Said(text)
        case _:
            return Said(text, logprobs=_scores(text, request, at))


def _calls(call: ToolCall, index: int) -> list[Members]:
    """Return a call as data, nothing when its arguments are none."""
    try:
        arguments = _decode_arguments(call.arguments)
    except msgspec.DecodeError:
        return []
    drawn = f"call_{call.id[:_CALL_ID_LENGTH].lower()}"
    function = {"index": index, "name": call.name, "arguments": arguments}
    return [{"id": drawn if call.is_drawn else call.id, "function": function}]


def _scores(text: str, request: Request, at: int) -> list[Members]:
    most = request.sampling.logprobs or 0
    return [_score(each) for each in scored(text, most, at)]


def _score(each: Scored) -> Members:
    told = _likely(each.token, each.logprob)
    return {**told, "top_logprobs": [_likely(*top) for top in each.top]} if each.top else told


def _likely(token: str, logprob: float) -> Members:
    return {"token": token, "logprob": logprob, "bytes": list(token.encode())}


def _logprobs(said: Said) -> Members:
    return {"logprobs": said.logprobs} if said.logprobs else {}
