"""How Ollama speaks whatever the operation: its errors.

Source: https://docs.ollama.com/api/errors and Ollama's own words, as its server's source has
them, read 2026-11-22.

Departures: a path that is not there gets JSON, where the server says `404 page not found` as
plain text; a missing model name is a 400 everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.model import ErrorKind
from mockllm.core.protocol import Frame, Headers, Whole
from mockllm.errors import (
    InvalidRequest,
    MalformedBody,
    MethodNotAllowed,
    ModelNotFound,
    PathNotFound,
    RequestError,
    ScriptedError,
    WrongKey,
    scripted_headers,
)
from mockllm.wire import ndjson

NAME = "ollama"
SIGNS: tuple[str, ...] = ()
JSON = "application/json; charset=utf-8"

_SCRIPTED: Mapping[ErrorKind, tuple[int, str]] = {
    "rate_limit": (429, "too many requests"),
    "overloaded": (503, "server busy, please try again.  maximum pending requests exceeded"),
    "auth": (401, "unauthorized"),
    "permission": (403, "forbidden"),
    "not_found": (404, "model '{model}' not found"),
    "invalid": (400, "invalid request"),
    "context_length": (400, "the input length exceeds the context length"),
    "content_filter": (400, "the prompt was blocked by a content filter"),
    "server": (
        500,
        "model runner has unexpectedly stopped, this may be due to resource limitations or an"
        " internal error, check ollama server logs for details",
    ),
}
"""For each kind: status and message."""

_GO_TYPES = {
    "str": "string",
    "float": "float64",
    "array": "slice",
    "object": "struct",
}
_GO_VALUES = {"str": "string", "int": "number", "float": "number"}
_OPTION_TYPES = {"int": "integer", "float": "float32", "str": "string", "bool": "boolean"}
_REQUESTS = {
    "chat": "ChatRequest",
    "generate": "GenerateRequest",
    "embed": "EmbedRequest",
    "embeddings": "EmbeddingRequest",
    "show": "ShowRequest",
    "pull": "PullRequest",
}


class NothingAsked(RequestError):
    """A request that asks the model for nothing, such as one that only loads it: no rule is
    asked either. `body` makes the answer, which is no error."""

    status = 200

    def __init__(self, body: Callable[[Exchange], bytes]) -> None:
        super().__init__("nothing is asked of the model")
        self.body = body


def headers(_: Exchange) -> Headers:
    """Return the headers of every answer: Ollama has none of its own."""
    return ()


def render_error(error: RequestError, exchange: Exchange) -> Whole:
    """Return `error` as `{"error": message}`."""
    content_type = (("Content-Type", JSON),)
    if isinstance(error, NothingAsked):
        return Whole(error.status, content_type, error.body(exchange))
    extra = scripted_headers(error) if isinstance(error, ScriptedError) else ()
    body = msgspec.json.encode({"error": _message(error, exchange)})
    return Whole(_status(error), (*content_type, *extra), body)


def error_frame(error: RequestError, exchange: Exchange) -> Frame:
    """Return `error` as a line, as the server ends a stream that fails."""
    return Frame(ndjson.line({"error": _message(error, exchange)}), "end")


def whole(status: int, body: object) -> Whole:
    """Return `body` as JSON."""
    return Whole(status, (("Content-Type", JSON),), msgspec.json.encode(body))


def _status(error: RequestError) -> int:
    if isinstance(error, ScriptedError):
        return error.status or _SCRIPTED[error.kind][0]
    return error.status


def _message(error: RequestError, exchange: Exchange) -> str:
    match error:
        case ScriptedError():
            model = exchange.request.model if exchange.request else ""
            return error.words or _SCRIPTED[error.kind][1].format(model=model)
        case MalformedBody():
            return error.message if exchange.raw.body.strip() else "missing request body"
        case InvalidRequest():
            return _invalid_words(error, exchange)
        case ModelNotFound():
            return _SCRIPTED["not_found"][1].format(model=error.model)
        case WrongKey():
            return _SCRIPTED["auth"][1]
        case PathNotFound():
            return f"404 page not found ({error.method} {error.path}){error.advice}"
        case MethodNotAllowed():
            allowed = ", ".join(error.allowed)
            return f"405 method not allowed ({error.path} takes {allowed}, not {error.method})"
        case _:
            return error.message


def _invalid_words(error: InvalidRequest, exchange: Exchange) -> str:
    where = ".".join(step for step in error.path if isinstance(step, str))
    match error.fault:
        case "missing" | "empty":
            return f"{where} is required"
        case "value":
            return f"{where} must be {error.expected}"
        case "type":
            return _type_words(error, where, exchange)
        case _:
            assert_never(error.fault)


def _type_words(error: InvalidRequest, where: str, exchange: Exchange) -> str:
    """Return what Go's decoder says of a member of the wrong type."""
    kinds = [kind for kind in error.expected.split(" | ") if kind != "null"]
    if error.path[:1] == ("input",):
        return "invalid input type"
    if len(error.path) > 1 and error.path[0] == "options":
        if len(error.path) > 2:
            return f'option "{error.path[1]}" must be of an array of strings'
        wanted = _OPTION_TYPES.get(kinds[0], kinds[0])
        return f'option "{error.path[1]}" must be of type {wanted}'
    sent = _GO_VALUES.get(error.actual, error.actual)
    request = _REQUESTS.get(exchange.raw.path.rpartition("/")[2], "Request")
    if not where:
        return f"json: cannot unmarshal {sent} into Go value of type api.{request}"
    wanted = _GO_TYPES.get(kinds[0], kinds[0])
    return f"json: cannot unmarshal {sent} into Go struct field {request}.{where} of type {wanted}"
