"""URL prefixes for programs that can only change the base URL: `/s/<session>/v1/...`,
`/f/<fault>/v1/...`, and what stands in place of `/v1`: `/openai/v1`, `/api/v1`,
`/compatibility/v1`, `settings.prefixes`, or nothing.

They are taken off before anything routes, so that no route knows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from werkzeug.routing import Map

from mockllm.core.rules import Settings

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

SESSION_KEY = "mockllm.session"
"""Where the session of the URL stands in the WSGI environment."""

FAULT_KEY = "mockllm.fault"
"""Where the fault of the URL stands in the WSGI environment."""

PATH_KEY = "mockllm.path"
"""Where the path as the client sent it, without the session, stands when it is not PATH_INFO."""

MAX_SESSION_LENGTH = 200
_DOORS = {"/s/": SESSION_KEY, "/f/": FAULT_KEY}
_VERSION = "/v1"
_VERSIONED = re.compile(r"/v1(alpha|beta1?)?/")
_BUILT_IN = ("/openai/v1", "/api/v1", "/compatibility/v1")
"""Groq's and Azure's, OpenRouter's, Cohere's."""


class Served(Struct, frozen=True):
    """What the application answers.

    `taken` are the first two segments of the paths that have more (`/v1/chat`), `exact` the paths
    that have no more (`/api/chat`): no prefix hides them. `bare` are the segments after `/v1` that
    are answered without it too (`chat`).
    """

    taken: frozenset[str]
    exact: frozenset[str]
    bare: frozenset[str]


def served(routes: Map, bare: Iterable[str]) -> Served:
    """Return what `routes` serve below `/v1`; `bare` names the blueprints that need no `/v1`."""
    rules = list(routes.iter_rules())
    paths = frozenset(rule.rule for rule in rules)
    return Served(
        frozenset(_head(path) for path in paths if _head(path) != path),
        frozenset(path for path in paths if _head(path) == path),
        frozenset(
            _segment(rule.rule.removeprefix(_VERSION))
            for rule in rules
            if rule.rule.startswith("/v1/") and str(rule.endpoint).partition(".")[0] in bare
        ),
    )


def open_doors(
    application: WSGIApplication, settings: Callable[[], Settings], paths: Served
) -> WSGIApplication:
    """Return `application` behind the doors. `settings` are looked up for each request."""

    def opened(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        while pass_through(environ):
            pass
        prefixes = settings().prefixes
        if prefixes or not environ["PATH_INFO"].startswith("/v1/"):
            take_off(environ, prefixes, paths)
        return application(environ, start_response)

    return opened


def client_path(environ: dict[str, Any]) -> str:
    """Return the path as the client sent it, decoded and without the session."""
    path: str = environ.get(PATH_KEY) or environ["PATH_INFO"]
    return path.encode("latin-1").decode(errors="replace")


def pass_through(environ: WSGIEnvironment) -> bool:
    """Take a session or a fault off the path, and return whether there was one to take; a path
    that is nothing but that is left as it is, and so is a second one of a kind."""
    path = environ["PATH_INFO"]
    key = _DOORS.get(path[:3])
    if key is None or key in environ:
        return False
    name, slash, rest = path[3:].partition("/")
    if not name or not slash or len(name) > MAX_SESSION_LENGTH:
        return False
    environ[key] = name.encode("latin-1").decode(errors="replace")
    environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}{path[:3]}{name}"
    environ["PATH_INFO"] = f"/{rest}"
    return True


def take_off(environ: WSGIEnvironment, prefixes: tuple[str, ...], paths: Served) -> None:
    """Put `/v1` where a prefix stands. `prefixes` hold the longer ones first."""
    path = environ["PATH_INFO"]
    found = _below_version(path, prefixes, paths)
    if found is not None:
        removed, environ["PATH_INFO"] = found
        environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}{removed}"
        environ[PATH_KEY] = path


def _below_version(path: str, prefixes: tuple[str, ...], paths: Served) -> tuple[str, str] | None:
    """Return what is removed from a path and what is left, None when it stays as it is."""
    if path in paths.exact or _head(path) in paths.taken:
        return None
    for prefix in (*prefixes, *_BUILT_IN):
        if path.startswith(f"{prefix}/"):
            rest = path[len(prefix) :]
            if prefix.endswith(_VERSION):
                return prefix.removesuffix(_VERSION), f"{_VERSION}{rest}"
            return prefix, rest if _VERSIONED.match(rest) else f"{_VERSION}{rest}"
    return ("", f"{_VERSION}{path}") if _segment(path) in paths.bare else None


def _head(path: str) -> str:
    """Return the first two segments of a path."""
    return "/".join(path.split("/", 3)[:3])


def _segment(path: str) -> str:
    """Return the first segment of a path."""
    return path[1:].partition("/")[0]
