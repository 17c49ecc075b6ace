"""`POST /v1/completions`.

Sources: openai-python 3.54 (`types/completion.py`, `completion_choice.py`,
`completion_create_params.py`), read 2026-11-22.

Departures: `model` is echoed; without `max_tokens` nothing is cut, where the API cuts at 16; the
first token of an echoed prompt has a probability too, where the API says null, which its own SDK
does not take; `usage` is absent on all chunks but the last. A refusal is said as text, and
reasoning is left out, since a completion has neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, assert_never

import msgspec
from msgspec import structs

from mockllm.core import events
from mockllm.core.exchange import Exchange
from mockllm.core.logprobs import Scored, scored
from mockllm.core.model import (
    ChatReply,
    Encoding,
    Finish,
    Refusal,
    Request,
    Sampling,
    Text,
    joined_text,
)
from mockllm.core.protocol import Frame, Frames
from mockllm.core.raw import Raw
from mockllm.errors import InvalidRequest, RequestError
from mockllm.providers.openai import completions_schema, dialect, judgements
from mockllm.providers.openai.chunks import Chunk, Said, Sayings, framed, numbered
from mockllm.providers.openai.inputs import Given, given
from mockllm.wire import sse, typed
from mockllm.wire.skeleton import HOLE, Skeleton

NAME = "completion"
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON, "sse": sse.CONTENT_TYPE}
MAX_PROMPTS = 256
"""Of one request, times `n`: each gets an answer as long as the rule's."""

MAX_ECHOED_CHARACTERS = 256 * 1_024
"""Of the prompts that are echoed, times `n`."""

JUDGEMENTS = judgements.COMPLETIONS
headers = dialect.headers
render_error = dialect.render_error

_NO_PROMPT = "<|endoftext|>"
_FINISH: Mapping[Finish, str] = {
    "length": "length",
    "context_length": "length",
    "content_filter": "content_filter",
}
_ORIGIN = {"system_fingerprint": "fp_6d6f636b31"}
_ID_LENGTH = 29
_decoder = msgspec.json.Decoder(completions_schema.CompletionRequest)


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        RequestError: the body is not JSON, lacks `model`, has a member of the wrong type, or asks
            for too much.
    """
    return request_of(typed.decode(raw.body, _decoder))


def request_of(body: completions_schema.CompletionRequest) -> Request:
    """Return the neutral request of a decoded body.

    Raises:
        RequestError: as `parse`, for what asks for too much.
    """
    prompt = _NO_PROMPT if body.prompt is None else body.prompt
    choices = body.n or 1
    found = given(prompt, "prompt", MAX_PROMPTS // choices)
    if body.echo:
        _refuse_long_echo(found, choices)
    stop = (body.stop,) if isinstance(body.stop, str) else tuple(body.stop or ())
    options = body.stream_options
    return Request(
        operation=NAME,
        provider=dialect.NAME,
        model=body.model,
        inputs=found.parts,
        input_tokens=found.tokens,
        choices=choices,
        sampling=Sampling(body.max_tokens, tuple(filter(None, stop)), body.logprobs),
        stream=bool(body.stream),
        stream_usage=options is not None and bool(options.include_usage),
        wire=body,
    )


def _refuse_long_echo(found: Given, choices: int) -> None:
    if sum(len(joined_text(parts)) for parts in found.parts) * choices > MAX_ECHOED_CHARACTERS:
        most = f"of at most {MAX_ECHOED_CHARACTERS:,} characters, times 'n', with 'echo'"
        raise InvalidRequest("value", ("prompt",), most)


def render(exchange: Exchange) -> bytes:
    """Return a `text_completion`."""
    return msgspec.json.encode(completion(exchange))


def completion(exchange: Exchange) -> dict[str, Any]:
    """Return a `text_completion`; its choices are numbered prompt by prompt."""
    choices = [choice.whole() for choice in _choices(exchange)]
    return {**_identity(exchange), "choices": choices, "usage": _usage(exchange)}


def stream(exchange: Exchange) -> Iterator[Frame | Frames]:
    """Yield `text_completion` events, those of several choices in turn, then `[DONE]`."""
    return framed(chunks(exchange))


def chunks(exchange: Exchange) -> Iterator[Sayings]:
    """Yield the events before they are encoded."""
    identity, choices = _identity(exchange), _choices(exchange)

    def data(choice: dict[str, Any]) -> dict[str, Any]:
        return {**identity, "choices": [choice]}

    replies = [choice.reply for choice in choices]
    for index, event in events.spoken(replies, exchange.plan.chunk):
        choice = choices[index]
        match event:
            case events.Started():
                if choice.echoed:
                    yield data(choice.opening()), "open", None
            case events.Delta() | events.Run():
                yield from choice.pieces(event.texts, event.chunk, data)
            case events.Finished():
                yield data(choice.end()), "finish", None
            case events.PartStarted() | events.PartEnded():
                pass
            case _:
                assert_never(event)
    yield from _usage_chunk(exchange, identity)


def _usage_chunk(exchange: Exchange, identity: dict[str, Any]) -> Iterator[Chunk]:
    """Yield the chunk without choices that carries the token counts, when it was asked for."""
    if exchange.answered[0].stream_usage:
        yield {**identity, "choices": [], "usage": _usage(exchange)}, "finish", None


def error_frame(error: RequestError, _exchange: Exchange) -> Frame:
    """Return `error` as an event, as the API ends a stream that fails."""
    return Frame(sse.data(dialect.error_body(error)), "end")


def _choices(exchange: Exchange) -> list[_Choice]:
    request, replies = exchange.answered_by(ChatReply)
    return [_Choice(index, request, reply) for index, reply in enumerate(replies)]


class _Choice:
    """One of the answers: `reply` is its text alone, after the `echoed` prompt."""

    def __init__(self, index: int, request: Request, reply: ChatReply) -> None:
        prompt = joined_text(request.inputs[index // request.choices])
        said = [part.text for part in reply.parts if isinstance(part, Text | Refusal)]
        self.reply = structs.replace(reply, parts=(Text("".join(said)),))
        self.echoed = prompt if request.wire.echo else ""
        self.likely = request.sampling.logprobs
        self._text = "".join(said)
        self._index = index
        self._reached = 0 if self.echoed else len(prompt)
        self._scores: Iterator[Scored] | None = None
        self._skeleton: Skeleton | None = None

    def whole(self) -> dict[str, Any]:
        """Return the choice in one piece."""
        scores = (*self._scored(self.echoed), *self._scored(self._text))
        return self._said(self.echoed + self._text, scores, self._finish)

    def opening(self) -> dict[str, Any]:
        """Return the echoed prompt, which is there before anything is said."""
        return self._said(self.echoed, self._scored(self.echoed))

    def delta(self, text: str) -> dict[str, Any]:
        """Return the next piece, a token where probabilities are told."""
        if self._scores is None:
            self._scores = iter(self._scored(self._text))
        return self._said(text, tuple(islice(self._scores, 1)))

    def pieces(
        self,
        texts: tuple[str, ...],
        chunk: int | None,
        data: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> Iterator[Sayings]:
        """Yield the next pieces as chunks, which `data` makes of choices: as many as there are,
        where each tells how likely it is."""
        if self.likely is not None:
            for number, text in numbered(texts, chunk):
                yield data(self.delta(text)), "delta", number
            return
        if self._skeleton is None:
            self._skeleton = Skeleton(data(self.delta(HOLE)), sse.data)
        yield Said(self._skeleton, texts), "delta", chunk

    def end(self) -> dict[str, Any]:
        """Return the end, which says why."""
        return self._said("", (), self._finish)

    @property
    def _finish(self) -> str:
        return _FINISH.get(self.reply.finish, "stop")

    def _scored(self, text: str) -> tuple[Scored, ...]:
        return () if self.likely is None else scored(text, self.likely)

    def _said(
        self, text: str, scores: Sequence[Scored], finish: str | None = None
    ) -> dict[str, Any]:
        return {
            "text": text,
            "index": self._index,
            "logprobs": None if self.likely is None else self._logprobs(scores),
            "finish_reason": finish,
        }

    def _logprobs(self, scores: Sequence[Scored]) -> dict[str, Any]:
        """Return the probabilities of the tokens that come next. Offsets count characters from
        the beginning of the prompt, echoed or not."""
        offsets = []
        for each in scores:
            offsets.append(self._reached)
            self._reached += len(each.token)
        return {
            "tokens": [each.token for each in scores],
            "token_logprobs": [each.logprob for each in scores],
            "top_logprobs": [dict(each.top) for each in scores] if self.likely else None,
            "text_offset": offsets,
        }


def _identity(exchange: Exchange) -> dict[str, Any]:
    request, _ = exchange.answered
    return {
        "id": f"cmpl-{exchange.draws.id('completion', _ID_LENGTH)}",
        "object": "text_completion",
        "created": int(exchange.received_at_s),
        "model": request.model,
        **_ORIGIN,
    }


def _usage(exchange: Exchange) -> dict[str, int]:
    usage = exchange.usage
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }
