"""Closed exchanges to write down."""

from __future__ import annotations

from typing import Any

from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange
from mockllm.core.raw import Raw


def exchange(id: str, body: bytes = b"{}", **members: Any) -> Exchange:
    raw = Raw("POST", "/v1/chat/completions", "", {"accept": "*/*"}, body)
    told: dict[str, Any] = {"outcome": "completed", "status": 200, **members}
    return Exchange(id, 1.7e9, 12.5, 1, raw, Draws(b""), **told)


def ids(exchanges: list[Exchange]) -> list[str]:
    return [each.id for each in exchanges]
