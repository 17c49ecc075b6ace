"""`POST /openai/deployments/{deployment}/completions`: OpenAI's, with what the content filter says.
Sources and departures: `dialect`, `filters` and OpenAI's `completions`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import structs

from mockllm.core.exchange import Exchange
from mockllm.core.model import Request
from mockllm.core.protocol import Frame, Frames
from mockllm.core.raw import Raw
from mockllm.providers.azure import dialect, filters
from mockllm.providers.azure.deployments import model_of
from mockllm.providers.openai import completions as openai
from mockllm.providers.openai import completions_schema, schema
from mockllm.providers.openai.chunks import Sayings, changed, framed
from mockllm.wire import typed

NAME = openai.NAME
ENCODINGS = openai.ENCODINGS

JUDGEMENTS = openai.JUDGEMENTS
headers = dialect.headers
render_error = dialect.render_error
error_frame = openai.error_frame


class _CompletionRequest(completions_schema.CompletionRequest, kw_only=True):
    model: schema.ModelName = ""


_decoder = msgspec.json.Decoder(_CompletionRequest)


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        RequestError: as OpenAI's, but for a missing `model`.
    """
    body = typed.decode(raw.body, _decoder)
    body.model = model_of(raw, body.model)
    return structs.replace(openai.request_of(body), provider=dialect.NAME)


def render(exchange: Exchange) -> bytes:
    """Return a `text_completion`."""
    whole = openai.completion(exchange)
    judged = {"choices": list(map(filters.of_choice, whole["choices"]))}
    return msgspec.json.encode({**whole, **judged, **filters.of_prompts(_prompts(exchange))})


def stream(exchange: Exchange) -> Iterator[Frame | Frames]:
    """Yield what is said of the prompts, then OpenAI's chunks with what is said of each."""
    return framed(_chunks(exchange))


def _chunks(exchange: Exchange) -> Iterator[Sayings]:
    yield filters.first_chunk(_prompts(exchange)), "open", None
    yield from changed(openai.chunks(exchange), filters.of_chunk)


def _prompts(exchange: Exchange) -> int:
    return len(exchange.answered[0].inputs)
