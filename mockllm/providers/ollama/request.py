"""Reading what chats and completions have in common.

Source: ollama-python 0.6.3 (`_types.py`) and https://docs.ollama.com/api, read 2026-11-22.
Departure: every level of `think` is taken by every model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from mockllm.core.model import Image, ResponseFormat, Sampling
from mockllm.errors import InvalidRequest, RequestError
from mockllm.providers.ollama import dialect, keep_alive, schema
from mockllm.providers.ollama.go_json import quoted

_LEVELS = ("low", "medium", "high", "max", "")
_MEDIA_TYPES = {"iVBOR": "image/png", "/9j/": "image/jpeg", "R0lGO": "image/gif"}
_MAX_SHOWN = 100


class InvalidFormat(RequestError):
    """A `format` that is none, which the server finds out when it is too late for a 400."""

    status = 500


def check(body: schema.ModelRequest) -> str:
    """Return the name of the model, when what the types do not tell is right.

    Raises:
        RequestError: the model has no name, `top_logprobs` is out of bounds, or `think` is a word
            that is no level, or `keep_alive` is no duration.
    """
    keep_alive.seconds(body.keep_alive)
    if not 0 <= (body.top_logprobs or 0) <= schema.MAX_TOP_LOGPROBS:
        raise RequestError(f"top_logprobs must be between 0 and {schema.MAX_TOP_LOGPROBS}")
    if isinstance(body.think, str) and body.think not in _LEVELS:
        raise RequestError(
            f"invalid think value: {quoted(body.think[:_MAX_SHOWN])} (must be {dialect.LEVELS})"
        )
    return require(body.model)


def require(model: str | None) -> str:
    """Return the model's name.

    Raises:
        InvalidRequest: there is none.
    """
    if not model:
        raise InvalidRequest("missing", ("model",))
    return model


def load_reason(body: schema.ModelRequest) -> str:
    """Return what a request that asks nothing does to the model."""
    return "unload" if keep_alive.seconds(body.keep_alive) == 0 else "load"


def sampling(body: schema.ModelRequest) -> Sampling:
    """Return the options that are read. A `num_predict` below 1 means no limit."""
    options = body.options or schema.Options()
    limit_tokens = int(options.num_predict or 0)
    return Sampling(
        limit_tokens if limit_tokens > 0 else None,
        tuple(filter(None, options.stop or ())),
        (body.top_logprobs or 0) if body.logprobs else None,
    )


def response_format(body: schema.ModelRequest) -> ResponseFormat:
    """Return what `format` asks for.

    Raises:
        InvalidFormat: it is neither `json` nor an object.
    """
    wanted = body.format
    match wanted:
        case None | "":
            return ResponseFormat()
        case "json":
            return ResponseFormat("json_object")
        case dict():
            return ResponseFormat("json_schema", schema=wanted)
        case _:
            shown = quoted(msgspec.json.encode(wanted).decode()[:_MAX_SHOWN])
            raise InvalidFormat(
                f'invalid format: {shown}; expected "json" or a valid JSON Schema object'
            )


def images(sent: Sequence[str] | None) -> Iterator[Image]:
    """Yield images, which come as base64 and do not tell their kind."""
    for each in sent or ():
        kinds = (kind for start, kind in _MEDIA_TYPES.items() if each.startswith(start))
        yield Image(f"data:{next(kinds, 'application/octet-stream')};base64,{each}")
