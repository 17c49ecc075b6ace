"""What DeepSeek adds: `prompt_cache_hit_tokens` and `prompt_cache_miss_tokens` in `usage`.

Source: https://api-docs.deepseek.com/api/create-chat-completion, from memory. Its
`reasoning_content` is always there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockllm.core.exchange import Exchange
from mockllm.providers.openai.chunks import Chunk


def whole(body: dict[str, Any], _exchange: Exchange) -> dict[str, Any]:
    """Return a completion as DeepSeek has it."""
    return {**body, "usage": _with_cache(body["usage"])}


def chunks(plain: Iterator[Chunk], _exchange: Exchange) -> Iterator[Chunk]:
    """Yield chunks as DeepSeek has them."""
    for body, role, number in plain:
        told = {**body, "usage": _with_cache(body["usage"])} if "usage" in body else body
        yield told, role, number


def _with_cache(usage: dict[str, Any]) -> dict[str, Any]:
    hit = usage["prompt_tokens_details"]["cached_tokens"]
    missed = usage["prompt_tokens"] - hit
    return {**usage, "prompt_cache_hit_tokens": hit, "prompt_cache_miss_tokens": missed}
