"""Mistral's `POST /v1/fim/completions`: what stands between `prompt` and `suffix`, as a chat.

Source: https://docs.mistral.ai/api/#tag/fim, from memory. Departures: rules see the prompt; the
suffix is a member of the body like others (`when: {params: {suffix: ...}}`). `usage` comes in a
stream when `stream_options` asks for it, and not always.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from mockllm.core.judging import Judgement
from mockllm.core.model import Request, Sampling, Text
from mockllm.core.raw import Raw
from mockllm.providers.openai import chat, dialect, schema
from mockllm.wire import typed

NAME = "completion"
ENCODINGS = chat.ENCODINGS

JUDGEMENTS: tuple[Judgement, ...] = ()
headers = chat.headers
render_error = chat.render_error
render = chat.render
stream = chat.stream
error_frame = chat.error_frame


class _FimRequest(Struct):
    model: schema.ModelName
    prompt: str
    max_tokens: Annotated[int, Meta(ge=0)] | None = None
    stop: str | Annotated[list[str], Meta(max_length=schema.MAX_STOPS)] | None = None
    stream: bool | None = None
    stream_options: schema.StreamOptions | None = None


_decoder = msgspec.json.Decoder(_FimRequest)


def parse(raw: Raw) -> Request:
    """Return the neutral request. What it is rendered by is a chat of the same model.

    Raises:
        RequestError: the body is not JSON, lacks `model` or `prompt`, or has a member of the wrong
            type.
    """
    body = typed.decode(raw.body, _decoder)
    stop = (body.stop,) if isinstance(body.stop, str) else tuple(body.stop or ())
    options = body.stream_options
    return Request(
        operation=NAME,
        provider=dialect.NAME,
        model=body.model,
        inputs=((Text(body.prompt),),),
        sampling=Sampling(body.max_tokens, tuple(filter(None, stop))),
        stream=bool(body.stream),
        stream_usage=options is not None and bool(options.include_usage),
        wire=schema.ChatRequest(model=body.model, messages=[]),
    )
