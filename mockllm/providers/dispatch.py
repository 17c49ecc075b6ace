"""URLs that vendors share, and those that nobody has: the dialect is chosen by the headers."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from mockllm import errors
from mockllm.core.protocol import Dialect, Resource
from mockllm.providers.anthropic import models as anthropic_models
from mockllm.providers.openai import models as openai_models
from mockllm.providers.registry import PROVIDERS
from mockllm.web.view import request_headers, view_error, view_resource

bp = Blueprint("shared", __name__)

_MOST_COMMON = "openai"
_MODEL_LISTS: Mapping[str, Resource] = {
    "anthropic": anthropic_models.list_models,
    "openai": openai_models.list_models,
}


@bp.get("/v1/models")
def list_models() -> Response:
    provider = provider_of(request_headers())
    return view_resource(_MODEL_LISTS[provider], PROVIDERS[provider])


def provider_of(headers: Mapping[str, str]) -> str:
    """Return whose client sent these headers."""
    for name, provider in PROVIDERS.items():
        if any(sign in headers for sign in provider.SIGNS):
            return name
    return _MOST_COMMON


def refuse(error: HTTPException) -> Response:
    """Return what Flask itself refuses (unknown path, wrong method) in a vendor's dialect."""
    method, path = request.method, request.path
    match error:
        case NotFound():
            return view_error(errors.PathNotFound(method, path), _dialect())
        case MethodNotAllowed():
            allowed = tuple(sorted(set(error.valid_methods or ()) - {"OPTIONS", "HEAD"}))
            refused = errors.MethodNotAllowed(method, path, allowed)
            response = view_error(refused, _dialect(_owner(allowed)))
            response.headers["Allow"] = ", ".join(allowed)
            return response
        case _:
            message = error.description or "Bad request."
            return view_error(errors.NotHttp(error.code or 400, message), _dialect())


def _dialect(owner: str = "") -> Dialect:
    """Return the dialect of the blueprint that owns the path, else the one the headers tell."""
    return PROVIDERS.get(owner) or PROVIDERS[provider_of(request_headers())]


def _owner(allowed: tuple[str, ...]) -> str:
    """Return the blueprint that has the request's path under another method."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None or not allowed:
        return ""
    # Said outright, because a WebSocket's upgrade matches no route for HTTP.
    endpoint, _ = adapter.match(method=allowed[0], websocket=False)
    return str(endpoint).partition(".")[0]
