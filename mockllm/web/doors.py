"""URL prefixes for programs that can only change the base URL: `/s/<session>/v1/...`.

They are moved from PATH_INFO to SCRIPT_NAME before anything routes, so that no route knows them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

SESSION_KEY = "mockllm.session"
"""Where the session of the URL stands in the WSGI environment."""

MAX_SESSION_LENGTH = 200
_DOOR = "/s/"


def open_doors(application: WSGIApplication) -> WSGIApplication:
    """Return `application` behind the doors."""

    def opened(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(_DOOR):
            pass_through(environ)
        return application(environ, start_response)

    return opened


def pass_through(environ: WSGIEnvironment) -> None:
    """Take the session off the path; a path that is nothing but a session is left as it is."""
    name, slash, rest = environ["PATH_INFO"][len(_DOOR) :].partition("/")
    if name and slash and len(name) <= MAX_SESSION_LENGTH:
        environ[SESSION_KEY] = name.encode("latin-1").decode(errors="replace")
        environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}{_DOOR}{name}"
        environ["PATH_INFO"] = f"/{rest}"
