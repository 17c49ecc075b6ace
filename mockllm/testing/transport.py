"""A way to the server without a socket, for whichever httpx a client is built on."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


class Transport:
    """What `httpx.Client(transport=...)` and `httpx2.Client(transport=...)` take: the
    `WSGITransport` of the library that a request comes from, so that the caller need not know
    which one its SDK is built on. For synchronous clients.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._transports: dict[str, Any] = {}

    def handle_request(self, request: Any) -> Any:
        """Return the library's response to its request."""
        library = type(request).__module__.partition(".")[0]
        if library not in self._transports:
            made = sys.modules[library].WSGITransport(app=self._application)
            self._transports[library] = made
        return self._transports[library].handle_request(request)

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()
