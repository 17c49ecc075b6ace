"""URLs that vendors share, and those that nobody has: the dialect is chosen by the headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from mockllm import errors
from mockllm.core.exchange import Exchange
from mockllm.core.objects import Objects
from mockllm.core.protocol import Dialect, Resource, Whole
from mockllm.providers.anthropic import models as anthropic_models
from mockllm.providers.azure.shared import is_azure
from mockllm.providers.gemini import models as gemini_models
from mockllm.providers.openai import models as openai_models
from mockllm.providers.registry import PROVIDERS
from mockllm.web.advice import advice
from mockllm.web.doors import client_path
from mockllm.web.view import request_headers, view_error, view_resource

ResourceOf = Callable[[str, Exchange, Objects], Whole]
"""A resource of what the URL names."""

bp = Blueprint("shared", __name__)

_MOST_COMMON = "openai"
_MODEL_LISTS: Mapping[str, Resource] = {
    "anthropic": anthropic_models.list_models,
    "azure": openai_models.list_models,
    "gemini": gemini_models.list_models,
    "openai": openai_models.list_models,
}
_MODELS: Mapping[str, ResourceOf] = {
    "anthropic": anthropic_models.retrieve_model,
    "azure": openai_models.retrieve_model,
    "gemini": gemini_models.retrieve_model,
    "openai": openai_models.retrieve_model,
}
_MODEL_DELETIONS: Mapping[str, ResourceOf] = {
    "azure": openai_models.delete_model,
    "openai": openai_models.delete_model,
}
_OF_AZURE = ("/openai/deployments/", "/openai/responses")
"""What only Azure's URLs begin with."""


@bp.get("/v1/models")
def list_models() -> Response:
    provider = _client()
    return view_resource(_MODEL_LISTS[provider], PROVIDERS[provider])


@bp.get("/v1/models/<path:name>")  # names may hold slashes
def retrieve_model(name: str) -> Response:
    return _of_model(name, _MODELS)


@bp.delete("/v1/models/<path:name>")
def delete_model(name: str) -> Response:
    return _of_model(name, _MODEL_DELETIONS)


def _of_model(name: str, resources: Mapping[str, ResourceOf]) -> Response:
    """Return the response in the client's dialect, which may have none at this URL."""
    provider = _client()
    if provider not in resources:
        raise MethodNotAllowed(["GET"])
    return view_resource(partial(resources[provider], name), PROVIDERS[provider])


def _client() -> str:
    """Return whose client sent the current request."""
    headers = request_headers()
    path, query = client_path(request.environ), request.environ.get("QUERY_STRING", "")
    if path.startswith(_OF_AZURE) or is_azure(path, query, headers):
        return "azure"
    return _signed(headers) or _only_one() or _MOST_COMMON


def provider_of(headers: Mapping[str, str]) -> str:
    """Return whose client sent these headers."""
    return _signed(headers) or _MOST_COMMON


def _signed(headers: Mapping[str, str]) -> str | None:
    """Return whose client sent these headers, None when they do not tell."""
    for name, provider in PROVIDERS.items():
        if any(sign in headers for sign in provider.SIGNS):
            return name
    return None


def refuse(error: HTTPException) -> Response:
    """Return what Flask itself refuses (unknown path, wrong method) in a vendor's dialect."""
    method, path = request.method, client_path(request.environ)
    match error:
        case NotFound():
            return view_error(errors.PathNotFound(method, path, _advice(path)), _dialect())
        case MethodNotAllowed():
            allowed = tuple(sorted(set(error.valid_methods or ()) - {"OPTIONS", "HEAD"}))
            refused = errors.MethodNotAllowed(method, path, allowed)
            response = view_error(refused, _dialect(_owner(allowed)))
            response.headers["Allow"] = ", ".join(allowed)
            return response
        case _:
            message = error.description or "Bad request."
            return view_error(errors.NotHttp(error.code or 400, message), _dialect())


def _advice(sent: str) -> str:
    """Return what to do about the request's path, which nobody has."""
    known = (
        rule.rule
        for rule in current_app.url_map.iter_rules()
        if not rule.arguments and not str(rule.endpoint).startswith("admin.")
    )
    return advice(request.path, sent, known)


def _dialect(owner: str = "") -> Dialect:
    """Return the dialect of the blueprint that owns the path, else the client's. OpenAI's own
    blueprint has Azure's clients too."""
    client = _client()
    is_told = owner in PROVIDERS and (owner, client) != ("openai", "azure")
    return PROVIDERS[owner if is_told else client]


def _only_one() -> str | None:
    """Return the provider that alone has paths that begin as the request's does, None where
    several or none have."""
    root = request.path.split("/", 2)[1]
    owners = {
        str(rule.endpoint).partition(".")[0]
        for rule in current_app.url_map.iter_rules()
        if rule.rule.split("/", 2)[1] == root
    }
    return owners.pop() if len(owners) == 1 and owners <= PROVIDERS.keys() else None


def _owner(allowed: tuple[str, ...]) -> str:
    """Return the blueprint that has the request's path under another method."""
    adapter = current_app.create_url_adapter(request)
    endpoint, _ = (
        adapter.match(method=allowed[0], websocket=False) if adapter and allowed else ("", {})
    )
    return str(endpoint).partition(".")[0]
