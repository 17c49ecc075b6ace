"""OpenAI's URLs."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response

from mockllm.providers.openai import chat, dialect, stored_completions
from mockllm.web.view import view, view_resource

bp = Blueprint("openai", __name__)


@bp.post("/v1/chat/completions")
def chat_completions() -> Response:
    return view(chat, keep=stored_completions.keep)


@bp.get("/v1/chat/completions")
def list_completions() -> Response:
    return view_resource(stored_completions.list_completions, dialect)


@bp.get("/v1/chat/completions/<completion_id>")
def retrieve_completion(completion_id: str) -> Response:
    return view_resource(partial(stored_completions.retrieve, completion_id), dialect)


@bp.post("/v1/chat/completions/<completion_id>")
def update_completion(completion_id: str) -> Response:
    return view_resource(partial(stored_completions.update, completion_id), dialect)


@bp.delete("/v1/chat/completions/<completion_id>")
def delete_completion(completion_id: str) -> Response:
    return view_resource(partial(stored_completions.delete, completion_id), dialect)


@bp.get("/v1/chat/completions/<completion_id>/messages")
def list_completion_messages(completion_id: str) -> Response:
    return view_resource(partial(stored_completions.list_messages, completion_id), dialect)
