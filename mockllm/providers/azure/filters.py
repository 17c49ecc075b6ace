"""What Azure's content filter says of prompts and answers.

Sources: https://learn.microsoft.com/azure/ai-services/openai/concepts/content-filter, from
memory, and streams that users quote in public issue trackers: the chunk before all others,
`{}` where there is nothing to judge. Departures: what is filtered is always hate; protected
material and custom blocklists are not looked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Results = Mapping[str, Mapping[str, Any]]

_HATEFUL = {"filtered": True, "severity": "high"}
_JAILBREAK = {"filtered": False, "detected": False}

SAFE: Results = {
    name: {"filtered": False, "severity": "safe"}
    for name in ("hate", "self_harm", "sexual", "violence")
}
SAFE_PROMPT: Results = {"hate": SAFE["hate"], "jailbreak": _JAILBREAK, **SAFE}
FILTERED: Results = {**SAFE, "hate": _HATEFUL}
FILTERED_PROMPT: Results = {**SAFE_PROMPT, "hate": _HATEFUL}
_NOTHING: Results = {}


def of_prompts(count: int) -> dict[str, Any]:
    """Return what is said of so many prompts that passed."""
    results = [
        {"prompt_index": index, "content_filter_results": SAFE_PROMPT} for index in range(count)
    ]
    return {"prompt_filter_results": results}


def of_choice(choice: dict[str, Any]) -> dict[str, Any]:
    """Return a choice, whole or a chunk's, with what is said of it: only texts are judged."""
    return {**choice, "content_filter_results": _judged(choice)}


def of_chunk(chunk: dict[str, Any]) -> dict[str, Any]:
    """Return a chunk with what is said of its choices, which is the same for every text."""
    return {**chunk, "choices": list(map(of_choice, chunk["choices"]))}


def _judged(choice: dict[str, Any]) -> Results:
    if choice["finish_reason"] == "content_filter":
        return FILTERED
    said = choice.get("message") or choice.get("delta") or {"content": choice.get("text")}
    return SAFE if said.get("content") or said.get("refusal") else _NOTHING


def first_chunk(prompts: int) -> dict[str, Any]:
    """Return the chunk before all others, which says nothing but this."""
    empty = {"id": "", "object": "", "created": 0, "model": "", "choices": []}
    return {**empty, **of_prompts(prompts)}
