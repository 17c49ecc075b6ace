"""`POST /api/generate`: a prompt is completed.

Sources: ollama-python 0.6.3 (`_types.py`) and https://docs.ollama.com/api/generate, read
2026-11-22.

Departures: `model` is echoed; `context` is empty, and the one that a request sends is let
through; `suffix`, `template` and `raw` change nothing. A refusal is said as text; tools cannot be
called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.model import Encoding, Message, Part, Request, Text
from mockllm.core.protocol import Frame
from mockllm.core.raw import Raw
from mockllm.providers.ollama import dialect, judgements, said, schema
from mockllm.providers.ollama.request import (
    check,
    images,
    load_reason,
    response_format,
    sampling,
)
from mockllm.wire import ndjson, typed

NAME = "completion"
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON, "ndjson": ndjson.CONTENT_TYPE}

JUDGEMENTS = judgements.GENERATE
headers = dialect.headers
render_error = dialect.render_error
error_frame = dialect.error_frame

_decoder = msgspec.json.Decoder(schema.GenerateRequest)


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        NothingAsked: there is no prompt: the model is only loaded, or unloaded.
        RequestError: the body is not JSON, lacks `model`, or has a member of the wrong type.
    """
    body = typed.decode(raw.body, _decoder)
    model = check(body)
    if not body.prompt and not body.images:
        raise dialect.NothingAsked(said.loaded(model, _worded, load_reason(body)))
    return Request(
        operation=NAME,
        provider=dialect.NAME,
        model=model,
        messages=tuple(_messages(body)),
        sampling=sampling(body),
        stream=body.stream is not False,
        encoding="ndjson",
        response_format=response_format(body),
        wire=body,
    )


def _messages(body: schema.GenerateRequest) -> Iterator[Message]:
    if body.system:
        yield Message("system", (Text(body.system),))
    prompt: tuple[Part, ...] = (Text(body.prompt),) if body.prompt else ()
    yield Message("user", (*prompt, *images(body.images)))


def render(exchange: Exchange) -> bytes:
    """Return a whole answer."""
    return msgspec.json.encode(said.whole(exchange, _worded, _last()))


def stream(exchange: Exchange) -> Iterator[Frame]:
    """Yield chunks; the last one has `done` and what it all took."""
    return said.stream(exchange, _worded, _last())


def _last() -> said.Members:
    return {"context": []}


def _worded(told: said.Said) -> said.Members:
    if told.thinking:
        return {"response": told.content, "thinking": told.thinking}
    return {"response": told.content}
