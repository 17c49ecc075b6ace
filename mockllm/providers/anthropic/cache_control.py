"""What `cache_control` asks the prompt cache to hold.

Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching and
anthropic-sdk-python 2.12 (`types/cache_control_ephemeral_param.py`), read 2026-11-22.

Departures: the shortest prefix that the API caches (1,024 tokens and more) is not required, so
that tests need no long prompts; of more than four marks the last four count, where the API
refuses them; `tool_choice` and `thinking` are no part of the prefix.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct

from mockllm.core.model import CacheMark, Part, Tool
from mockllm.core.tokens import content_tokens, tool_tokens
from mockllm.providers.anthropic import schema

MAX_MARKS = 4
LOOKED_BACK = 20
"""At so many blocks' ends, the mark's own among them, a mark looks for what was cached before."""

_TTL_S = {"1h": 3600}
_DEFAULT_TTL_S = 300
_NEVER_LAST = ("thinking", "redacted_thinking")

_Contents = Sequence[Sequence[Part]]


class _Block(Struct, frozen=True):
    """A block of the input. `place` is where it stands: `tools`, `system` or a message's role;
    `ttl_s` is 0 where it is not marked."""

    place: str
    content: Any
    tokens: int
    ttl_s: int


def cache_marks(
    body: schema.MessagesRequest, system: Sequence[Part], contents: _Contents
) -> tuple[CacheMark, ...]:
    """Return the prefixes that a request's marks stand for, and those they may find cached; ()
    for a request without marks.

    `system` and `contents` are the parts of the system prompt and of each message.
    """
    if not _may_be_marked(body):
        return ()
    blocks = list(_blocks(body, system, contents))
    marked = {index: block.ttl_s for index, block in enumerate(blocks) if block.ttl_s}
    if body.cache_control is not None and blocks:
        marked.setdefault(_last_cacheable(blocks), _ttl_s(body.cache_control))
    counting = sorted(marked)[-MAX_MARKS:]
    looked_at = {
        index for mark in counting for index in range(max(mark - LOOKED_BACK + 1, 0), mark + 1)
    }
    ttls_s = {index: marked[index] if index in counting else 0 for index in sorted(looked_at)}
    return tuple(_marks(body.model, blocks, ttls_s))


def _may_be_marked(body: schema.MessagesRequest) -> bool:
    """Whether there is any mark: most requests have none, and need no digests."""
    contents = (body.system or (), *(message.content for message in body.messages))
    return (
        body.cache_control is not None
        or any(tool.cache_control for tool in body.tools or ())
        or any(
            "cache_control" in block
            for content in contents
            if not isinstance(content, str)
            for block in content
        )
    )


def _blocks(
    body: schema.MessagesRequest, system: Sequence[Part], contents: _Contents
) -> Iterator[_Block]:
    """Yield tools, system and messages, in the order in which the API caches them."""
    for tool in body.tools or ():
        said = (tool.type, tool.name, tool.description, tool.input_schema)
        yield _Block("tools", said, _tool_tokens(tool), _ttl_s(tool.cache_control))
    if body.system:
        yield from _content_blocks("system", body.system, system)
    for message, parts in zip(body.messages, contents, strict=True):
        yield from _content_blocks(message.role, message.content, parts)


def _tool_tokens(tool: schema.ToolParam) -> int:
    if tool.input_schema is None:
        return 0
    return tool_tokens(Tool(tool.name, tool.description or "", tool.input_schema))


def _content_blocks(
    place: str, content: str | schema.Blocks, parts: Sequence[Part]
) -> Iterator[_Block]:
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    for block, part in zip(blocks, parts, strict=True):
        ttl_s = _ttl_s(block.get("cache_control"))
        yield _Block(place, _bare(block), content_tokens((part,)), ttl_s)


def _bare(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return a block without its mark and those inside it, which are no part of what is cached."""
    bare = _unmarked(block)
    inner = bare.get("content")
    if isinstance(inner, list):
        bare["content"] = [_unmarked(each) if isinstance(each, dict) else each for each in inner]
    return bare


def _unmarked(block: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in block.items() if key != "cache_control"}


def _ttl_s(control: schema.CacheControl | Mapping[str, Any] | None) -> int:
    """Return how long a mark asks to be kept, 0 when it is none."""
    if isinstance(control, schema.CacheControl):
        return _TTL_S.get(control.ttl or "", _DEFAULT_TTL_S)
    if not isinstance(control, dict):
        return 0
    return _TTL_S.get(str(control.get("ttl")), _DEFAULT_TTL_S)


def _last_cacheable(blocks: Sequence[_Block]) -> int:
    """Return the number of the last block that the API lets be marked, the last when none is."""
    for index in range(len(blocks) - 1, -1, -1):
        content = blocks[index].content
        if not isinstance(content, dict) or content.get("type") not in _NEVER_LAST:
            return index
    return len(blocks) - 1


def _marks(model: str, blocks: Sequence[_Block], ttls_s: Mapping[int, int]) -> Iterator[CacheMark]:
    """Yield the prefixes that end at the numbered blocks, the shortest first."""
    digest = blake2b(model.encode(), digest_size=16)
    tokens = 0
    for index in range(max(ttls_s, default=-1) + 1):
        block = blocks[index]
        encoded = msgspec.json.encode((block.place, block.content))
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
        tokens += block.tokens
        if index in ttls_s:
            yield CacheMark(digest.copy().digest(), tokens, ttls_s[index])
