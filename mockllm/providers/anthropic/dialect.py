"""How Anthropic's API speaks whatever the operation: its headers and its errors.

Sources: anthropic-sdk-python 2.12 (`_exceptions.py`, `types/shared/*_error.py`) and
https://docs.anthropic.com/en/api/errors, read 2026-11-22.
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
    ObjectNotFound,
    PathNotFound,
    RequestError,
    ScriptedError,
    WrongKey,
    scripted_headers,
)
from mockllm.providers.anthropic import limits

NAME = "anthropic"
SIGNS: tuple[str, ...] = ("anthropic-version", "x-api-key", "anthropic-beta")
JSON = "application/json"

ORGANIZATION = "6d6f636b-6c6c-4d00-8000-000000000001"
"""The organization that every key belongs to."""

_ID_LENGTH = 22
_KINDS = {
    401: "authentication_error",
    404: "not_found_error",
    413: "request_too_large",
    500: "api_error",
}
_KINDS_OF_RULES = {402: "billing_error", 413: "request_too_large", 504: "timeout_error"}
"""What no kind of the rules stands for, by the status that a rule names."""

_SCRIPTED: Mapping[ErrorKind, tuple[int, str, str]] = {
    "rate_limit": (
        429,
        "rate_limit_error",
        "This request would exceed your account's rate limit. Please try again later.",
    ),
    "overloaded": (529, "overloaded_error", "Overloaded"),
    "auth": (401, "authentication_error", "invalid x-api-key"),
    "permission": (
        403,
        "permission_error",
        "Your API key does not have permission to use the specified resource.",
    ),
    "not_found": (404, "not_found_error", "The requested resource could not be found."),
    "invalid": (400, "invalid_request_error", "The request is invalid."),
    "context_length": (400, "invalid_request_error", "prompt is too long"),
    "content_filter": (
        400,
        "invalid_request_error",
        "Output blocked by content filtering policy",
    ),
    "server": (500, "api_error", "Internal server error"),
}
"""For each kind: status, type, message."""

_WORDS = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "array": "list",
    "object": "dictionary",
}


def headers(exchange: Exchange) -> Headers:
    """Return the headers of every answer."""
    return (
        ("request-id", _request_id(exchange)),
        ("anthropic-organization-id", ORGANIZATION),
        *limits.headers(exchange),
    )


def render_error(error: RequestError, exchange: Exchange) -> Whole:
    """Return `error` as `{"type": "error", "error": {"type", "message"}, "request_id"}`."""
    body = msgspec.json.encode(error_body(error, exchange))
    extra = scripted_headers(error) if isinstance(error, ScriptedError) else ()
    return Whole(_status(error), (("Content-Type", JSON), *extra), body)


def error_body(error: RequestError, exchange: Exchange) -> dict[str, Any]:
    """Return the error object, which is the same in a body and in a stream."""
    kind, message = _KINDS.get(error.status, "invalid_request_error"), _message(error)
    if isinstance(error, ScriptedError):
        _, kind, words = _SCRIPTED[error.kind]
        kind = _KINDS_OF_RULES.get(error.status, kind)
        message = error.words or words
    told: dict[str, Any] = {"type": kind, "message": message}
    if isinstance(error, ObjectNotFound):
        told["details"] = {"error_code": "thread_not_found"}  # clients then send it all again
    return {"type": "error", "error": told, "request_id": _request_id(exchange)}


def _status(error: RequestError) -> int:
    if isinstance(error, ScriptedError):
        return error.status or _SCRIPTED[error.kind][0]
    return error.status


def _request_id(exchange: Exchange) -> str:
    return f"req_01{exchange.draws.id('request', _ID_LENGTH)}"


def _message(error: RequestError) -> str:
    match error:
        case MalformedBody():
            return f"The request body is not valid JSON: {error.message}"
        case InvalidRequest():
            where = ".".join(map(str, error.path)) or "body"
            return f"{where}: {_fault_words(error)}"
        case WrongKey():
            return "x-api-key header is required" if error.is_missing else "invalid x-api-key"
        case ModelNotFound():
            return f"model: {error.model}"
        case PathNotFound():
            return f"Not Found ({error.method} {error.path}){error.advice}"
        case MethodNotAllowed():
            allowed = ", ".join(error.allowed)
            return f"Method Not Allowed ({error.path} takes {allowed}, not {error.method})"
        case _:
            return error.message


def _fault_words(error: InvalidRequest) -> str:
    match error.fault:
        case "missing":
            return "Field required"
        case "empty" if error.path == ("messages",):
            return "at least one message is required"
        case "empty":
            return "List should have at least 1 item after validation, not 0"
        case "type":
            kinds = [_WORDS.get(name, name) for name in error.expected.split(" | ")]
            wanted = " or ".join(kind for kind in kinds if kind != "null")
            return f"Input should be a valid {wanted}"
        case "value":
            bound = error.expected.replace(">=", "greater than or equal to").replace(
                "<=", "less than or equal to"
            )
            return f"Input should be {bound}"
        case _:
            assert_never(error.fault)
