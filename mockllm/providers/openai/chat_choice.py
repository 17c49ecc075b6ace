"""The choices of a chat completion: each answer, with how this client wants it worded."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, structs

from mockllm.core import logprobs
from mockllm.core.exchange import Exchange
from mockllm.core.logprobs import Scored
from mockllm.core.model import ChatReply, Finish, Part, Refusal, Text, ToolCall
from mockllm.providers.openai import schema
from mockllm.providers.openai.custom_tools import input_of
from mockllm.providers.openai.silence import duration_s, silence

_FINISH: Mapping[Finish, str] = {
    "stop": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
    "refusal": "stop",
    "pause": "stop",
    "context_length": "length",
}
_AUDIO_LIFE_S = 3600
_AUDIO_ID_LENGTH = 32
_MAX_ALTERNATIVES_TOLD = 100_000
"""In one answer; past it, each token gets fewer, so that its size stays bounded."""


class Audio(Struct, frozen=True):
    """The spoken form of an answer. `expires_at` is Unix time."""

    id: str
    transcript: str
    data: bytes
    expires_at: int


class Choice(Struct, frozen=True):
    """One answer to a request.

    A call of one of the `custom_tools` says its input. `is_legacy` asks for the one call to be a
    `function_call`. With `audio` the text is said aloud and not written. `alternatives` is how
    many likely tokens are told beside each, None for no probabilities.
    """

    index: int
    reply: ChatReply
    custom_tools: frozenset[str] = frozenset()
    is_legacy: bool = False
    audio: Audio | None = None
    alternatives: int | None = None

    @property
    def finish_reason(self) -> str:
        reason = _FINISH[self.reply.finish]
        return "function_call" if self.is_legacy and reason == "tool_calls" else reason

    @property
    def content(self) -> str | None:
        """The text, None when there is none or it is spoken."""
        return None if self.audio else _said(self.reply.parts, Text)

    @property
    def refusal(self) -> str | None:
        return _said(self.reply.parts, Refusal)

    @property
    def scored(self) -> list[tuple[Scored, ...]]:
        """The tokens of each part with their probabilities; () for parts that have none."""
        found: list[tuple[Scored, ...]] = []
        start = 0
        for part in self.reply.parts:
            each: tuple[Scored, ...] = ()
            if self.alternatives is not None and self._is_scored(part):
                each = logprobs.scored(_text(part), self.alternatives, start)
            start += len(each)
            found.append(each)
        return found

    def _is_scored(self, part: Part) -> bool:
        return isinstance(part, Refusal) or (isinstance(part, Text) and not self.audio)


def choices(exchange: Exchange) -> tuple[Choice, ...]:
    """Return the choices of an answered exchange."""
    request, replies = exchange.answered_by(ChatReply)
    body: schema.ChatRequest = request.wire
    alternatives = request.sampling.logprobs
    if alternatives is not None:
        said_tokens = max(exchange.usage.output_tokens, 1)
        alternatives = min(alternatives, _MAX_ALTERNATIVES_TOLD // said_tokens)
    return tuple(
        Choice(
            index,
            _with_inputs(reply, body.custom_tools),
            body.custom_tools,
            body.is_legacy,
            _audio(reply, body.spoken_format, index, exchange) if body.spoken_format else None,
            alternatives,
        )
        for index, reply in enumerate(replies)
    )


def _said(parts: tuple[Part, ...], kind: type[Text | Refusal]) -> str | None:
    """Return what the parts of a kind say; None when they say nothing, unless the answer begins
    with one: then a stream has begun it too. An answer without parts is an empty text."""
    texts = [part.text for part in parts if isinstance(part, kind)]
    begins = isinstance(parts[0], kind) if parts else kind is Text
    return "".join(texts) if begins or any(texts) else None


def _text(part: Part) -> str:
    return part.text if isinstance(part, Text | Refusal) else ""


def _audio(reply: ChatReply, audio_format: str, index: int, exchange: Exchange) -> Audio | None:
    """Return the text of a reply as audio; None where it has none."""
    texts = [part.text for part in reply.parts if isinstance(part, Text)]
    if not texts:
        return None
    transcript, draws = "".join(texts), exchange.draws.of(index)
    return Audio(
        f"audio_{draws.hex_id('audio', _AUDIO_ID_LENGTH)}",
        transcript,
        silence(audio_format, duration_s(transcript)),
        int(exchange.received_at_s) + _AUDIO_LIFE_S,
    )


def _with_inputs(reply: ChatReply, custom_tools: frozenset[str]) -> ChatReply:
    """Return the reply with the calls of custom tools saying their input."""
    if not custom_tools:
        return reply
    parts = tuple(
        structs.replace(part, arguments=input_of(part.arguments))
        if isinstance(part, ToolCall) and part.name in custom_tools
        else part
        for part in reply.parts
    )
    return structs.replace(reply, parts=parts)
