"""What both ways to ask for embeddings share.

Source: https://ai.google.dev/api/embeddings, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Sequence

from mockllm.core.model import Part, Request
from mockllm.core.raw import Raw
from mockllm.errors import InvalidRequest
from mockllm.providers.gemini import content, dialect, schema
from mockllm.providers.gemini.generate_request import model_of
from mockllm.wire.typed import Path

NAME = "embedding"

_DIMENSIONS = {"text-embedding-004": 768, "embedding-001": 768, "text-embedding-005": 768}
_MOST_DIMENSIONS = 3_072


def parts_to_embed(asked: schema.EmbedRequest, path: Path) -> tuple[Part, ...]:
    """Return what is to be embedded; `path` is where it stands.

    Raises:
        InvalidRequest: there is nothing, or a part is wrong.
    """
    if asked.content is None or not asked.content.parts:
        raise InvalidRequest("missing", (*path, "content"))
    return content.parts_of(asked.content, (*path, "content"))


def request_of(
    raw: Raw, named: str | None, asked: Sequence[schema.EmbedRequest], path: Path = ()
) -> Request:
    """Return the neutral request. All vectors are as long as the first is asked to be.

    Raises:
        InvalidRequest: the model's name is too long, or a content is missing or wrong.
    """
    model = model_of(raw, named)
    inputs = tuple(
        parts_to_embed(each, (*path, index) if path else ()) for index, each in enumerate(asked)
    )
    config = asked[0].embed_content_config
    wanted = asked[0].output_dimensionality or (config and config.output_dimensionality)
    return Request(
        operation=NAME,
        provider=dialect.NAME,
        model=model,
        inputs=inputs,
        dimensions=wanted or _DIMENSIONS.get(model, _MOST_DIMENSIONS),
    )
