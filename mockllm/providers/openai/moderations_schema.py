"""The members of moderation requests that mockllm reads; any others are let through.

Source: openai-python 3.54 (`types/moderation_create_params.py`,
`moderation_multi_modal_input_param.py`), read 2026-11-22.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from mockllm.providers.openai.schema import ModelName

MAX_INPUTS = 2_048
DEFAULT_MODEL = "omni-moderation-latest"


class ModerationRequest(Struct):
    """`input` holds texts, each judged by itself, or the parts of one thing to judge."""

    input: str | Annotated[list[str | dict[str, Any]], Meta(min_length=1)]
    model: ModelName | None = None
