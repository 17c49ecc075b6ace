"""Gemini's operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.cases import JSON, Case, ChatCase

MODEL = "/v1beta/models/mock-llm"


def _error(body: JSON) -> str:
    return str(body["error"]["message"])


def _message(role: str, content: Any) -> JSON:
    parts = content if isinstance(content, list) else [{"text": content}]
    return {"role": "model" if role == "assistant" else role, "parts": parts}


def _body(prompt: str) -> JSON:
    return {"contents": [_message("user", prompt)]}


def _fold(events: list[JSON]) -> JSON:
    """Return the whole of a stream's chunks: parts of one kind that follow each other are one."""
    candidates: dict[int, JSON] = {}
    for event in events:
        for piece in event.get("candidates", []):
            _fold_candidate(candidates.setdefault(piece["index"], {}), piece)
    folded = dict(events[-1])
    if candidates:
        folded["candidates"] = [candidates[index] for index in sorted(candidates)]
    return folded


def _fold_candidate(whole: JSON, piece: JSON) -> None:
    said = piece.pop("content", {"parts": []})
    whole.update(piece)
    for part in said["parts"]:
        parts = whole.setdefault("content", {"parts": [], "role": said["role"]})["parts"]
        last = parts[-1] if parts else {}
        if "text" in part and "text" in last and part.get("thought") == last.get("thought"):
            last.update({**part, "text": last["text"] + part["text"]})
        else:
            parts.append(part)


def _parts(whole: JSON) -> list[JSON]:
    candidates = whole.get("candidates") or [{}]
    found: list[JSON] = candidates[0].get("content", {}).get("parts", [])
    return found


def _texts(whole: JSON, thought: bool = False) -> list[str]:
    return [
        part["text"]
        for part in _parts(whole)
        if part.get("text") and part.get("thought", False) is thought
    ]


def _calls(whole: JSON) -> list[JSON]:
    return [part["functionCall"] for part in _parts(whole) if "functionCall" in part]


def _finish(whole: JSON) -> str:
    if "promptFeedback" in whole:
        return str(whole["promptFeedback"]["blockReason"])
    return str(whole["candidates"][0]["finishReason"])


def _counts(whole: JSON) -> tuple[int, int]:
    usage = whole["usageMetadata"]
    return usage["promptTokenCount"], usage["candidatesTokenCount"]


CHATS: Mapping[str, ChatCase] = {
    "gemini.generate": ChatCase(
        path=f"{MODEL}:generateContent",
        stream_path=f"{MODEL}:streamGenerateContent?alt=sse",
        body=_body,
        error=_error,
        fold=_fold,
        text=lambda whole: "".join(_texts(whole)),
        finish=_finish,
        counts=_counts,
        said=_texts,
        drawn=(),
        drawn_members=("responseId", "id"),
        id="responseId",
        opens=False,
        limit=lambda tokens: {"generationConfig": {"maxOutputTokens": tokens}},
        stop=lambda sequences: {"generationConfig": {"stopSequences": sequences}},
        calls=lambda whole: [(call["name"], call["args"]) for call in _calls(whole)],
        call_ids=lambda whole: [call["id"] for call in _calls(whole)],
        reasoning=lambda whole: "".join(_texts(whole, thought=True)),
        refusal=lambda whole: str(whole["candidates"][0].get("finishMessage")),
        argued=None,
        thought=lambda event: _texts(event, thought=True),
        call_id=r"[0-9a-z]{8}",
        finishes={
            "stop": "STOP",
            "stop_sequence": "STOP",
            "length": "MAX_TOKENS",
            "tool_calls": "STOP",
            "content_filter": "SAFETY",
            "refusal": "SAFETY",
            "pause": "STOP",
            "context_length": "MAX_TOKENS",
        },
        structured=lambda schema: {
            "generationConfig": {
                "responseMimeType": "application/json",
                "responseJsonSchema": schema,
            }
        },
        messages="contents",
        needs_model=False,
        content="parts",
        message=_message,
    ),
}
_LACKS = {
    **dict.fromkeys(
        (
            "text",
            "tool call",
            "parallel tools",
            "reasoning",
            "refusal",
            "structured",
            "stop",
            "max tokens",
        ),
        "an embedding is a vector",
    ),
    "usage": "Gemini's embeddings tell no token counts",
    "streamed": "embeddings are not streamed",
}
EMBEDDINGS: Mapping[str, Case] = {
    "gemini.embed": Case(
        path=f"{MODEL}:embedContent",
        body=lambda prompt: {"content": {"parts": [{"text": prompt}]}},
        error=_error,
        lacks=_LACKS,
    ),
    "gemini.batch_embed": Case(
        path=f"{MODEL}:batchEmbedContents",
        body=lambda prompt: {"requests": [{"content": {"parts": [{"text": prompt}]}}]},
        error=_error,
        lacks=_LACKS,
    ),
}
