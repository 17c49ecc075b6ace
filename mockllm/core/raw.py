"""A request as it came over the wire."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

from msgspec import Struct

from mockllm.errors import RequestError

_SCHEME = re.compile(r"\s*bearer(\s|$)", re.IGNORECASE)  # servers cut the space after it


def _nobody_can_tell() -> bool:
    return False


class Raw(Struct, frozen=True):
    """A request as it came over the wire.

    `path` is decoded, without the query, and as the client sent it but for the session; `query`
    is as sent; header names are lower-case. `session` is the one that the client names, by header
    or by URL, "" for none. `unread` says why `body` is empty although the client sent one.
    `client_left` tells whether the connection has been closed at the other end. `url_parts` are
    the parts of the URL that vary, by the names that the route gives them.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    session: str = ""
    unread: RequestError | None = None
    client_left: Callable[[], bool] = _nobody_can_tell
    url_parts: Mapping[str, str] = {}

    @property
    def api_key(self) -> str:
        """The key, wherever the vendor takes it: a header or the query; "" when there is none."""
        headers = self.headers
        bearer = _SCHEME.sub("", headers.get("authorization", "")).strip()
        for name in ("x-api-key", "api-key", "x-goog-api-key"):
            bearer = bearer or headers.get(name, "")
        return bearer or parse_qs(self.query).get("key", [""])[0]
