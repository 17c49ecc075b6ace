"""Ollama's URLs. Its OpenAI-compatible ones, below `/v1`, are OpenAI's."""

from __future__ import annotations

from flask import Blueprint, Response

from mockllm.providers.ollama import chat, dialect, embed, embeddings, generate, models, server
from mockllm.web.view import post, view_resource

bp = Blueprint("ollama", __name__)


post(bp, "/api/chat", chat)
post(bp, "/api/generate", generate)
post(bp, "/api/embed", embed)
post(bp, "/api/embeddings", embeddings)


@bp.get("/api/tags")
def list_models() -> Response:
    return view_resource(models.list_models, dialect)


@bp.get("/api/ps")
def list_loaded() -> Response:
    return view_resource(models.list_loaded, dialect)


@bp.post("/api/show")
def show_model() -> Response:
    return view_resource(models.show_model, dialect)


@bp.get("/api/version")
def version() -> Response:
    return view_resource(server.version, dialect)


@bp.post("/api/pull")
def pull_model() -> Response:
    return view_resource(server.pull_model, dialect)
