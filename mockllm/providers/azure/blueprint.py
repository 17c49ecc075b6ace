"""Azure OpenAI's URLs; `/openai/v1` is OpenAI's blueprint's."""

from __future__ import annotations

from flask import Blueprint

from mockllm.providers.azure import chat, completions, dialect, embeddings, responses
from mockllm.providers.openai import models, stored_responses
from mockllm.providers.openai.blueprint import RESOURCES
from mockllm.web.view import post, resource_view

bp = Blueprint("azure", __name__)

DEPLOYMENT = "/openai/deployments/<deployment>"
_RESPONSES = "/v1/responses"


post(bp, f"{DEPLOYMENT}/chat/completions", chat)
post(bp, f"{DEPLOYMENT}/completions", completions)
post(bp, f"{DEPLOYMENT}/embeddings", embeddings)
post(bp, "/openai/responses", responses, stored_responses.keep)
bp.add_url_rule("/openai/models", "models", resource_view(models.list_models, dialect))
bp.add_url_rule("/openai/models/<name>", "model", resource_view(models.retrieve_model, dialect))
for route, resource in RESOURCES.items():
    method, path = route.split()
    if path.startswith(_RESPONSES):
        url = path.replace("/v1", "/openai", 1)
        bp.add_url_rule(url, f"{method} {url}", resource_view(resource, dialect), methods=[method])
