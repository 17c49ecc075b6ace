"""Azure's operations: OpenAI's at other URLs, with what the content filter says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import structs

from tests.contract import openai_cases
from tests.contract.cases import JSON, Case, ChatCase, SpokenCase

DEPLOYMENT = "/openai/deployments/mock-llm"
VERSION = "?api-version=2024-10-21"


def _folding(fold: Callable[[list[JSON]], JSON]) -> Callable[[list[JSON]], JSON]:
    """Return the fold of Azure's stream: a first chunk about the prompt, then OpenAI's, of which
    each says something of its own text; what is said last holds for the whole."""

    def folded(events: list[JSON]) -> JSON:
        if "prompt_filter_results" not in events[0]:
            return fold(events)
        first, *rest = events
        whole = fold(rest)
        judged: dict[int, Any] = {}
        for event in rest:
            for choice in event["choices"]:
                found = choice["content_filter_results"] or judged.get(choice["index"], {})
                judged[choice["index"]] = found
        choices = [
            {**choice, "content_filter_results": judged[choice["index"]]}
            for choice in whole["choices"]
        ]
        told = first["prompt_filter_results"]
        return {**whole, "choices": choices, "prompt_filter_results": told}

    return folded


def _unnamed(body: Callable[[str], JSON]) -> Callable[[str], JSON]:
    """Return bodies that name no model: the URL does."""

    def made(prompt: str) -> JSON:
        return {key: value for key, value in body(prompt).items() if key != "model"}

    return made


_CHAT = openai_cases.CHATS["openai.chat"]
_COMPLETION = openai_cases.COMPLETIONS["openai.completions"]
_EMBEDDING = openai_cases.UNSPOKEN["openai.embeddings"]

CHATS: Mapping[str, ChatCase] = {
    "azure.chat": structs.replace(
        _CHAT,
        path=f"{DEPLOYMENT}/chat/completions{VERSION}",
        body=_unnamed(_CHAT.body),
        fold=_folding(_CHAT.fold),
        needs_model=False,
    ),
    "azure.responses": structs.replace(
        openai_cases.CHATS["openai.responses"], path=f"/openai/responses{VERSION}"
    ),
}
COMPLETIONS: Mapping[str, SpokenCase] = {
    "azure.completions": structs.replace(
        _COMPLETION,
        path=f"{DEPLOYMENT}/completions{VERSION}",
        body=_unnamed(_COMPLETION.body),
        fold=_folding(_COMPLETION.fold),
        opens=True,
    ),
}
UNSPOKEN: Mapping[str, Case] = {
    "azure.embeddings": structs.replace(
        _EMBEDDING, path=f"{DEPLOYMENT}/embeddings{VERSION}", body=_unnamed(_EMBEDDING.body)
    ),
}
