"""A request that has arrived, as a test looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import msgspec
from msgspec import Struct

from mockllm.core.exchange import Exchange, Outcome
from mockllm.core.model import (
    ChatReply,
    Message,
    Part,
    Reasoning,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
    joined_text,
    part_text,
)
from mockllm.core.near import NearMiss
from mockllm.errors import (
    CannotAnswer,
    InternalError,
    MethodNotAllowed,
    NoMatch,
    PathNotFound,
)

_SYSTEM = ("system", "developer", "instructions")
_UNANSWERED = (NoMatch, PathNotFound, MethodNotAllowed, CannotAnswer, InternalError)
_SHOWN_CHARACTERS = 300


class SentToolCall(Struct, frozen=True):
    """A call of a tool. `arguments` are decoded, or the text as it is when that is no JSON."""

    name: str
    arguments: Any


class SentMessage(Struct, frozen=True):
    """A message of a conversation, whoever's API it was sent by.

    `role` is `system`, `developer`, `user`, `assistant` or `tool`. `text` is that of its text
    parts, or of the results in a message of a tool.
    """

    role: str
    text: str
    tool_calls: tuple[SentToolCall, ...] = ()


class Near(Struct, frozen=True):
    """A rule that nearly answered, and the first of its conditions that failed: its key, what it
    wanted, and what was there. `place` is `file:line`."""

    name: str
    place: str | None
    condition: str
    wanted: str
    actual: str

    def __str__(self) -> str:
        place = f"{self.place} " if self.place else ""
        return f"{place}{self.name!r}: {self.condition}: wanted {self.wanted}, got {self.actual}"


class Received:
    """A request that has arrived, and what became of it. It never changes."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    @property
    def prompt(self) -> str | None:
        """The text of the newest user message; None when there is none."""
        texts = (message.text for message in reversed(self.messages) if message.role == "user")
        return next(texts, None)

    @property
    def system(self) -> str | None:
        """The text of the system and developer messages; None when there are none."""
        texts = [message.text for message in self.messages if message.role in _SYSTEM]
        return "\n".join(texts) if texts else None

    @property
    def model(self) -> str | None:
        """The model asked for; None when the request could not be read."""
        return self._exchange.request.model if self._exchange.request else None

    @property
    def messages(self) -> tuple[SentMessage, ...]:
        """The conversation, the oldest message first, the system's among them; () when the request
        has none or could not be read."""
        asked = self._exchange.request
        return tuple(map(_message, asked.messages)) if asked else ()

    @property
    def tools(self) -> tuple[Tool, ...]:
        """The tools offered, each with `name`, `description` and `parameters`, which are yours to
        change."""
        return deepcopy(self._exchange.request.tools) if self._exchange.request else ()

    @property
    def tool_results(self) -> tuple[str, ...]:
        """The texts of all results of tools in the conversation, the oldest first."""
        asked = self._exchange.request
        parts = [part for message in asked.messages for part in message.parts] if asked else []
        return tuple(joined_text(part.parts) for part in parts if isinstance(part, ToolResult))

    @property
    def provider(self) -> str | None:
        """Whose API was called: `openai`, `anthropic`...; None when nobody's."""
        return self._exchange.request.provider if self._exchange.request else None

    @property
    def operation(self) -> str | None:
        """What was called: `chat`, `completion`, `embedding` or `moderation`, whoever's; None when
        none of them."""
        return self._exchange.request.operation if self._exchange.request else None

    @property
    def stream(self) -> bool:
        """Whether a stream was asked for."""
        return self._exchange.request is not None and self._exchange.request.stream

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self._exchange.raw.method

    @property
    def path(self) -> str:
        """The path of the URL, decoded, without the session and the query."""
        return self._exchange.raw.path

    @property
    def headers(self) -> Mapping[str, str]:
        """The request's headers by lower-case name, as they were sent."""
        return self._exchange.raw.headers

    @property
    def api_key(self) -> str:
        """The key, wherever the vendor takes it; "" when there is none."""
        return self._exchange.raw.api_key

    @property
    def body(self) -> Any:
        """The body as it was sent: decoded JSON, or bytes when it is none."""
        body = self._exchange.raw.body
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return body

    @property
    def status(self) -> int:
        """The status it was answered with; 0 when it was not answered."""
        return self._exchange.status

    @property
    def outcome(self) -> Outcome | None:
        """How it ended: `completed`, `client_left`, `faulted` or `failed`."""
        return self._exchange.outcome

    @property
    def rule(self) -> str | None:
        """The name of the rule that answered; None when none did."""
        return self._exchange.rule.name if self._exchange.rule else None

    @property
    def rule_place(self) -> str | None:
        """Where that rule stands, `file:line`; None for what is built in."""
        return self._exchange.rule.place if self._exchange.rule else None

    @property
    def matched(self) -> bool:
        """Whether a rule answered, and not the unknown response or an error."""
        return self._exchange.is_matched

    @property
    def near(self) -> tuple[Near, ...]:
        """The rules that nearly answered, nearest first; () when one answered."""
        return tuple(map(_near, self._exchange.near))

    @property
    def reply(self) -> str:
        """The text of the answer, "" when it has none."""
        found = self._exchange.reply
        if not isinstance(found, ChatReply):
            return ""
        shown = (part for part in found.parts if not isinstance(part, ToolCall | Reasoning))
        return "".join(map(part_text, shown))

    @property
    def reply_tool_calls(self) -> tuple[SentToolCall, ...]:
        """The tools that the answer calls."""
        found = self._exchange.reply
        return _calls(found.parts) if isinstance(found, ChatReply) else ()

    @property
    def usage(self) -> Usage:
        """The tokens: `input_tokens`, `output_tokens`, `cached_tokens`, `reasoning_tokens`."""
        return self._exchange.usage

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was odd about it, and what the real API would have refused."""
        return self._exchange.warnings

    @property
    def error(self) -> str | None:
        """What it was refused with; None when it was not."""
        return self._exchange.error.message if self._exchange.error else None

    @property
    def took_s(self) -> float:
        """How long it took, until the last byte was sent."""
        return self._exchange.took_s

    @property
    def exchange(self) -> Exchange:
        """All that is known of it."""
        return self._exchange

    def __repr__(self) -> str:
        return f"<Received {self.method} {self.path} {self.status}: {_short(self.prompt)}>"

    def __str__(self) -> str:
        """Return it as a failing test shows it, in several lines."""
        return "\n  ".join(self._lines())

    def _lines(self) -> Iterator[str]:
        streamed = " streamed" if self.stream else ""
        yield f"{self.method} {self.path} {self.status} {self.model or ''}{streamed}".rstrip()
        if self.prompt is not None:
            yield f"prompt: {_short(self.prompt)}"
        if self.messages and self.messages[-1].role == "tool":
            yield f"newest message: the result of a tool: {_short(self.messages[-1].text)}"
        if self._exchange.rule is not None:
            place = f" ({self.rule_place})" if self.rule_place else ""
            yield f"answered by {self.rule!r}{place}: {self._said()}"
        elif is_unanswered(self):
            yield "no rule answered" if self.error is None else _why(self._exchange)
        elif self.error is not None:
            yield f"refused: {_short(self.error)}"
        yield from (f"near: {near}" for near in self.near)
        yield from (f"warning: {warning}" for warning in self.warnings)
        if self.outcome not in ("completed", None):
            yield f"outcome: {self.outcome}"

    def _said(self) -> str:
        calls = [f"{call.name}({call.arguments})" for call in self.reply_tool_calls]
        texts = [_short(self.reply)] if self.reply or not calls else []
        return "; ".join([*texts, *calls])


def is_unanswered(request: Received) -> bool:
    """Return whether a request found nothing that answers: no rule, no such URL, or a rule that
    failed. What the vendor refuses too (a body of the wrong shape) is answered."""
    return isinstance(request.exchange.error, _UNANSWERED)


def _why(exchange: Exchange) -> str:
    """Return why nothing answered; near misses are shown by themselves."""
    if isinstance(exchange.error, NoMatch):
        return "no rule matches" + ("" if exchange.near else ", and none comes near")
    return f"not answered: {exchange.error}"


def _message(message: Message) -> SentMessage:
    texts = [joined_text(message.parts)]
    texts += [joined_text(part.parts) for part in message.parts if isinstance(part, ToolResult)]
    return SentMessage(message.role, "\n".join(filter(None, texts)), _calls(message.parts))


def _calls(parts: tuple[Part, ...]) -> tuple[SentToolCall, ...]:
    return tuple(
        SentToolCall(part.name, _decoded(part.arguments))
        for part in parts
        if isinstance(part, ToolCall)
    )


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text


def _near(miss: NearMiss) -> Near:
    wrong = miss.mismatch
    return Near(miss.rule.name, miss.rule.place, wrong.key, wrong.wanted, wrong.actual)


def _short(text: str | None) -> str:
    if text is None or len(text) <= _SHOWN_CHARACTERS:
        return repr(text)
    return f"{text[:_SHOWN_CHARACTERS]!r}... ({len(text):,} characters)"
