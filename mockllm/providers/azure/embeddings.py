"""`POST /openai/deployments/{deployment}/embeddings`: OpenAI's. Sources and departures: `dialect`
and OpenAI's `embeddings`.
"""

from __future__ import annotations

import msgspec
from msgspec import structs

from mockllm.core.model import Request
from mockllm.core.raw import Raw
from mockllm.providers.azure import dialect
from mockllm.providers.azure.deployments import model_of
from mockllm.providers.openai import embeddings as openai
from mockllm.providers.openai import embeddings_schema, schema
from mockllm.wire import typed

NAME = openai.NAME
ENCODINGS = openai.ENCODINGS

JUDGEMENTS = openai.JUDGEMENTS
headers = dialect.headers
render_error = dialect.render_error
render = openai.render
stream = None
error_frame = None


class _EmbeddingRequest(embeddings_schema.EmbeddingRequest, kw_only=True):
    model: schema.ModelName = ""


_decoder = msgspec.json.Decoder(_EmbeddingRequest)


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        RequestError: as OpenAI's, but for a missing `model`.
    """
    body = typed.decode(raw.body, _decoder)
    body.model = model_of(raw, body.model)
    return structs.replace(openai.request_of(body), provider=dialect.NAME)
