"""Gemini's URLs, those of the Gemini API and those of Vertex AI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from flask import Blueprint, Response, request

from mockllm.core.protocol import Operation
from mockllm.errors import PathNotFound
from mockllm.providers.gemini import batch_embed, dialect, embed, generate, models
from mockllm.providers.gemini.count_tokens import count_tokens
from mockllm.web.doors import client_path
from mockllm.web.view import post, view_error, view_resource

bp = Blueprint("gemini", __name__)

_OWN_VERSIONS = ("v1beta", "v1", "v1alpha")
_VERTEX_VERSIONS = ("v1", "v1beta1")
_PUBLISHED = "publishers/google/models"
_SHARED = "/v1/models"
"""Where other vendors' models stand too, whose names may hold colons."""

_OPERATIONS: Mapping[str, Operation] = {
    "generateContent": generate,
    "streamGenerateContent": generate,
    "embedContent": embed,
    "batchEmbedContents": batch_embed,
}


def _folders() -> Iterator[str]:
    """Yield where models stand: in the Gemini API, in Vertex AI, and there without a project."""
    for version in _OWN_VERSIONS:
        yield f"/{version}/models"
        yield f"/{version}/tunedModels"
    for version in _VERTEX_VERSIONS:
        yield f"/{version}/projects/<project>/locations/<location>/{_PUBLISHED}"
        yield f"/{version}/{_PUBLISHED}"


def _count_tokens(**_: str) -> Response:
    return view_resource(count_tokens, dialect)


def _no_method(**_: str) -> Response:
    path = client_path(request.environ)
    return view_error(PathNotFound(request.method, path), dialect)


@bp.get("/v1beta/models")
@bp.get("/v1alpha/models")
def list_models() -> Response:
    return view_resource(models.list_models, dialect)


@bp.get("/v1beta/models/<model>")
@bp.get("/v1alpha/models/<model>")
def retrieve_model(model: str) -> Response:
    return view_resource(partial(models.retrieve_model, model), dialect)


for folder in _folders():
    for method, operation in _OPERATIONS.items():
        post(bp, f"{folder}/<model>:{method}", operation)
    path = f"{folder}/<model>:countTokens"
    bp.add_url_rule(path, path, _count_tokens, methods=["POST"])
    if folder != _SHARED:
        path = f"{folder}/<model>:<method>"
        bp.add_url_rule(path, path, _no_method, methods=["POST"])
