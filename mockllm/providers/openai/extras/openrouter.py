"""What OpenRouter adds: `provider`, `usage.cost`, `reasoning`, `native_finish_reason`.

Source: https://openrouter.ai/docs/api-reference/overview and /docs/use-cases/usage-accounting, from
memory. Departures: every token costs a millionth of a credit; `usage` comes in a stream when
it is asked for, and not always; there are no `reasoning_details`, no comments in streams, and ids
are OpenAI's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockllm.core.exchange import Exchange
from mockllm.providers.openai.chunks import Chunk
from mockllm.providers.openai.extras import reasoning

_PROVIDER = "mockllm"
_TOKENS_PER_CREDIT = 1_000_000


def whole(body: dict[str, Any], _exchange: Exchange) -> dict[str, Any]:
    """Return a completion as OpenRouter has it."""
    return _routed(body)


def chunks(plain: Iterator[Chunk], _exchange: Exchange) -> Iterator[Chunk]:
    """Yield chunks as OpenRouter has them."""
    for body, role, number in plain:
        yield _routed(body), role, number


def _routed(body: dict[str, Any]) -> dict[str, Any]:
    routed = {**body, "provider": _PROVIDER, "choices": list(map(_choice, body["choices"]))}
    if "usage" in body:
        usage = body["usage"]
        routed["usage"] = {**usage, "cost": usage["total_tokens"] / _TOKENS_PER_CREDIT}
    return routed


def _choice(choice: dict[str, Any]) -> dict[str, Any]:
    native = {"native_finish_reason": choice["finish_reason"]}
    return reasoning.of_choice(choice) | native
