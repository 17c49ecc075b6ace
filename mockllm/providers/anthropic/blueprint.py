"""Anthropic's URLs."""

from __future__ import annotations

from flask import Blueprint, Response

from mockllm.providers.anthropic import messages
from mockllm.web.view import view

bp = Blueprint("anthropic", __name__)


@bp.post("/v1/messages")
def create_message() -> Response:
    return view(messages)
