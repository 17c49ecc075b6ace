"""A request as it came over the wire."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from typing import NoReturn, Protocol
from urllib.parse import parse_qs

from msgspec import Struct

from mockllm.errors import RequestError

_SCHEME = re.compile(r"\s*bearer(\s|$)", re.IGNORECASE)  # servers cut the space after it


class Connection(Protocol):
    """The client's connection, where it is more than a way to answer."""

    @property
    def is_wire(self) -> bool:
        """Whether there is a socket. A client in the same process has none."""

    def has_left(self) -> bool:
        """Return whether it has been closed at the other end."""

    def send(self, data: bytes) -> None:
        """Send bytes past the server. Only where there is a socket."""

    def flush(self) -> bool:
        """Return whether everything that was sent has arrived."""

    def reset(self) -> NoReturn:
        """Reset it.

        Raises:
            ConnectionResetError: always: the server, or a client in the same process, gives up.
        """

    def hang_up(self) -> NoReturn:
        """Close it at once.

        Raises:
            ConnectionResetError: always, as for `reset`.
        """


class InProcess:
    """The connection of a client in the same process: there is none."""

    is_wire = False

    def has_left(self) -> bool:
        """As `Connection.has_left`: nobody can tell."""
        return False

    def send(self, data: bytes) -> None:
        """As `Connection.send`."""
        raise AssertionError(data)

    def flush(self) -> bool:
        """As `Connection.flush`."""
        return True

    def reset(self) -> NoReturn:
        """As `Connection.reset`."""
        raise ConnectionResetError(errno.ECONNRESET, "reset, as a fault asks")

    def hang_up(self) -> NoReturn:
        """As `Connection.hang_up`."""
        raise ConnectionResetError(errno.ECONNRESET, "closed too early, as a fault asks")


IN_PROCESS = InProcess()


KEY_HEADERS = ("authorization", "x-api-key", "api-key", "x-goog-api-key")
"""Where vendors take a key, the first that there is."""

KEY_PARAMETERS = ("key",)
"""Parameters of the query in which vendors take a key."""


class Raw(Struct, frozen=True):
    """A request as it came over the wire.

    `path` is decoded, without the query, and as the client sent it but for the session; `query`
    is as sent; header names are lower-case. `session` is the one that the client names, by header
    or by URL, "" for none. `unread` says why `body` is empty although the client sent one.
    `fault` is what the URL asks to go wrong, in the words of the header, "" for nothing.
    `url_parts` are the parts of the URL that vary, by the names that the route gives them.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    session: str = ""
    unread: RequestError | None = None
    fault: str = ""
    connection: Connection = IN_PROCESS
    url_parts: Mapping[str, str] = {}

    @property
    def api_key(self) -> str:
        """The key, wherever the vendor takes it: a header or the query; "" when there is none."""
        headers = self.headers
        for name in KEY_HEADERS:
            key = _SCHEME.sub("", headers.get(name, "")).strip()
            if key:
                return key
        found = parse_qs(self.query) if self.query else {}
        return next((found[name][0] for name in KEY_PARAMETERS if name in found), "")
