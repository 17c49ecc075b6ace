"""How Gemini's API speaks whatever the operation: its headers and its errors.

Sources: https://ai.google.dev/gemini-api/docs/troubleshooting,
https://cloud.google.com/apis/design/errors and google-genai 3.4 (`errors.py`), read 2026-11-22.

Departures: a body that is too large gets 413; an error is one line of JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.faults import ErrorKind
from mockllm.core.protocol import Headers, Whole
from mockllm.errors import (
    InvalidRequest,
    MalformedBody,
    MethodNotAllowed,
    ModelNotFound,
    PathNotFound,
    RequestError,
    ScriptedError,
    Unfit,
    WrongKey,
    scripted_headers,
)
from mockllm.providers.gemini.proto_json import snake

NAME = "gemini"
SIGNS: tuple[str, ...] = ("x-goog-api-key", "x-goog-api-client")
JSON = "application/json"

_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""Google's canonical codes, which go with the HTTP statuses."""

_SCRIPTED: Mapping[ErrorKind, tuple[int, str]] = {
    "rate_limit": (429, "Resource has been exhausted (e.g. check quota)."),
    "overloaded": (503, "The model is overloaded. Please try again later."),
    "auth": (400, "API key not valid. Please pass a valid API key."),
    "permission": (403, "The caller does not have permission"),
    "not_found": (404, "The model is not found, or is not supported for this method."),
    "invalid": (400, "Request contains an invalid argument."),
    "context_length": (
        400,
        "The input token count exceeds the maximum number of tokens allowed (1048576).",
    ),
    "content_filter": (400, "The request was blocked by the safety filters."),
    "server": (500, "An internal error has occurred. Please retry."),
}
"""For each kind: status, message."""

_NO_KEY = (
    "Method doesn't allow unregistered callers (callers without established identity). Please use"
    " API Key or other form of API consumer identity to call this API."
)
NO_DATA = "required oneof field 'data' must have one initialized field"
_NO_MODEL = (
    "models/{} is not found for API version v1beta, or is not supported for this method. Call"
    " ListModels to see the list of available models and their supported methods."
)
_TYPES = "type.googleapis.com/google.rpc."
_BAD_KEY = {
    "@type": f"{_TYPES}ErrorInfo",
    "reason": "API_KEY_INVALID",
    "domain": "googleapis.com",
    "metadata": {"service": "generativelanguage.googleapis.com"},
}
_REQUESTS = {
    "generateContent": "GenerateContentRequest.",
    "streamGenerateContent": "GenerateContentRequest.",
    "embedContent": "EmbedContentRequest.",
    "batchEmbedContents": "BatchEmbedContentsRequest.",
    "countTokens": "CountTokensRequest.",
}
"""For each method: what it calls its body."""

_WORDS = {
    "str": "TYPE_STRING",
    "int": "TYPE_INT32",
    "float": "TYPE_FLOAT",
    "bool": "TYPE_BOOL",
    "array": "a list",
    "object": "an object",
}


def headers(exchange: Exchange) -> Headers:
    """Return the headers of every answer. The time is the planned one."""
    taken_ms = round(exchange.plan.whole_s * 1000) + 1
    return (("server-timing", f"gfet4t7; dur={taken_ms}"),)


def render_error(error: RequestError, exchange: Exchange) -> Whole:
    """Return `error` as `{"error": {"code", "message", "status", "details"}}`."""
    extra = scripted_headers(error) if isinstance(error, ScriptedError) else ()
    body = msgspec.json.encode(error_body(error, exchange))
    return Whole(_code(error), (("Content-Type", JSON), *extra), body)


def error_body(error: RequestError, exchange: Exchange) -> dict[str, Any]:
    """Return the error object, which is the same in a body and in a stream."""
    told: dict[str, Any] = {
        "code": _code(error),
        "message": _message(error, exchange),
        "status": _status(error),
    }
    details = _details(error, told["message"])
    return {"error": {**told, "details": details} if details else told}


def _code(error: RequestError) -> int:
    if isinstance(error, ScriptedError):
        return error.status or _SCRIPTED[error.kind][0]
    if isinstance(error, WrongKey):
        return 403 if error.is_missing else 400
    return error.status


def _status(error: RequestError) -> str:
    """Return the canonical code of the HTTP status; the kind's, where that has none."""
    code = _code(error)
    if code not in _STATUSES and isinstance(error, ScriptedError):
        code = _SCRIPTED[error.kind][0]
    return _STATUSES.get(code) or _STATUSES[500 if code >= 500 else 400]


def _details(error: RequestError, message: str) -> list[dict[str, Any]]:
    match error:
        case ScriptedError(kind="auth") | WrongKey(is_missing=False):
            return [_BAD_KEY]
        case ScriptedError(retry_after_s=float() | int() as seconds):
            delay = f"{seconds:.3f}".rstrip("0").rstrip(".")
            return [{"@type": f"{_TYPES}RetryInfo", "retryDelay": f"{delay}s"}]
        case InvalidRequest(fault="type"):
            return [_violation(_field(error.path), message)]
        case Unfit(param=str() as field):
            return [_violation(field, message)]
        case _:
            return []


def _violation(field: str, message: str) -> dict[str, Any]:
    """Return what tells the field that cannot be read; the body itself has no name."""
    named = {"field": field} if field else {}
    violation = {**named, "description": message}
    return {"@type": f"{_TYPES}BadRequest", "fieldViolations": [violation]}


def _message(error: RequestError, exchange: Exchange) -> str:
    match error:
        case ScriptedError():
            return error.words or _SCRIPTED[error.kind][1]
        case MalformedBody():
            return f"Invalid JSON payload received. {error.message}"
        case InvalidRequest():
            request = _REQUESTS.get(exchange.raw.path.rpartition(":")[2], "")
            return _listed(_invalid_words(error, request))
        case Unfit():
            return _listed(error.message)
        case WrongKey():
            return _NO_KEY if error.is_missing else _SCRIPTED["auth"][1]
        case ModelNotFound():
            return _NO_MODEL.format(error.model)
        case _:
            return _words_of_http(error)


def _words_of_http(error: RequestError) -> str:
    match error:
        case PathNotFound():
            return f"Not found: {error.method} {error.path}{error.advice}"
        case MethodNotAllowed():
            allowed = ", ".join(error.allowed)
            return f"{error.path} takes {allowed}, not {error.method}"
        case _:
            return error.message


def _listed(words: str) -> str:
    """Return what may be one of several faults as the API lists them, a line for each."""
    return f"{words}\n" if words.startswith("* ") else words


def _invalid_words(error: InvalidRequest, request: str) -> str:
    """Return what is said of a member; `request` is what its body is called."""
    field = _field(error.path)
    match error.fault:
        case "missing":
            name = field.rpartition(".")[2]
            return f"* {request}{field}: {name} is not specified"
        case "empty":
            return f"* {request}{field}: {NO_DATA}"
        case "type":
            kinds = [_WORDS.get(name, name) for name in error.expected.split(" | ")]
            wanted = " or ".join(kind for kind in kinds if kind != "null")
            return f"Invalid value at '{field}' ({wanted}), got {error.actual}"
        case "value":
            but = f", got {error.actual}" if error.actual else ""
            return f"* {request}{field}: takes a value {error.expected}{but}"
        case _:
            assert_never(error.fault)


def _field(path: tuple[str | int, ...]) -> str:
    """Return a path as the API writes it: `generation_config.stop_sequences[0]`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{snake(step)}" for step in path)
    return "".join(steps).removeprefix(".")
