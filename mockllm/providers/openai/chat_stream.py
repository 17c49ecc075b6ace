"""A chat completion as `chat.completion.chunk` events.

Sources: streams captured from the API (2024-09) for the order of members and for what is null or
absent; openai-python 3.54 (`types/chat/chat_completion_chunk.py`, read 2026-11-22) for members
newer than those.

Departures: `usage` is absent, as in the captures, on all chunks but the last, where the
documentation says null; chunks carry no `obfuscation`; audio comes after the whole transcript.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from mockllm.core import events
from mockllm.core.exchange import Exchange
from mockllm.core.logprobs import Scored
from mockllm.core.model import Part, Reasoning, Refusal, Text, ToolCall
from mockllm.providers.openai import chat_choice, chat_usage
from mockllm.providers.openai.chat_choice import Choice
from mockllm.providers.openai.chat_message import call_object, identity, origin, token_object
from mockllm.providers.openai.chunks import Said, Sayings, numbered
from mockllm.wire import sse
from mockllm.wire.skeleton import HOLE, Skeleton

_AUDIO_PIECE_BYTES = 24_000
"""Half a second; a multiple of three, so that the pieces' base64 can be joined."""


def chunks(exchange: Exchange) -> Iterator[Sayings]:
    """Yield the chunks of all choices, one token of each in turn."""
    request = exchange.answered[0]
    envelope = {**identity(exchange, "chat.completion.chunk"), **origin(exchange)}
    choices = chat_choice.choices(exchange)
    speeches = [_Speech(choice, envelope) for choice in choices]
    chunking, replies = exchange.plan.chunk, [choice.reply for choice in choices]
    for number, event in events.spoken(replies, chunking):
        yield from speeches[number].said(event)
    if request.stream_usage:
        yield {**envelope, "choices": [], "usage": chat_usage.usage(exchange)}, "finish", None


class _Speech:
    """The chunks of one choice. Tool calls are numbered among themselves."""

    def __init__(self, choice: Choice, envelope: dict[str, Any]) -> None:
        self._choice = choice
        self._envelope = envelope
        self._skeletons: dict[int, Skeleton] = {}
        self._parts = choice.reply.parts
        calls = [index for index, part in enumerate(self._parts) if isinstance(part, ToolCall)]
        self._call_numbers = {index: number for number, index in enumerate(calls)}
        self._scored = iter([each for part in choice.scored for each in part])
        self._is_audio_open = False

    def said(self, event: events.Event | events.Run) -> Iterator[Sayings]:
        """Yield what an event adds to the stream."""
        match event:
            case events.Delta() | events.Run():
                yield from self._pieces(event.index, event.texts, event.chunk)
            case events.Started(first):
                yield self._chunk(self._opening(first), self._opening_logprobs(first)), "open", None
            case events.PartStarted(index, ToolCall() as call) if index > 0:
                yield self._chunk(self._call_opening(index, call)), "delta", None
            case events.PartStarted(_, Text()) if self._choice.audio and not self._is_audio_open:
                self._is_audio_open = True
                opened = {"id": self._choice.audio.id, "transcript": ""}
                yield self._chunk({"audio": opened}), "delta", None
            case events.Finished():
                for each in self._audio():
                    yield self._chunk({"audio": each}), "delta", None
                yield self._chunk({}, finish_reason=self._choice.finish_reason), "finish", None

    def _pieces(self, index: int, texts: tuple[str, ...], chunk: int | None) -> Iterator[Sayings]:
        """Yield the chunks of pieces of a part: as many as there are, where each tells how likely
        it is."""
        if self._choice.alternatives is None:
            yield Said(self._skeleton(index), texts), "delta", chunk
            return
        for number, text in numbered(texts, chunk):
            yield self._chunk(self._delta(index, text), self._logprobs(index)), "delta", number

    def _skeleton(self, index: int) -> Skeleton:
        """Return the chunk of any piece of a part."""
        found = self._skeletons.get(index)
        if found is None:
            found = Skeleton(self._chunk(self._delta(index, HOLE)), sse.data)
            self._skeletons[index] = found
        return found

    def _chunk(
        self,
        delta: dict[str, Any],
        logprobs: dict[str, Any] | None = None,
        finish_reason: str | None = None,
    ) -> dict[str, Any]:
        choice = {
            "index": self._choice.index,
            "delta": delta,
            "logprobs": logprobs,
            "finish_reason": finish_reason,
        }
        return {**self._envelope, "choices": [choice]}

    def _opening(self, first: Part | None) -> dict[str, Any]:
        """Return the first delta: the role, and how the first part begins."""
        match first:
            case ToolCall():
                call = self._call_opening(0, first)
                return {"role": "assistant", "content": None, **call, "refusal": None}
            case Refusal():
                return {"role": "assistant", "content": None, "refusal": ""}
            case Reasoning():
                return {"role": "assistant", "content": None, "refusal": None}
            case _:
                content = None if self._choice.audio else ""
                return {"role": "assistant", "content": content, "refusal": None}

    def _opening_logprobs(self, first: Part | None) -> dict[str, Any] | None:
        """Return an empty list for what the answer begins with; None when they are not told."""
        if self._choice.alternatives is None:
            return None
        is_refusal = isinstance(first, Refusal)
        is_content = (first is None or isinstance(first, Text)) and not self._choice.audio
        return {"content": [] if is_content else None, "refusal": [] if is_refusal else None}

    def _call_opening(self, index: int, call: ToolCall) -> dict[str, Any]:
        """Return the delta that begins a call: its id and name."""
        if self._choice.is_legacy:
            return {"function_call": {"name": call.name, "arguments": ""}}
        number = self._call_numbers[index]
        return {"tool_calls": [{"index": number, **call_object(self._choice, call)}]}

    def _delta(self, index: int, text: str) -> dict[str, Any]:
        """Return the delta that carries a piece of a part."""
        match self._parts[index]:
            case ToolCall() as call:
                return self._call_delta(index, call, text)
            case Refusal():
                return {"refusal": text}
            case Reasoning():
                return {"reasoning_content": text}
            case _:
                return {"audio": {"transcript": text}} if self._choice.audio else {"content": text}

    def _call_delta(self, index: int, call: ToolCall, text: str) -> dict[str, Any]:
        if self._choice.is_legacy:
            return {"function_call": {"arguments": text}}
        piece = (
            {"custom": {"input": text}}
            if call.name in self._choice.custom_tools
            else {"function": {"arguments": text}}
        )
        return {"tool_calls": [{"index": self._call_numbers[index], **piece}]}

    def _logprobs(self, index: int) -> dict[str, Any] | None:
        """Return the probability of the token just said, None for one that has none."""
        if self._choice.alternatives is None:
            return None
        match self._parts[index]:
            case Refusal():
                return {"content": None, "refusal": [self._next_token()]}
            case Text() if not self._choice.audio:
                return {"content": [self._next_token()], "refusal": None}
            case _:
                return None

    def _next_token(self) -> dict[str, Any]:
        scored: Scored = next(self._scored)
        return token_object(scored)

    def _audio(self) -> Iterator[dict[str, Any]]:
        """Yield the sound of what has been said, and then until when it is kept."""
        audio = self._choice.audio
        if audio is None:
            return
        for start in range(0, len(audio.data), _AUDIO_PIECE_BYTES):
            piece = audio.data[start : start + _AUDIO_PIECE_BYTES]
            yield {"data": b64encode(piece).decode()}
        yield {"expires_at": audio.expires_at}
