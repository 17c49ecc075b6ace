"""The neutral model: what every dialect is read into and rendered from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

Finish = Literal["stop", "stop_sequence", "length"]


class Text(Struct, frozen=True, gc=False):
    text: str


class Image(Struct, frozen=True, gc=False):
    """`url` is a web address, a `data:` URL, or a vendor's file id."""

    url: str


class Audio(Struct, frozen=True, gc=False):
    format: str


class File(Struct, frozen=True, gc=False):
    """`name` is a file name, a URL or a vendor's file id; "" when the request names none."""

    name: str


class ToolCall(Struct, frozen=True, gc=False):
    """`arguments` is JSON text, as OpenAI sends it; it may be malformed in a history."""

    id: str
    name: str
    arguments: str


class ToolResult(Struct, frozen=True):
    call_id: str
    parts: tuple[Part, ...]
    is_error: bool = False


class Reasoning(Struct, frozen=True, gc=False):
    """`signature` is the vendor's proof of origin, None where the vendor has none."""

    text: str
    signature: str | None = None


class Refusal(Struct, frozen=True, gc=False):
    text: str


class Unknown(Struct, frozen=True):
    """A part of a kind this version does not know: kept, never an error."""

    type: str
    raw: Mapping[str, Any]


Part = Text | Image | Audio | File | ToolCall | ToolResult | Reasoning | Refusal | Unknown


class Message(Struct, frozen=True):
    """`role` is `system`, `developer`, `user`, `assistant` or `tool`, or what the client sent.

    A `tool` message holds `ToolResult` parts, wherever the vendor puts them, and the text that
    stood beside them.
    """

    role: str
    parts: tuple[Part, ...]


class Sampling(Struct, frozen=True):
    """`max_tokens` None means no limit; `stop` holds no empty strings."""

    max_tokens: int | None = None
    stop: tuple[str, ...] = ()


class Request(Struct, frozen=True):
    """A parsed request. `messages`: oldest first, the system message first if there is one.

    `stream_usage` asks for a last event with the token counts (OpenAI's `include_usage`).
    """

    operation: str
    provider: str
    model: str
    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    stream: bool = False
    stream_usage: bool = False


class Usage(Struct, frozen=True, gc=False):
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0


class ChatReply(Struct, frozen=True, gc=False):
    """A chat answer. `stop_sequence` is the one that ended it, when `finish` says so.

    In a rule, `usage` holds what was counted at load (output only); in an exchange, all of it.
    """

    parts: tuple[Part, ...]
    finish: Finish = "stop"
    stop_sequence: str | None = None
    usage: Usage = Usage()


def joined_text(parts: tuple[Part, ...], separator: str = "\n") -> str:
    """Return the text parts as one string; "" when there are none."""
    return separator.join(part.text for part in parts if isinstance(part, Text))
