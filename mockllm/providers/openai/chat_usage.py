"""The token counts of a chat completion.

Source: openai-python 3.54 (`types/completion_usage.py`), read 2026-11-22.

Departures: the rejected tokens of a prediction are told, and not added to `completion_tokens`,
which stay those of the rule; accepted are those in which answer and prediction begin and end alike;
the audio tokens are as many as the transcript has tokens, and no others are counted for it.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Any

from mockllm.core import tokens
from mockllm.core.exchange import Exchange
from mockllm.core.model import ChatReply, joined_text
from mockllm.providers.openai import schema

_MAX_PREDICTION_CHARACTERS = 256 * 1024


def usage(exchange: Exchange) -> dict[str, Any]:
    """Return the counts of all choices together; those of the input count once."""
    request, replies = exchange.answered_by(ChatReply)
    body: schema.ChatRequest = request.wire
    counted = exchange.usage
    prompt_tokens = max(counted.input_tokens, counted.cached_tokens)
    spoken = accepted = rejected = 0
    if body.spoken_format or body.prediction:
        texts = [joined_text(reply.parts, "") for reply in replies]
        spoken = sum(map(tokens.count, texts)) if body.spoken_format else 0
        accepted, rejected = _compared(body.prediction, texts)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": counted.output_tokens,
        "total_tokens": prompt_tokens + counted.output_tokens,
        "prompt_tokens_details": {
            "cached_tokens": counted.cached_tokens,
            "cache_write_tokens": counted.cache_write_tokens,
            "audio_tokens": 0,
        },
        "completion_tokens_details": {
            "reasoning_tokens": counted.reasoning_tokens,
            "audio_tokens": min(spoken, counted.output_tokens),
            "accepted_prediction_tokens": accepted,
            "rejected_prediction_tokens": rejected,
        },
    }


def _compared(prediction: schema.Prediction | None, texts: list[str]) -> tuple[int, int]:
    """Return how many tokens of the prediction the answers have, and how many they have not."""
    if prediction is None:
        return 0, 0
    predicted = tokens.pieces(_predicted(prediction)[:_MAX_PREDICTION_CHARACTERS])
    accepted = sum(_shared(predicted, tokens.pieces(text)) for text in texts)
    return accepted, len(predicted) * len(texts) - accepted


def _predicted(prediction: schema.Prediction) -> str:
    if isinstance(prediction.content, str):
        return prediction.content
    return "".join(str(part.get("text", "")) for part in prediction.content)


def _shared(predicted: list[str], said: list[str]) -> int:
    """Return how many tokens the two have in common at their beginning and at their end."""
    ahead = _alike(predicted, said)
    return ahead + _alike(predicted[ahead:][::-1], said[ahead:][::-1])


def _alike(first: list[str], second: list[str]) -> int:
    pairs = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
