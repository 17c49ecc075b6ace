"""How Ollama speaks whatever the operation: its errors.

Source: https://docs.ollama.com/api/errors and Ollama's own words, as its server's source has
them, read 2026-11-22.

Departures: a path that is not there gets JSON, where the server says `404 page not found` as
plain text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.faults import ErrorKind
from mockllm.core.protocol import Frame, Headers, Whole
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
from mockllm.providers.ollama import go_types
from mockllm.providers.ollama.go_json import malformed
from mockllm.wire import ndjson

NAME = "ollama"
SIGNS: tuple[str, ...] = ()
JSON = "application/json; charset=utf-8"

_NO_MODEL = "model '{model}' not found"
_NO_MODEL_TO_EMBED = 'model "{model}" not found, try pulling it first'
INVALID_NAME = "invalid model name"

_SCRIPTED: Mapping[ErrorKind, tuple[int, str]] = {
    "rate_limit": (429, "too many requests"),
    "overloaded": (503, "server busy, please try again.  maximum pending requests exceeded"),
    "auth": (401, "unauthorized"),
    "permission": (403, "forbidden"),
    "not_found": (404, _NO_MODEL),
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

_OPTION_TYPES = {"int": "integer", "float": "float32", "str": "string", "bool": "boolean"}
LEVELS = '"high", "medium", "low", "max", true, or false'
"""What `think` takes."""

_THINK = f"think must be a boolean or string ({LEVELS})"


class NothingAsked(RequestError):
    """A request that asks the model for nothing, such as one that only loads it: no rule is
    asked either. `body` makes the answer, which is no error."""

    status = 200

    def __init__(self, body: Callable[[Exchange], bytes]) -> None:
        super().__init__("nothing is asked of the model")
        self.body = body


class BadOption(Unfit):
    """An option of the wrong type, which the server finds out when the model is loaded."""

    status = 500


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
    return Whole(_status(error, exchange), (*content_type, *extra), body)


def error_frame(error: RequestError, exchange: Exchange) -> Frame:
    """Return `error` as a line, as the server ends a stream that fails."""
    return Frame(ndjson.line({"error": _message(error, exchange)}), "end")


def whole(status: int, body: object) -> Whole:
    """Return `body` as JSON."""
    return Whole(status, (("Content-Type", JSON),), msgspec.json.encode(body))


def _status(error: RequestError, exchange: Exchange) -> int:
    if isinstance(error, ScriptedError):
        return error.status or _SCRIPTED[error.kind][0]
    if isinstance(error, InvalidRequest):
        if _is_option(error):
            return BadOption.status
        is_unknown = error.fault == "missing" and _operation(exchange) in ("generate", "embed")
        return 404 if is_unknown else 400
    return error.status


def _message(error: RequestError, exchange: Exchange) -> str:
    match error:
        case ScriptedError():
            model = exchange.request.model if exchange.request else ""
            return error.words or _SCRIPTED[error.kind][1].format(model=model)
        case MalformedBody():
            return _malformed_words(error, exchange.raw.body)
        case InvalidRequest():
            return _invalid_words(error, exchange)
        case ModelNotFound():
            is_old = _operation(exchange) == "embeddings"
            return (_NO_MODEL_TO_EMBED if is_old else _NO_MODEL).format(model=error.model)
        case WrongKey():
            return _SCRIPTED["auth"][1]
        case PathNotFound():
            return f"404 page not found ({error.method} {error.path}){error.advice}"
        case MethodNotAllowed():
            allowed = ", ".join(error.allowed)
            return f"405 method not allowed ({error.path} takes {allowed}, not {error.method})"
        case _:
            return error.message


def _malformed_words(error: MalformedBody, body: bytes) -> str:
    if not body.strip():
        return "missing request body"
    return malformed(body) or error.message


def _invalid_words(error: InvalidRequest, exchange: Exchange) -> str:
    broken = malformed(exchange.raw.body)
    if broken is not None:
        return broken
    where = ".".join(step for step in error.path if isinstance(step, str))
    match error.fault:
        case "missing" | "empty":
            return _missing_words(where, exchange)
        case "value":
            return f"{where} must be {error.expected}"
        case "type":
            return _type_words(error, exchange)
        case _:
            assert_never(error.fault)


def _missing_words(where: str, exchange: Exchange) -> str:
    match where, _operation(exchange):
        case "model", "generate" | "embed":
            return _NO_MODEL.format(model="")
        case "model", "pull":
            return INVALID_NAME
        case _:
            return f"{where} is required"


def _type_words(error: InvalidRequest, exchange: Exchange) -> str:
    match error.path:
        case ("input", *_):
            return "invalid input type"
        case ("think",):
            return _THINK
        case ("options", str() as name):
            kind = next(kind for kind in error.expected.split(" | ") if kind != "null")
            return option_words(name, _OPTION_TYPES.get(kind, kind))
        case ("options", str() as name, _):
            return f'option "{name}" must be of an array of strings'
        case _:
            return go_types.words(error, exchange.raw.path, exchange.raw.body)


def option_words(name: str, wanted: str) -> str:
    """Return what is said of an option of the wrong type."""
    return f'option "{name}" must be of type {wanted}'


def _is_option(error: InvalidRequest) -> bool:
    """Whether an option has the wrong type, which the server finds out when the model is loaded."""
    return error.fault == "type" and len(error.path) > 1 and error.path[0] == "options"


def _operation(exchange: Exchange) -> str:
    return exchange.raw.path.rpartition("/")[2]
