"""A second door: what operations answer at URLs without variable parts needs nothing of Flask,
which takes longer than the answer, so it is answered straight from the WSGI environment.

Which URLs these are is read off the application's routes. Everything else is Flask's: other
methods, other paths, and what they are refused with.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.http import HTTP_STATUS_CODES

from mockllm.web.view import EXTENSION, OperationView

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_STATUS_LINES = {code: f"{code} {phrase.upper()}" for code, phrase in HTTP_STATUS_CODES.items()}
"""As Flask has them."""


def direct(app: Flask, through_flask: WSGIApplication) -> WSGIApplication:
    """Return `through_flask`, the WSGI application of an `app` whose routes are complete, with the
    second door beside it."""
    views = direct_views(app)
    runtime = app.extensions[EXTENSION]

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        view = views.get(environ["PATH_INFO"])
        if view is None or environ["REQUEST_METHOD"] != "POST":
            return through_flask(environ, start_response)
        answer = view.answer(environ, runtime)
        status = _STATUS_LINES.get(answer.status) or f"{answer.status} UNKNOWN"
        start_response(status, list(answer.headers))
        return answer.body

    return application


def direct_views(app: Flask) -> dict[str, OperationView]:
    """Return the views that are answered directly, by their paths."""
    found = ((rule, app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules())
    return {
        rule.rule: view
        for rule, view in found
        if isinstance(view, OperationView) and not rule.arguments
    }
