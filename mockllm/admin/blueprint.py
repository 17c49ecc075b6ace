"""The URLs that are mockllm's and no vendor's."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from mockllm import __version__
from mockllm.admin.health import health
from mockllm.web.view import current_runtime

bp = Blueprint("admin", __name__)


@bp.get("/")
def index() -> Response:
    text = f"mockllm {__version__}. Health: /_mockllm/health. Manual: README.md and docs/.\n"
    return Response(text, mimetype="text/plain")


@bp.get("/health")
@bp.get("/_mockllm/health")
def show_health() -> Response:
    runtime = current_runtime()
    runtime.start()
    return jsonify(health(runtime))
