"""Web pages may call the vendors' APIs: the answers carry what a browser asks for (CORS).

Fetch standard, https://fetch.spec.whatwg.org/#http-cors-protocol, read 2026-11-22. mockllm's own
pages stay closed: no web page that a developer visits may read what a port on their machine says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from mockllm.core.rules import Settings

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

MAX_REQUESTED = 100
"""How many request headers a preflight may ask for; the rest are not allowed."""

_ALLOW_ORIGIN = ("Access-Control-Allow-Origin", "*")
_PREFLIGHT = (
    _ALLOW_ORIGIN,
    ("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE"),
    ("Access-Control-Max-Age", "7200"),  # the most that Chrome keeps
)
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_MAX_LENGTH = 8_000
_ALWAYS_READABLE = frozenset(
    {
        "cache-control",
        "connection",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
        "set-cookie",
        "transfer-encoding",
    }
)
_CLOSED = ("_mockllm", "health")


def allow_pages(application: WSGIApplication, settings: Callable[[], Settings]) -> WSGIApplication:
    """Return `application` as pages of every origin may use it, unless `settings.cors` is false.

    It stands behind the doors, where PATH_INFO is what is routed. No `Vary: Origin`: the value is
    `*` for every origin.
    """

    def opened(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "HTTP_ORIGIN" not in environ or not settings().cors or _is_closed(environ["PATH_INFO"]):
            return application(environ, start_response)
        is_options = environ["REQUEST_METHOD"] == "OPTIONS"
        if is_options and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ:
            start_response("204 No Content", _preflight(environ))
            return []

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, _readable(headers), *error)

        return application(environ, start)

    return opened


def _is_closed(path: str) -> bool:
    """Return whether a path is mockllm's own. The router takes any number of slashes before it."""
    return path.lstrip("/").partition("/")[0] in _CLOSED


def _preflight(environ: WSGIEnvironment) -> list[tuple[str, str]]:
    headers = [*_PREFLIGHT]
    requested = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")[:_MAX_LENGTH].split(",")
    names = [name for each in requested if _TOKEN.fullmatch(name := each.strip())]
    if names:
        headers.append(("Access-Control-Allow-Headers", ", ".join(names[:MAX_REQUESTED])))
    if environ.get("HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK") == "true":
        headers.append(("Access-Control-Allow-Private-Network", "true"))
    return headers


def _readable(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return headers with those that let a page read the answer and every one of its headers.

    What a rule says by itself stays: two of a kind would make browsers refuse both.
    """
    names = {name.lower() for name, _ in headers}
    exposed = sorted(names - _ALWAYS_READABLE)
    own = [_ALLOW_ORIGIN, ("Access-Control-Expose-Headers", ", ".join(exposed))]
    return headers + [each for each in own if each[0].lower() not in names and each[1]]
