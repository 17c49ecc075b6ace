"""The members of completion requests that mockllm reads; any others are let through.

Source: openai-python 3.54 (`types/completion_create_params.py`), read 2026-11-22.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from mockllm.providers.openai.inputs import Inputs
from mockllm.providers.openai.schema import MAX_STOPS, ModelName, StreamOptions

MAX_CHOICES = 128
MAX_LOGPROBS = 5


class CompletionRequest(Struct):
    """`best_of` and `suffix` are let through: nothing here is sampled, nor inserted."""

    model: ModelName
    prompt: Inputs | None = None
    n: Annotated[int, Meta(ge=1, le=MAX_CHOICES)] | None = None
    echo: bool | None = None
    logprobs: Annotated[int, Meta(ge=0, le=MAX_LOGPROBS)] | None = None
    max_tokens: Annotated[int, Meta(ge=0)] | None = None
    stop: str | Annotated[list[str], Meta(max_length=MAX_STOPS)] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
