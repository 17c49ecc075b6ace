"""OpenAI's URLs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint

from mockllm.core.protocol import Whole
from mockllm.providers.azure import chat as azure_chat
from mockllm.providers.azure import completions as azure_completions
from mockllm.providers.azure import embeddings as azure_embeddings
from mockllm.providers.azure import responses as azure_responses
from mockllm.providers.azure.shared import SharedDialect, SharedOperation
from mockllm.providers.openai import (
    chat,
    completions,
    conversations,
    dialect,
    embeddings,
    moderations,
    responses,
    stored_completions,
    stored_responses,
)
from mockllm.providers.openai.extras import fim, tokenizer
from mockllm.web.view import post, resource_view

bp = Blueprint("openai", __name__)
_dialect = SharedDialect(dialect)

RESOURCES: Mapping[str, Callable[..., Whole]] = {
    "GET /v1/chat/completions": stored_completions.list_completions,
    "GET /v1/chat/completions/<completion_id>": stored_completions.retrieve,
    "POST /v1/chat/completions/<completion_id>": stored_completions.update,
    "DELETE /v1/chat/completions/<completion_id>": stored_completions.delete,
    "GET /v1/chat/completions/<completion_id>/messages": stored_completions.list_messages,
    "POST /tokenize": tokenizer.tokenize,
    "POST /detokenize": tokenizer.detokenize,
    "GET /version": tokenizer.version,
    "POST /v1/responses/compact": stored_responses.compact,
    "POST /v1/responses/input_tokens": stored_responses.input_tokens,
    "GET /v1/responses/<response_id>": stored_responses.retrieve,
    "DELETE /v1/responses/<response_id>": stored_responses.delete,
    "POST /v1/responses/<response_id>/cancel": stored_responses.cancel,
    "GET /v1/responses/<response_id>/input_items": stored_responses.input_items,
    "POST /v1/conversations": conversations.create,
    "GET /v1/conversations/<conversation_id>": conversations.retrieve,
    "POST /v1/conversations/<conversation_id>": conversations.update,
    "DELETE /v1/conversations/<conversation_id>": conversations.delete,
    "GET /v1/conversations/<conversation_id>/items": conversations.list_items,
    "POST /v1/conversations/<conversation_id>/items": conversations.add_items,
    "GET /v1/conversations/<conversation_id>/items/<item_id>": conversations.retrieve_item,
    "DELETE /v1/conversations/<conversation_id>/items/<item_id>": conversations.delete_item,
}
"""What is fetched, and not composed by rules."""


post(bp, "/v1/chat/completions", SharedOperation(chat, azure_chat), stored_completions.keep)
post(bp, "/v1/responses", SharedOperation(responses, azure_responses), stored_responses.keep)
post(bp, "/v1/completions", SharedOperation(completions, azure_completions))
post(bp, "/v1/embeddings", SharedOperation(embeddings, azure_embeddings))
post(bp, "/v1/moderations", moderations)
post(bp, "/v1/fim/completions", fim)
for route, resource in RESOURCES.items():
    method, path = route.split()
    bp.add_url_rule(path, route, resource_view(resource, _dialect), methods=[method])
