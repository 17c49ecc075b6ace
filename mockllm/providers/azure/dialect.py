"""How Azure OpenAI speaks whatever the operation: its headers, and the errors that it words itself.

Sources: https://learn.microsoft.com/azure/ai-services/openai/reference and
/azure/ai-services/openai/concepts/content-filter, from memory; error bodies and streams that
users quote in public issue trackers. What a model behind Azure refuses (a malformed body, a wrong
type, a context that is too long) is worded as OpenAI words it.

Departures: a missing `api-version` is let through, and so is any of its values; 405 and 503 have
OpenAI's shape; a prompt that a rule filters was found hateful.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.faults import ErrorKind
from mockllm.core.protocol import Headers, Whole
from mockllm.errors import (
    ObjectNotFound,
    PathNotFound,
    RequestError,
    ScriptedError,
    scripted_headers,
)
from mockllm.providers.azure import filters
from mockllm.providers.openai import dialect as openai
from mockllm.providers.openai import limits

NAME = "azure"
SIGNS: tuple[str, ...] = ("api-key",)
JSON = openai.JSON
DEPLOYMENT = "deployment"
"""The kind of object that a URL names."""

_REGION = "East US"
_DEFAULT_VERSION = "2024-10-21"
_RETRY_AFTER_S = 1
_CODED: Mapping[ErrorKind, tuple[int, str, str]] = {
    "auth": (
        401,
        "401",
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide"
        " a valid key for an active subscription and use a correct regional API endpoint for your"
        " resource.",
    ),
    "permission": (403, "403", "Access denied due to Virtual Network/Firewall rules."),
    "not_found": (
        404,
        "DeploymentNotFound",
        "The API deployment for this resource does not exist. If you created the deployment within"
        " the last 5 minutes, please wait a moment and try again.",
    ),
    "rate_limit": (
        429,
        "429",
        "Requests to the {operation} Operation under Azure OpenAI API version {version} have"
        " exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after"
        " {seconds} seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to"
        " further increase the default rate limit.",
    ),
}
"""The errors that come from Azure itself: status, code, message."""

_FILTERED = (
    "The response was filtered due to the prompt triggering Azure OpenAI's content management"
    " policy. Please modify your prompt and retry. To learn more about our content filtering"
    " policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766"
)
_OPERATIONS = {
    "chat": "ChatCompletions_Create",
    "completion": "Completions_Create",
    "embedding": "Embeddings_Create",
}


def headers(exchange: Exchange) -> Headers:
    """Return the headers of every answer."""
    return (
        ("apim-request-id", _uuid(exchange, "apim")),
        ("x-request-id", _uuid(exchange, "request")),
        ("x-ms-region", _REGION),
        *limits.headers(exchange),
    )


def _uuid(exchange: Exchange, name: str) -> str:
    return str(UUID(exchange.draws.hex_id(f"azure {name}", 32), version=4))


def render_error(error: RequestError, exchange: Exchange) -> Whole:
    """Return `error` in Azure's words where it has any, else in OpenAI's."""
    match error:
        case ScriptedError(kind="content_filter"):
            status = error.status or 400
            return _whole(status, _filtered(error.words or _FILTERED, status), error)
        case ScriptedError() if error.kind in _CODED:
            status, code, words = _CODED[error.kind]
            message = error.words or _filled(words, error, exchange)
            return _whole(error.status or status, {"code": code, "message": message}, error)
        case ObjectNotFound() if error.name.kind == DEPLOYMENT:
            _, code, message = _CODED["not_found"]
            return _whole(404, {"code": code, "message": message}, error)
        case PathNotFound():
            message = f"Resource not found{error.advice}"
            return _whole(404, {"code": "404", "message": message}, error)
        case _:
            return openai.render_error(error, exchange)


def _filtered(message: str, status: int) -> dict[str, Any]:
    return {
        "message": message,
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": status,
        "innererror": {
            "code": "ResponsibleAIPolicyViolation",
            "content_filter_result": filters.FILTERED_PROMPT,
        },
    }


def _filled(words: str, error: ScriptedError, exchange: Exchange) -> str:
    """Return the message with what the request was and when the next one may come."""
    operation = exchange.request.operation if exchange.request else ""
    versions = parse_qs(exchange.raw.query).get("api-version", [_DEFAULT_VERSION])
    return words.format(
        operation=_OPERATIONS.get(operation, "Unknown"),
        version=versions[0],
        seconds=math.ceil(_wait_s(error)),
    )


def _wait_s(error: ScriptedError) -> float:
    return _RETRY_AFTER_S if error.retry_after_s is None else error.retry_after_s


def _whole(status: int, told: dict[str, Any], error: RequestError) -> Whole:
    extra = _scripted_headers(error) if isinstance(error, ScriptedError) else ()
    body = msgspec.json.encode({"error": told})
    return Whole(status, (("Content-Type", JSON), *extra), body)


def _scripted_headers(error: ScriptedError) -> Headers:
    """Return the headers of a rule's error; a 429 always says when to come again."""
    headers = scripted_headers(error)
    is_said = any(name.lower() == "retry-after" for name, _ in error.headers)
    if error.kind != "rate_limit" or is_said:
        return headers
    in_ms = ("retry-after-ms", str(math.ceil(_wait_s(error) * 1000)))
    if error.retry_after_s is None:
        return (("retry-after", str(_RETRY_AFTER_S)), in_ms, *headers)
    return (in_ms, *headers)
