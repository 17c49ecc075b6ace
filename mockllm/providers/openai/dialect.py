"""How OpenAI's API speaks whatever the operation: its headers and its errors.

Sources: openai-python 3.54 (`_exceptions.py`, `types/shared/error_object.py`) and
https://platform.openai.com/docs/guides/error-codes, read 2026-11-22. The messages are OpenAI's
own where it has one for the case.

Departures: the 404 of a stored chat completion is worded as that of a response; a number out of
bounds is not repeated where the body has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any, assert_never

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.faults import ErrorKind
from mockllm.core.protocol import Headers, Whole
from mockllm.errors import (
    BodyTooLarge,
    InvalidRequest,
    MalformedBody,
    MethodNotAllowed,
    ModelNotFound,
    NoMatch,
    ObjectNotFound,
    PathNotFound,
    RateLimited,
    RequestError,
    ScriptedError,
    Unfit,
    WrongKey,
    scripted_headers,
)
from mockllm.providers.openai import limits

NAME = "openai"
SIGNS: tuple[str, ...] = ("openai-organization", "openai-project", "openai-beta")
JSON = "application/json"

_API_VERSION = "2020-10-01"
_SCRIPTED: Mapping[ErrorKind, tuple[int, str, str | None, str]] = {
    "rate_limit": (
        429,
        "requests",
        "rate_limit_exceeded",
        "Rate limit reached for requests. Please try again later.",
    ),
    "overloaded": (
        503,
        "server_error",
        None,
        "The engine is currently overloaded, please try again later",
    ),
    "auth": (
        401,
        "invalid_request_error",
        "invalid_api_key",
        "Incorrect API key provided. You can find your API key at"
        " https://platform.openai.com/account/api-keys.",
    ),
    "permission": (
        403,
        "invalid_request_error",
        None,
        "You are not allowed to use this resource.",
    ),
    "not_found": (
        404,
        "invalid_request_error",
        "model_not_found",
        "The model does not exist or you do not have access to it.",
    ),
    "invalid": (400, "invalid_request_error", None, "The request is invalid."),
    "context_length": (
        400,
        "invalid_request_error",
        "context_length_exceeded",
        "This model's maximum context length is exceeded. Please reduce the length of the"
        " messages.",
    ),
    "content_filter": (
        400,
        "invalid_request_error",
        "content_policy_violation",
        "The request was rejected as a result of our safety system.",
    ),
    "server": (
        500,
        "server_error",
        None,
        "The server had an error while processing your request. Sorry about that!",
    ),
}
"""For each kind: status, type, code, message."""

_NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header"
    " using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with"
    " blank username) if you're accessing the API from your browser and are prompted for a"
    " username and password. You can obtain an API key from"
    " https://platform.openai.com/account/api-keys."
)
_WORDS = {
    "str": "a string",
    "int": "an integer",
    "float": "a decimal",
    "bool": "a boolean",
    "array": "an array",
    "object": "an object",
    "null": "null",
}


def headers(exchange: Exchange) -> Headers:
    """Return the headers of every answer. The processing time is the planned one."""
    return (
        ("x-request-id", f"req_{exchange.id}"),
        ("openai-processing-ms", str(round(exchange.plan.whole_s * 1000) + 1)),
        ("openai-version", _API_VERSION),
        *limits.headers(exchange),
    )


def render_error(error: RequestError, _exchange: Exchange) -> Whole:
    """Return `error` as `{"error": {"message", "type", "param", "code"}}`."""
    body = msgspec.json.encode(error_body(error))
    extra = scripted_headers(error) if isinstance(error, ScriptedError) else ()
    if isinstance(error, RateLimited):
        extra = (("retry-after-ms", str(ceil(error.wait_s * 1000))), *extra)
    return Whole(_status(error), (("Content-Type", JSON), *extra), body)


def error_body(error: RequestError) -> dict[str, Any]:
    """Return the error object, which is the same in a body and in a stream."""
    message, param, code = _words(error)
    kind = "server_error" if _status(error) >= 500 else "invalid_request_error"
    if isinstance(error, ScriptedError):
        _, kind, code, words = _SCRIPTED[error.kind]
        message = error.words or words
    if isinstance(error, RateLimited):
        message, kind = limits.message(error), limits.kind(error)
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _status(error: RequestError) -> int:
    match error:
        case ScriptedError():
            return error.status or _SCRIPTED[error.kind][0]
        case ObjectNotFound(is_continued=True) if error.name.kind == "response":
            return 400
        case _:
            return error.status


Words = tuple[str, str | None, str | None]
"""Message, param and code."""


def _words(error: RequestError) -> Words:
    match error:
        case InvalidRequest():
            return _invalid_words(error)
        case ObjectNotFound():
            return _not_found_words(error)
        case Unfit():
            return error.message, error.param, error.code
        case MalformedBody() | WrongKey() | ModelNotFound():
            return _refusal_words(error)
        case PathNotFound() | MethodNotAllowed():
            return _url_words(error)
        case _:
            code = {NoMatch: "no_match", BodyTooLarge: "request_too_large"}.get(type(error))
            return error.message, None, code


def _refusal_words(error: MalformedBody | WrongKey | ModelNotFound) -> Words:
    match error:
        case MalformedBody():
            return (
                "We could not parse the JSON body of your request. (HINT: This likely means you"
                " aren't using your HTTP library correctly. The OpenAI API expects a JSON"
                f" payload, but what was sent was not valid JSON: {error.message}.)",
                None,
                None,
            )
        case WrongKey():
            if error.is_missing:
                return _NO_KEY, None, None
            return _SCRIPTED["auth"][3], None, _SCRIPTED["auth"][2]
        case ModelNotFound():
            return (
                f"The model `{error.model}` does not exist or you do not have access to it.",
                None,
                "model_not_found",
            )
        case _:
            assert_never(error)


def _url_words(error: PathNotFound | MethodNotAllowed) -> Words:
    if isinstance(error, PathNotFound):
        return f"Invalid URL ({error.method} {error.path}){error.advice}", None, None
    return (
        f"Not allowed to {error.method} on {error.path}. (HINT: Perhaps you meant to use a"
        f" different HTTP method? Allowed: {', '.join(error.allowed)}.)",
        None,
        "method_not_supported",
    )


def _not_found_words(error: ObjectNotFound) -> Words:
    name = error.name
    if error.is_continued and name.kind == "response":
        message = f"Previous response with id '{name.id}' not found."
        return message, "previous_response_id", "previous_response_not_found"
    return f"{name.kind.capitalize()} with id '{name.id}' not found.", None, None


def _invalid_words(error: InvalidRequest) -> Words:
    param = param_of(error.path)
    match error.fault:
        case "missing" if param == "model":
            return "you must provide a model parameter", None, None
        case "missing":
            return f"Missing required parameter: '{param}'.", param, "missing_required_parameter"
        case "empty":
            return (
                f"Invalid '{param}': empty array. Expected an array with minimum length 1, but"
                " got an empty array instead.",
                param,
                "empty_array",
            )
        case "type":
            where = f"for '{param}'" if param else "for the request body"
            return (
                f"Invalid type {where}: expected {_kinds(error.expected)}, but got"
                f" {_kinds(error.actual)} instead.",
                param or None,
                "invalid_type",
            )
        case "value":
            return _value_words(param, error.expected, error.actual)
        case _:
            assert_never(error.fault)


def _value_words(param: str, expected: str, actual: str) -> Words:
    """Return message, param and code of a value that is not allowed.

    `expected` is a bound (`<= 100`), `among` with the values there are, or a phrase. `actual` may
    be "".
    """
    but = f", but got {actual} instead" if actual else ""
    comparison, _, values = expected.partition(" ")
    match comparison:
        case ">=":
            words, code = "integer below minimum value", "integer_below_min_value"
        case "<=":
            words, code = "integer above maximum value", "integer_above_max_value"
        case "among":
            message = f"Invalid value: '{actual}'. Supported values are: {values}."
            return message, param, "invalid_value"
        case _:
            return f"Invalid '{param}': expected a value {expected}{but}.", param, "invalid_value"
    return f"Invalid '{param}': {words}. Expected a value {expected}{but}.", param, code


def param_of(path: tuple[str | int, ...]) -> str:
    """Return a path as OpenAI writes it: `messages[0].content`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def _kinds(names: str) -> str:
    kinds = [name for name in names.split(" | ") if name != "null"] or ["null"]
    words = [_WORDS.get(name, name) for name in kinds]
    return words[0] if len(words) == 1 else f"one of {' or '.join(words)}"
