"""Objects that clients have stored and fetch again: responses, conversations, completions."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Protocol

from msgspec import Struct, structs

from mockllm.core import tokens
from mockllm.core.model import CacheMark, Message, ObjectName, Part, Reference, Request, Tool
from mockllm.errors import ObjectNotFound

_MOST_HELD = 100


class StoredObject(Struct, frozen=True):
    """`body` is the vendor's JSON of it, `items` the vendor's JSON of what it was made from.

    `thread` is the conversation up to its end, for requests that go on from it: oldest first,
    without instructions. `ready_at_s` is the Unix time at which it is finished. `tools` are those
    that such requests offer unsaid, `cache_marks` where their input may be cached already.
    """

    id: str
    body: dict[str, Any]
    items: tuple[dict[str, Any], ...] = ()
    thread: tuple[Message, ...] = ()
    ready_at_s: float = 0.0
    tools: tuple[Tool, ...] = ()
    cache_marks: tuple[CacheMark, ...] = ()


ITEM = "item"
"""The kind of the objects that a `Reference` names: their thread is one message."""


class Objects(Protocol):
    """The stored objects of one session, bounded: the oldest are forgotten first."""

    def get(self, name: ObjectName) -> StoredObject | None:
        """Return an object, None when there is none of this name."""

    def put(self, kind: str, stored: StoredObject) -> None:
        """Store an object, in place of an earlier one of its name."""

    def change(
        self, name: ObjectName, change: Callable[[StoredObject], StoredObject]
    ) -> StoredObject | None:
        """Replace an object by `change` of it in one step; return the new one, None when there
        is none of this name."""

    def remove(self, name: ObjectName) -> bool:
        """Forget an object; return whether there was one."""

    def all(self, kind: str) -> list[StoredObject]:
        """Return the objects of a kind, the oldest first."""


def continued(request: Request, objects: Objects) -> Request:
    """Return the request with the conversation that it goes on from before its own messages, and
    with what its references stand for.

    Raises:
        ObjectNotFound: something that it names is not stored.
    """
    if request.has_references:
        messages = tuple(_resolved(message, objects) for message in request.messages)
        request = structs.replace(request, messages=messages)
    if request.continues is None:
        return request
    stored = _stored(request.continues, objects)
    return structs.replace(
        request,
        messages=stored.thread + request.messages,
        tools=stored.tools + request.tools,
        cache_marks=_marks_after(stored, request.cache_marks),
    )


def _marks_after(stored: StoredObject, marks: tuple[CacheMark, ...]) -> tuple[CacheMark, ...]:
    """Return the marks of a request as those of the whole input, after those of what it goes on
    from."""
    if not marks:
        return ()
    before = tokens.tokens_of(stored.tools, stored.thread)
    held = tuple(structs.replace(mark, ttl_s=0) for mark in stored.cache_marks[-_MOST_HELD:])
    return held + tuple(
        CacheMark(_chained(stored.id, mark.digest), before + mark.tokens, mark.ttl_s)
        for mark in marks
    )


def _chained(stored_id: str, digest: bytes) -> bytes:
    return blake2b(stored_id.encode(), key=digest, digest_size=len(digest)).digest()


def _resolved(message: Message, objects: Objects) -> Message:
    """Return a message with the stored parts in place of the references to them."""
    parts: list[Part] = []
    for part in message.parts:
        if isinstance(part, Reference):
            stored = _stored(ObjectName(ITEM, part.id), objects)
            parts += [each for said in stored.thread for each in said.parts]
        else:
            parts.append(part)
    return structs.replace(message, parts=tuple(parts))


def _stored(name: ObjectName, objects: Objects) -> StoredObject:
    stored = objects.get(name)
    if stored is None:
        raise ObjectNotFound(name, is_continued=True)
    return stored
