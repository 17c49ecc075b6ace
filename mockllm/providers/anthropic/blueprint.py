"""Anthropic's URLs."""

from __future__ import annotations

from flask import Blueprint, Response

from mockllm.providers.anthropic import dialect, messages, threads
from mockllm.providers.anthropic.count_tokens import count_tokens
from mockllm.web.view import post, view_resource

bp = Blueprint("anthropic", __name__)


post(bp, "/v1/messages", messages, threads.keep)


@bp.post("/v1/messages/count_tokens")
def count_message_tokens() -> Response:
    return view_resource(count_tokens, dialect)
