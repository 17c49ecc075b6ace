"""How Anthropic tells what is left of a limit.

Source: https://docs.anthropic.com/en/api/rate-limits, read 2026-11-22. The API counts tokens of
input and output apart as well; the limits here count both together.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from math import ceil

from mockllm.core.exchange import Exchange
from mockllm.core.protocol import Headers


def headers(exchange: Exchange) -> Headers:
    """Return the headers of every answer under a limit; times are RFC 3339."""
    return tuple(_headers(exchange))


def _headers(exchange: Exchange) -> Iterator[tuple[str, str]]:
    for each in exchange.allowances:
        name = f"anthropic-ratelimit-{each.measure}"
        reset = datetime.fromtimestamp(ceil(exchange.received_at_s + each.reset_s), UTC)
        yield f"{name}-limit", str(each.limit)
        yield f"{name}-remaining", str(each.remaining)
        yield f"{name}-reset", reset.strftime("%Y-%m-%dT%H:%M:%SZ")
