"""vLLM's `POST /tokenize`, `POST /detokenize` and `GET /version`.

Source: vLLM (`vllm/entrypoints/serve/tokenize/protocol.py`), as documented at
https://docs.vllm.ai/en/stable/serving/openai_compatible_server.html, from memory.

Departures: there is no vocabulary here. A token is at most three bytes of text, and its id tells
which, so that every list of tokens can be read again; so words have more tokens than `usage` counts
of them. No special tokens and no chat template are added. A text is at most 262,144 characters.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from mockllm.core import tokens
from mockllm.core.exchange import Exchange
from mockllm.core.objects import Objects
from mockllm.core.protocol import Whole
from mockllm.errors import InvalidRequest
from mockllm.providers.openai import dialect, schema
from mockllm.providers.openai.extras import vllm
from mockllm.wire import typed

MAX_CHARACTERS = 262_144
_VERSION = "0.11.0"
_BYTES_PER_TOKEN = 3
_LENGTH_BIT = 8 * _BYTES_PER_TOKEN
_MAX_ID = ((_BYTES_PER_TOKEN + 1) << _LENGTH_BIT) - 1


class _TokenizeRequest(Struct):
    """`messages` stand in place of `prompt` for chats."""

    prompt: str | None = None
    messages: Annotated[list[schema.ChatMessage], Meta(max_length=schema.MAX_MESSAGES)] = []
    return_token_strs: bool | None = None


class _DetokenizeRequest(Struct):
    tokens: Annotated[
        list[Annotated[int, Meta(ge=0, le=_MAX_ID)]], Meta(max_length=4 * MAX_CHARACTERS)
    ]


_tokenize_decoder = msgspec.json.Decoder(_TokenizeRequest)
_detokenize_decoder = msgspec.json.Decoder(_DetokenizeRequest)


def tokenize(exchange: Exchange, _: Objects) -> Whole:
    """Return the tokens of a text.

    Raises:
        RequestError: the body is not JSON, has no text, or too much of it.
    """
    body = typed.decode(exchange.raw.body, _tokenize_decoder)
    text = _text(body)
    if len(text) > MAX_CHARACTERS:
        most = f"of at most {MAX_CHARACTERS:,} characters"
        raise InvalidRequest("value", ("prompt",), most, str(len(text)))
    found = [part for piece in tokens.pieces(text) for part in _parts(piece.encode())]
    return _whole(
        {
            "count": len(found),
            "max_model_len": vllm.MAX_MODEL_TOKENS,
            "tokens": list(map(_id_of, found)),
            "token_strs": list(map(_shown, found)) if body.return_token_strs else None,
        }
    )


def detokenize(exchange: Exchange, _: Objects) -> Whole:
    """Return the text of tokens.

    Raises:
        RequestError: the body is not JSON, or an id is none of ours.
    """
    body = typed.decode(exchange.raw.body, _detokenize_decoder)
    return _whole({"prompt": _shown(b"".join(map(_bytes_of, body.tokens)))})


def version(_: Exchange, _objects: Objects) -> Whole:
    """Return the version of vLLM that is imitated."""
    return _whole({"version": _VERSION})


def _text(body: _TokenizeRequest) -> str:
    if body.prompt is not None:
        return body.prompt
    if not body.messages:
        raise InvalidRequest("missing", ("prompt",))
    return "\n".join(_said(message) for message in body.messages)


def _said(message: schema.ChatMessage) -> str:
    if isinstance(message.content, str):
        return message.content
    return "\n".join(str(part.get("text", "")) for part in message.content or ())


def _parts(piece: bytes) -> list[bytes]:
    return [piece[at : at + _BYTES_PER_TOKEN] for at in range(0, len(piece), _BYTES_PER_TOKEN)]


def _id_of(part: bytes) -> int:
    return len(part) << _LENGTH_BIT | int.from_bytes(part, "big")


def _bytes_of(token: int) -> bytes:
    """Return what a token stands for; an id that no text gives loses what has no place."""
    length = token >> _LENGTH_BIT
    return (token & (1 << 8 * length) - 1).to_bytes(length, "big")


def _shown(text: bytes) -> str:
    return text.decode(errors="replace")


def _whole(body: dict[str, Any]) -> Whole:
    return Whole(200, (("Content-Type", dialect.JSON),), msgspec.json.encode(body))
