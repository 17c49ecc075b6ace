"""A chat completion with what `settings.openai_extras` asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from typing import Any

from msgspec import Struct

from mockllm.core.exchange import Exchange
from mockllm.providers.openai import chat_message, chat_stream
from mockllm.providers.openai.chunks import Chunk, Sayings, plain
from mockllm.providers.openai.extras import deepseek, groq, mistral, openrouter, vllm


class _Extra(Struct, frozen=True):
    """How one adds to a whole completion, and to a stream of chunks."""

    whole: Callable[[dict[str, Any], Exchange], dict[str, Any]]
    chunks: Callable[[Iterator[Chunk], Exchange], Iterator[Chunk]]


_EXTRAS: Mapping[str, _Extra] = {
    "openrouter": _Extra(openrouter.whole, openrouter.chunks),
    "groq": _Extra(groq.whole, groq.chunks),
    "deepseek": _Extra(deepseek.whole, deepseek.chunks),
    "vllm": _Extra(vllm.whole, vllm.chunks),
    mistral.NAME: _Extra(mistral.whole, mistral.chunks),
}
"""In the order in which they add: Mistral's moves the reasoning, which others copy, and keeps back
chunks."""


def completion(exchange: Exchange) -> dict[str, Any]:
    """Return a `chat.completion`."""
    own = chat_message.completion(exchange)
    return reduce(lambda body, extra: extra.whole(body, exchange), _asked(exchange), own)


def chunks(exchange: Exchange) -> Iterator[Sayings]:
    """Yield the chunks of a stream."""
    said, asked = chat_stream.chunks(exchange), _asked(exchange)
    if not asked:
        return said
    return reduce(lambda found, extra: extra.chunks(found, exchange), asked, plain(said))


def _asked(exchange: Exchange) -> list[_Extra]:
    names = exchange.settings.openai_extras
    return [extra for name, extra in _EXTRAS.items() if name in names] if names else []
