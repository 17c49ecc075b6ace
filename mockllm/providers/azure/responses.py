"""`POST /openai/responses`: OpenAI's; the model in the body is the deployment. Sources and
departures: `dialect` and OpenAI's `responses`; `content_filters` are not told.
"""

from __future__ import annotations

from msgspec import structs

from mockllm.core.model import Request
from mockllm.core.raw import Raw
from mockllm.providers.azure import dialect
from mockllm.providers.openai import responses as openai

NAME = openai.NAME
ENCODINGS = openai.ENCODINGS

JUDGEMENTS = openai.JUDGEMENTS
headers = dialect.headers
render_error = dialect.render_error
render = openai.render
stream = openai.stream
error_frame = openai.error_frame


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        RequestError: as OpenAI's.
    """
    return structs.replace(openai.parse(raw), provider=dialect.NAME)
