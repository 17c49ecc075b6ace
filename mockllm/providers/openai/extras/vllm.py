"""What vLLM adds: `reasoning`, `stop_reason`; `max_model_len` of models.

Source: vLLM (`vllm/entrypoints/openai/protocol.py`, `serving_models.py`), as documented at
https://docs.vllm.ai/en/stable/serving/openai_compatible_server.html, from memory. Departures:
`prompt_logprobs`, `token_ids` and `kv_transfer_params` are absent; every model is as long as the
next.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockllm.core.exchange import Exchange
from mockllm.core.model import ChatReply
from mockllm.providers.openai.chunks import Chunk
from mockllm.providers.openai.extras import reasoning

NAME = "vllm"
MAX_MODEL_TOKENS = 131_072


def whole(body: dict[str, Any], exchange: Exchange) -> dict[str, Any]:
    """Return a completion as vLLM has it."""
    return {**body, "choices": [_choice(choice, exchange) for choice in body["choices"]]}


def chunks(plain: Iterator[Chunk], exchange: Exchange) -> Iterator[Chunk]:
    """Yield chunks as vLLM has them: the one that ends a choice says what stopped it."""
    for body, role, number in plain:
        choices = [_choice(choice, exchange) for choice in body["choices"]]
        yield {**body, "choices": choices}, role, number


def _choice(choice: dict[str, Any], exchange: Exchange) -> dict[str, Any]:
    found = reasoning.of_choice(choice)
    if choice["finish_reason"] is None:
        return found
    _, replies = exchange.answered_by(ChatReply)
    return {**found, "stop_reason": replies[choice["index"]].stop_sequence}


def model(plain: dict[str, Any]) -> dict[str, Any]:
    """Return a model as vLLM lists it."""
    return {**plain, "root": plain["id"], "parent": None, "max_model_len": MAX_MODEL_TOKENS}
