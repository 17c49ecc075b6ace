"""What `contents` hold, as neutral messages.

Source: https://ai.google.dev/api/caching#Content and google-genai 3.4 (`types.py`: `Part`,
`FunctionCall`, `FunctionResponse`), read 2026-11-22.

Calls and results of clients that send no ids are paired by name, in their order. What only
servers make (`executableCode`, `codeExecutionResult`, `toolCall` ...) is let through unread.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from mockllm.core.model import (
    Audio,
    File,
    Image,
    Message,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
)
from mockllm.errors import InvalidRequest
from mockllm.providers.gemini import schema
from mockllm.wire import typed

_ROLES = {"model": "assistant", "function": "user", "": "user"}
_RESULT_MEMBERS = ("output", "result")
_EXTRAS = frozenset(
    {"thought", "thoughtSignature", "videoMetadata", "partMetadata", "mediaResolution"}
)


def messages_of(contents: schema.Contents) -> tuple[Message, ...]:
    """Return the messages that `contents` are, in their order.

    Raises:
        InvalidRequest: a part of a known kind has a member of the wrong type, or holds nothing.
    """
    listed = [contents] if isinstance(contents, schema.Content) else contents
    pairing = _Pairing()
    return tuple(
        _message(content, ("contents", index), pairing) for index, content in enumerate(listed)
    )


def parts_of(content: schema.Content, path: typed.Path) -> tuple[Part, ...]:
    """Return the parts of a content that has no history.

    Raises:
        InvalidRequest: as `messages_of`.
    """
    return _parts(content, path, _Pairing())


def _message(content: schema.Content, path: typed.Path, pairing: _Pairing) -> Message:
    parts = _parts(content, path, pairing)
    role = content.role or ""
    has_results = any(isinstance(part, ToolResult) for part in parts)
    return Message("tool" if has_results else _ROLES.get(role, role), parts)


def _parts(content: schema.Content, path: typed.Path, pairing: _Pairing) -> tuple[Part, ...]:
    items = content.parts or []
    listed = [items] if isinstance(items, dict) else items
    return tuple(_part(item, (*path, "parts", index), pairing) for index, item in enumerate(listed))


class _Pairing:
    """Gives calls and results the ids that they lack. Calls that wait for a result, by name."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[str]] = {}
        self._made = 0

    def call_id(self, call: schema.FunctionCall) -> str:
        """Return the id of a call, its own or a new one."""
        self._made += 1
        found = call.id or f"call-{self._made}"
        self._waiting.setdefault(call.name, deque()).append(found)
        return found

    def result_id(self, result: schema.FunctionResponse) -> str:
        """Return the id of the call that a result belongs to; its name when there is none."""
        waiting = self._waiting.get(result.name)
        if result.id:
            if waiting and result.id in waiting:
                waiting.remove(result.id)
            return result.id
        return waiting.popleft() if waiting else result.name


def _part(item: Mapping[str, Any], path: typed.Path, pairing: _Pairing) -> Part:
    if not item:
        raise InvalidRequest("empty", (*path, "data"))
    part = typed.convert(item, schema.Part, path)
    match part:
        case schema.Part(function_call=schema.FunctionCall() as call):
            arguments = msgspec.json.encode(call.args or {}).decode()
            return ToolCall(pairing.call_id(call), call.name, arguments)
        case schema.Part(function_response=schema.FunctionResponse() as result):
            return _result(result, pairing.result_id(result), path)
        case schema.Part(inline_data=schema.Blob() as blob):
            return _inline(blob)
        case schema.Part(file_data=schema.FileData() as file):
            return _by_type(file.mime_type, file.file_uri)
        case schema.Part(text=str() as text, thought=True):
            return Reasoning(text, part.thought_signature)
        case schema.Part(text=str() as text):
            return Text(text)
        case _:
            return Unknown(next((key for key in item if key not in _EXTRAS), ""), item)


def _inline(blob: schema.Blob) -> Part:
    if blob.mime_type.startswith("text/"):
        return File("", _decoded(blob.data))
    return _by_type(blob.mime_type, f"data:{blob.mime_type};base64,{blob.data}")


def _decoded(data: str) -> str:
    """Return base64 text, in either alphabet, as what it says; "" when it is none."""
    try:
        return b64decode(data.replace("-", "+").replace("_", "/")).decode(errors="replace")
    except (NotBase64, ValueError):
        return ""


def _by_type(mime_type: str, url: str) -> Part:
    kind, _, form = mime_type.partition("/")
    match kind:
        case "image":
            return Image(url)
        case "audio":
            return Audio(form)
        case _:
            return File("" if url.startswith("data:") else url)


def _result(result: schema.FunctionResponse, call_id: str, path: typed.Path) -> ToolResult:
    response = result.response or {}
    said: Sequence[Part] = (Text(_told(response)),)
    blobs = schema.Content(parts=result.parts)
    media = _parts(blobs, (*path, "functionResponse"), _Pairing()) if result.parts else ()
    return ToolResult(call_id, (*said, *media), is_error=set(response) == {"error"})


def _told(response: Mapping[str, Any]) -> str:
    """Return what a tool says: the text that stands alone under the names that SDKs use, else
    the JSON."""
    if len(response) == 1:
        ((name, value),) = response.items()
        if name in (*_RESULT_MEMBERS, "error"):
            return value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return msgspec.json.encode(response).decode()
