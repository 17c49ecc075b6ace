"""Objects that clients have stored and fetch again: responses, conversations, completions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct

from mockllm.core.model import Message, ObjectName


class StoredObject(Struct, frozen=True):
    """`body` is the vendor's JSON of it, `items` the vendor's JSON of what it was made from.

    `thread` is the conversation up to its end, for requests that go on from it: oldest first,
    without instructions. `ready_at_s` is the Unix time at which it is finished.
    """

    id: str
    body: dict[str, Any]
    items: tuple[dict[str, Any], ...] = ()
    thread: tuple[Message, ...] = ()
    ready_at_s: float = 0.0


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
