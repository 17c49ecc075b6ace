"""The members of embedding requests that mockllm reads; any others are let through.

Source: openai-python 3.54 (`types/embedding_create_params.py`), read 2026-11-22.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from mockllm.providers.openai.inputs import Inputs
from mockllm.providers.openai.schema import ModelName

MAX_INPUTS = 2_048
MAX_DIMENSIONS = 4_096


class EmbeddingRequest(Struct):
    model: ModelName
    input: Inputs
    dimensions: Annotated[int, Meta(ge=1, le=MAX_DIMENSIONS)] | None = None
    encoding_format: str | None = None
