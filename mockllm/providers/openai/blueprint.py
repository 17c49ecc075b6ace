"""OpenAI's URLs."""

from __future__ import annotations

from flask import Blueprint, Response

from mockllm.providers.openai import chat
from mockllm.web.view import view

bp = Blueprint("openai", __name__)


@bp.post("/v1/chat/completions")
def chat_completions() -> Response:
    return view(chat)
