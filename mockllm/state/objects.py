"""Stored objects, kept in cells as bytes, so that any back end can hold and bound them.

The bytes are JSON, as what clients send is: MessagePack has no integers beyond 64 bits.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from mockllm.core.model import ObjectName
from mockllm.core.objects import StoredObject
from mockllm.state.base import Cells

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(StoredObject).decode


class SessionObjects:
    """`Objects` of one session."""

    def __init__(self, cells: Cells, session: str) -> None:
        self._cells = cells
        self._session = session

    def get(self, name: ObjectName) -> StoredObject | None:
        """As `Objects.get`."""
        found: bytes | None = self._cells.read(self._session, _kind(name.kind), name.id)
        return None if found is None else _decode(found)

    def put(self, kind: str, stored: StoredObject) -> None:
        """As `Objects.put`."""
        encoded = _encode(stored)
        self._cells.update(self._session, _kind(kind), stored.id, lambda _: encoded)

    def change(
        self, name: ObjectName, change: Callable[[StoredObject], StoredObject]
    ) -> StoredObject | None:
        """As `Objects.change`."""

        made: list[StoredObject] = []

        def changed(found: bytes | None) -> bytes | None:
            made.clear()  # a back end may try again
            if found is None:
                return None
            made.append(change(_decode(found)))
            return _encode(made[0])

        self._cells.update(self._session, _kind(name.kind), name.id, changed)
        return made[0] if made else None

    def remove(self, name: ObjectName) -> bool:
        """As `Objects.remove`."""
        existed = self.get(name) is not None
        self._cells.update(self._session, _kind(name.kind), name.id, _nothing)
        return existed

    def all(self, kind: str) -> list[StoredObject]:
        """As `Objects.all`."""
        found: list[bytes] = self._cells.read_all(self._session, _kind(kind))
        return [_decode(each) for each in found]


def _nothing(_: bytes | None) -> bytes | None:
    return None


def _kind(kind: str) -> str:
    return f"object {kind}"
