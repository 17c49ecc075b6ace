"""`POST /v1/moderations`.

Sources: openai-python 3.54 (`types/moderation_create_response.py`, `types/moderation.py`,
`types/moderation_create_params.py`), read 2026-11-22; the order of the categories is that of the
guide, https://platform.openai.com/docs/guides/moderation.

Departures: `model` is echoed where the API answers with a dated name; every model judges images
and all categories; scores that no rule gives are made up, high for what is flagged.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.model import Encoding, Image, ModerationReply, Part, Request, Text, joined_text
from mockllm.core.raw import Raw
from mockllm.providers.openai import dialect, moderations_schema, schema
from mockllm.providers.openai.inputs import mixed, too_long
from mockllm.wire import typed

NAME = "moderation"
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON}

headers = dialect.headers
render_error = dialect.render_error
stream = None
error_frame = None

InputType = Literal["text", "image"]
_BOTH: tuple[InputType, ...] = ("text", "image")
_TEXT: tuple[InputType, ...] = ("text",)
_CATEGORIES: Mapping[str, tuple[InputType, ...]] = {
    "sexual": _BOTH,
    "sexual/minors": _TEXT,
    "harassment": _TEXT,
    "harassment/threatening": _TEXT,
    "hate": _TEXT,
    "hate/threatening": _TEXT,
    "illicit": _TEXT,
    "illicit/violent": _TEXT,
    "self-harm": _BOTH,
    "self-harm/intent": _BOTH,
    "self-harm/instructions": _BOTH,
    "violence": _BOTH,
    "violence/graphic": _BOTH,
}
"""Each category, with the types of input that it is judged by."""

_LOW, _HIGH = (0.000_001, 0.01), (0.8, 0.999)
_ID_LENGTH = 32

_decoder = msgspec.json.Decoder(moderations_schema.ModerationRequest)
_PARTS: typed.PartTable = {
    "text": (schema.TextPart, lambda part, _: Text(part.text)),
    "image_url": (schema.ImagePart, lambda part, _: Image(part.image_url.url)),
}


def parse(raw: Raw) -> Request:
    """Return the neutral request.

    Raises:
        RequestError: the body is not JSON, lacks `input`, or has a member of the wrong type.
    """
    body = typed.decode(raw.body, _decoder)
    return Request(
        operation=NAME,
        provider=dialect.NAME,
        model=body.model or moderations_schema.DEFAULT_MODEL,
        inputs=_inputs(body.input),
    )


def _inputs(sent: str | list[str | dict[str, Any]]) -> tuple[tuple[Part, ...], ...]:
    if isinstance(sent, str):
        return ((Text(sent),),)
    if len(sent) > moderations_schema.MAX_INPUTS:
        raise too_long(("input",), moderations_schema.MAX_INPUTS, len(sent))
    texts = [each for each in sent if isinstance(each, str)]
    if len(texts) == len(sent):
        return tuple((Text(each),) for each in texts)
    items = [each for each in sent if isinstance(each, dict)]
    if len(items) < len(sent):
        kinds = ["str" if isinstance(each, str) else "object" for each in sent]
        raise mixed(kinds, "input")
    return (typed.parts(items, _PARTS, ("input",)),)


def render(exchange: Exchange) -> bytes:
    """Return a result for each input, in their order."""
    request, replies = exchange.answered_by(ModerationReply)
    judged = zip(request.inputs, replies, strict=True)
    return msgspec.json.encode(
        {
            "id": f"modr-{exchange.draws.hex_id('moderation', _ID_LENGTH)}",
            "model": request.model,
            "results": [_result(parts, reply) for parts, reply in judged],
        }
    )


def _result(parts: tuple[Part, ...], reply: ModerationReply) -> dict[str, Any]:
    types = _types(parts)
    return {
        "flagged": bool(reply.flagged),
        "categories": {category: category in reply.flagged for category in _CATEGORIES},
        "category_scores": _scores(joined_text(parts), reply),
        "category_applied_input_types": {
            category: [each for each in judged_by if each in types]
            for category, judged_by in _CATEGORIES.items()
        },
    }


def _types(parts: tuple[Part, ...]) -> set[InputType]:
    kinds: Mapping[type[Part], InputType] = {Text: "text", Image: "image"}
    return {kinds[type(part)] for part in parts if type(part) in kinds}


def _scores(text: str, reply: ModerationReply) -> dict[str, float]:
    """Return the scores that the rule gives, and for the others some that follow from the text."""
    digest = blake2b(text.encode(), digest_size=2 * len(_CATEGORIES)).digest()
    scores = {}
    for number, category in enumerate(_CATEGORIES):
        share = int.from_bytes(digest[2 * number : 2 * number + 2], "big") / 0xFFFF
        least, most = _HIGH if category in reply.flagged else _LOW
        scores[category] = reply.scores.get(category, round(least + share * (most - least), 9))
    return scores
