"""Ollama's URLs. Its OpenAI-compatible ones, below `/v1`, are OpenAI's."""

from __future__ import annotations

from flask import Blueprint, Response

from mockllm.providers.ollama import chat, dialect, embed, embeddings, generate, models, server
from mockllm.web.view import view, view_resource

bp = Blueprint("ollama", __name__)


@bp.post("/api/chat")
def create_chat() -> Response:
    return view(chat)


@bp.post("/api/generate")
def generate_completion() -> Response:
    return view(generate)


@bp.post("/api/embed")
def embed_inputs() -> Response:
    return view(embed)


@bp.post("/api/embeddings")
def embed_prompt() -> Response:
    return view(embeddings)


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
