"""Ollama's operations."""

from __future__ import annotations

from collections.abc import Mapping

from mockllm.config.schema import FINISHES
from tests.contract.cases import JSON, NDJSON, Case, ChatCase, SpokenCase

_FINISHES = {**dict.fromkeys(FINISHES, "stop"), "length": "length", "context_length": "length"}
_ADDED = ("content", "response", "thinking")


def _fold(chunks: list[JSON]) -> JSON:
    """Return a whole answer: texts and lists are appended, all else is as it was last."""
    whole: JSON = {}
    for chunk in chunks:
        _fold_into(whole, chunk)
    return whole


def _fold_into(whole: JSON, chunk: JSON) -> None:
    for name, value in chunk.items():
        if name == "message":
            _fold_into(whole.setdefault(name, {}), value)
        elif name in _ADDED or isinstance(value, list):
            whole[name] = whole.get(name, type(value)()) + value
        else:
            whole[name] = value


def _error(body: JSON) -> str:
    return str(body["error"])


def _counts(whole: JSON) -> tuple[int, int]:
    return whole["prompt_eval_count"], whole["eval_count"]


def _limit(tokens: int) -> JSON:
    return {"options": {"num_predict": tokens}}


def _stop(sequences: list[str]) -> JSON:
    return {"options": {"stop": sequences}}


def _calls(whole: JSON) -> list[JSON]:
    found: list[JSON] = whole["message"].get("tool_calls", [])
    return found


CHATS: Mapping[str, ChatCase] = {
    "ollama.chat": ChatCase(
        path="/api/chat",
        body=lambda prompt: {
            "model": "mock-llm",
            "messages": [{"role": "user", "content": prompt}],
            "stream": False,
        },
        error=_error,
        fold=_fold,
        text=lambda whole: str(whole["message"]["content"]),
        finish=lambda whole: str(whole["done_reason"]),
        counts=_counts,
        said=lambda event: [text] if (text := event["message"]["content"]) else [],
        drawn=("call_",),
        limit=_limit,
        stop=_stop,
        opens=False,
        has_ids=False,
        bounds_limit=False,
        streams=NDJSON,
        calls=lambda whole: [
            (call["function"]["name"], call["function"]["arguments"]) for call in _calls(whole)
        ],
        call_ids=lambda whole: [call["id"] for call in _calls(whole)],
        reasoning=lambda whole: str(whole["message"].get("thinking")),
        refusal=lambda whole: str(whole["message"]["content"]),
        argued=None,
        call_id=r"call_[a-z0-9]{8}",
        thought=lambda event: [text] if (text := event["message"].get("thinking")) else [],
        declined=lambda event: [text] if (text := event["message"]["content"]) else [],
        finishes=_FINISHES,
        structured=lambda schema: {"format": schema},
        takes_parts=False,
        takes_nothing=True,
    ),
}
COMPLETIONS: Mapping[str, SpokenCase] = {
    "ollama.generate": SpokenCase(
        path="/api/generate",
        body=lambda prompt: {"model": "mock-llm", "prompt": prompt, "stream": False},
        error=_error,
        fold=_fold,
        text=lambda whole: str(whole["response"]),
        finish=lambda whole: str(whole["done_reason"]),
        counts=_counts,
        said=lambda event: [text] if (text := event["response"]) else [],
        drawn=("call_",),
        limit=_limit,
        stop=_stop,
        opens=False,
        has_ids=False,
        bounds_limit=False,
        streams=NDJSON,
        reasoning=lambda whole: str(whole.get("thinking")),
        refusal=lambda whole: str(whole["response"]),
        thought=lambda event: [text] if (text := event.get("thinking")) else [],
        declined=lambda event: [text] if (text := event["response"]) else [],
        finishes=_FINISHES,
        structured=lambda schema: {"format": schema},
        lacks=dict.fromkeys(("tool call", "parallel tools"), "/api/generate calls no tools"),
    ),
}
_SPEECH = (
    "text",
    "tool call",
    "parallel tools",
    "reasoning",
    "refusal",
    "structured",
    "stop",
    "max tokens",
)
_VECTOR = {
    **dict.fromkeys(_SPEECH, "an embedding is a vector"),
    "streamed": "embeddings are not streamed",
}
UNSPOKEN: Mapping[str, Case] = {
    "ollama.embed": Case(
        path="/api/embed",
        body=lambda prompt: {"model": "mock-llm", "input": prompt},
        error=_error,
        counts=lambda whole: (whole["prompt_eval_count"], 0),
        lacks=_VECTOR,
    ),
    "ollama.embeddings": Case(
        path="/api/embeddings",
        body=lambda prompt: {"model": "mock-llm", "prompt": prompt},
        error=_error,
        lacks={**_VECTOR, "usage": "/api/embeddings tells no counts"},
    ),
}
