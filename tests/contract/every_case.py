"""The operations besides chats, and all of them together."""

from __future__ import annotations

from collections.abc import Mapping

from tests.contract.cases import CHATS, JSON, Case, SpokenCase


def _fold_completion(events: list[JSON]) -> JSON:
    choices: dict[int, JSON] = {}
    usage = None
    for event in events:
        usage = event.get("usage") or usage
        for choice in event["choices"]:
            _fold_choice(choices.setdefault(choice["index"], {"text": ""}), choice)
    folded = {key: events[0][key] for key in events[0] if key != "choices"}
    return {**folded, "choices": [choices[index] for index in sorted(choices)], "usage": usage}


def _fold_choice(folded: JSON, choice: JSON) -> None:
    said, told = folded["text"] + choice["text"], folded.get("logprobs")
    folded.update({**choice, "text": said})
    if told is not None:
        folded["logprobs"] = {
            key: told[key] + found if found is not None else None
            for key, found in choice["logprobs"].items()
        }


COMPLETIONS: Mapping[str, SpokenCase] = {
    "openai.completions": SpokenCase(
        path="/v1/completions",
        body=lambda prompt: {
            "model": "mock-llm",
            "prompt": prompt,
            "stream_options": {"include_usage": True},
        },
        fold=_fold_completion,
        text=lambda whole: str(whole["choices"][0]["text"]),
        finish=lambda whole: str(whole["choices"][0]["finish_reason"]),
        counts=lambda whole: (
            whole["usage"]["prompt_tokens"],
            whole["usage"]["completion_tokens"],
        ),
        error=lambda body: str(body["error"]["message"]),
        stop=lambda sequences: {"stop": sequences},
        limit=lambda tokens: {"max_tokens": tokens},
        opens=False,
    ),
}
UNSPOKEN: Mapping[str, Case] = {
    "openai.embeddings": Case(
        path="/v1/embeddings",
        body=lambda prompt: {"model": "mock-llm", "input": prompt},
        error=lambda body: str(body["error"]["message"]),
    ),
    "openai.moderations": Case(
        path="/v1/moderations",
        body=lambda prompt: {"model": "mock-llm", "input": prompt},
        error=lambda body: str(body["error"]["message"]),
    ),
}
SPOKEN: Mapping[str, SpokenCase] = {**CHATS, **COMPLETIONS}
CASES: Mapping[str, Case] = {**SPOKEN, **UNSPOKEN}
