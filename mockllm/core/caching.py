"""What a provider's prompt cache has of an input."""

from __future__ import annotations

from msgspec import Struct, structs

from mockllm.core.model import Answer


class CacheUse(Struct, frozen=True, gc=False):
    """How many tokens of an input are read from the prompt cache, and how many written to it."""

    read_tokens: int = 0
    written_tokens: int = 0


NOTHING_CACHED = CacheUse()


def with_cache(reply: Answer, used: CacheUse) -> Answer:
    """Return `reply` with what its input did with the cache in its usage."""
    usage = structs.replace(
        reply.usage, cached_tokens=used.read_tokens, cache_write_tokens=used.written_tokens
    )
    return structs.replace(reply, usage=usage)
