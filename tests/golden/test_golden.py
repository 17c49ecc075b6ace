"""Our own wire output, byte for byte.

`MOCKLLM_UPDATE_GOLDEN=1 pytest tests/golden` writes the files anew; read the difference then.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeApp
from tests.contract.every_case import CASES, CHATS, SPOKEN

FOLDER = Path(__file__).parent
HEADERS_THAT_VARY = ("x-mockllm-source",)

YAML = """\
responses:
  "say it all": "Grüße, 👩‍🚀 \\"quoted\\"\\nand a new line."
  "weather?":
    text: "Let me look."
    tool_calls: [{name: get_weather, arguments: {city: Paris}}]
  "both?":
    tool_calls:
      - {name: get_weather, arguments: {city: Paris}}
      - {name: get_weather, arguments: {city: Rome, days: 2}}
  "think": {reasoning: "Let me think.", text: "Hi."}
  "no?": {refusal: "I cannot help."}
  "fail": {error: {kind: rate_limit, retry_after: 2s}}
  "short": "One, two."
  "forbidden": {error: content_filter}
  "cut off": {text: "One", finish: content_filter}
  "who?": {error: auth}
  "where?": {error: not_found}
  "blocked": {text: "", finish: content_filter}
rules:
  - {when: {operation: embedding, equals: [vector, 1 2 3]}, reply: {embedding: [0.6, 0.8]}}
  - {when: {operation: embedding, equals: [another, "1000"]}, reply: {embedding: [-1.0, 0.0]}}
  - {when: {operation: moderation, equals: attack}, reply: {moderation: {flagged: [violence]}}}
settings:
  seed: 7
"""
SUFFIXES = (".json", ".sse", ".ndjson")
STREAM = {"stream": True}
TEXT_PART = {"type": "text", "text": "attack"}
IMAGE_PART = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "whole.json": ("say it all", {}),
    "stream.sse": ("say it all", STREAM),
    "wrong_type.json": ("say it all", {"messages": 5, "input": 5}),
    "text_and_tool_call.json": ("weather?", {}),
    "text_and_tool_call.sse": ("weather?", STREAM),
    "parallel_tool_calls.json": ("both?", {}),
    "parallel_tool_calls.sse": ("both?", STREAM),
    "reasoning.json": ("think", {}),
    "reasoning.sse": ("think", STREAM),
    "refusal.json": ("no?", {}),
    "refusal.sse": ("no?", STREAM),
    "rate_limit.json": ("fail", STREAM),
}
COMPLETIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "whole.json": ("say it all", {}),
    "stream.sse": ("say it all", STREAM),
    "two_choices.json": ("short", {"n": 2}),
    "two_choices.sse": ("short", {"n": 2, **STREAM}),
    "echo_and_logprobs.json": ("short", {"echo": True, "logprobs": 2}),
    "echo_and_logprobs.sse": ("short", {"echo": True, "logprobs": 2, **STREAM}),
    "wrong_type.json": ("", {"prompt": 5}),
    "rate_limit.json": ("fail", STREAM),
}
FIM: dict[str, tuple[str, dict[str, Any]]] = {
    "whole.json": ("say it all", {"suffix": "the end"}),
    "stream.sse": ("short", STREAM),
    "wrong_type.json": ("", {"prompt": 5}),
}
EMBEDDINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "whole.json": ("vector", {}),
    "two_inputs.json": ("", {"input": ["vector", "another"]}),
    "tokens.json": ("", {"input": [[1, 2, 3], [1000]]}),
    "base64.json": ("vector", {"encoding_format": "base64"}),
    "wrong_type.json": ("", {"input": 5}),
    "empty.json": ("", {}),
    "rate_limit.json": ("fail", {}),
}
MODERATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "whole.json": ("attack", {}),
    "two_inputs.json": ("", {"input": ["attack", "peace"]}),
    "text_and_image.json": ("", {"input": [TEXT_PART, IMAGE_PART]}),
    "wrong_type.json": ("", {"input": 5}),
    "rate_limit.json": ("fail", {}),
}
FUNCTION = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}}
RESPONSES: dict[str, tuple[str, dict[str, Any]]] = {
    **REQUESTS,
    "wrong_type.json": ("say it all", {"input": 5}),
    "incomplete.sse": ("short", {"max_output_tokens": 2, **STREAM}),
    "logprobs.sse": ("short", {"top_logprobs": 2, **STREAM}),
    "custom_tool_call.sse": ("weather?", {"tools": [{**FUNCTION, "type": "custom"}], **STREAM}),
    "tools.json": ("short", {"tools": [FUNCTION], "tool_choice": "auto"}),
    "background.json": ("short", {"background": True}),
    "background.sse": ("short", {"background": True, **STREAM}),
}
AZURE: dict[str, tuple[str, dict[str, Any]]] = {
    "filtered_prompt.json": ("forbidden", {}),
    "filtered.json": ("cut off", {}),
    "filtered.sse": ("cut off", STREAM),
    "auth.json": ("who?", {}),
    "not_found.json": ("where?", {}),
}
GENERATED: dict[str, tuple[str, dict[str, Any]]] = {
    "whole.json": ("say it all", {}),
    "stream.sse": ("say it all", STREAM),
    "reasoning.json": ("think", {}),
    "reasoning.sse": ("think", STREAM),
    "logprobs.json": ("short", {"logprobs": True, "top_logprobs": 2}),
    "logprobs.sse": ("short", {"logprobs": True, "top_logprobs": 2, **STREAM}),
    "incomplete.sse": ("short", {"options": {"num_predict": 2}, **STREAM}),
    "loaded.json": ("", STREAM),
    "wrong_type.json": ("", {"prompt": 5}),
    "rate_limit.json": ("fail", STREAM),
}
EMBEDDED: dict[str, tuple[str, dict[str, Any]]] = {
    "whole.json": ("vector", {}),
    "wrong_type.json": ("", {"prompt": 5, "input": 5}),
    "empty.json": ("", {}),
    "rate_limit.json": ("fail", {}),
}
GEMINI: dict[str, tuple[str, dict[str, Any]]] = {
    **REQUESTS,
    "wrong_type.json": ("say it all", {"contents": 5}),
    "two_candidates.json": ("short", {"generationConfig": {"candidateCount": 2}}),
    "two_candidates.sse": ("short", {"generationConfig": {"candidateCount": 2}, **STREAM}),
    "blocked.json": ("blocked", {}),
    "blocked.sse": ("blocked", STREAM),
}
GEMINI_INPUTS = ("vector", "another")
GEMINI_REQUESTS = [{"content": {"parts": [{"text": text}]}} for text in GEMINI_INPUTS]
CELLS = {
    **{(operation, name): asked for operation in CHATS for name, asked in REQUESTS.items()},
    **{("azure.chat", name): asked for name, asked in AZURE.items()},
    **{("ollama.generate", name): asked for name, asked in GENERATED.items()},
    **{("ollama.embed", name): asked for name, asked in EMBEDDED.items()},
    ("ollama.embed", "two_inputs.json"): EMBEDDINGS["two_inputs.json"],
    **{("ollama.embeddings", name): asked for name, asked in EMBEDDED.items()},
    **{("openai.completions", name): asked for name, asked in COMPLETIONS.items()},
    **{
        ("azure.completions", name): COMPLETIONS[name]
        for name in ("two_choices.json", "stream.sse")
    },
    **{("openai.fim", name): asked for name, asked in FIM.items()},
    ("azure.embeddings", "two_inputs.json"): EMBEDDINGS["two_inputs.json"],
    **{("openai.responses", name): asked for name, asked in RESPONSES.items()},
    **{("openai.embeddings", name): asked for name, asked in EMBEDDINGS.items()},
    **{("openai.moderations", name): asked for name, asked in MODERATIONS.items()},
    **{("gemini.generate", name): asked for name, asked in GEMINI.items()},
    ("gemini.embed", "whole.json"): ("vector", {}),
    ("gemini.embed", "wrong_type.json"): ("", {"content": 5}),
    ("gemini.embed", "rate_limit.json"): ("fail", {}),
    ("gemini.batch_embed", "whole.json"): ("", {"requests": GEMINI_REQUESTS}),
    ("gemini.batch_embed", "empty.json"): ("", {"requests": []}),
    ("gemini.batch_embed", "rate_limit.json"): ("fail", {}),
}


def file_name(operation: str, name: str) -> str:
    """Return what the golden file is called: a stream by its encoding."""
    streamed = SPOKEN[operation].streams.name if operation in SPOKEN else ""
    return f"{operation}.{name.replace('.sse', f'.{streamed}')}"


@pytest.mark.parametrize(("operation", "name"), CELLS)
def test_output_is_as_it_was(operation: str, name: str, make_app: MakeApp) -> None:
    case = CASES[operation]
    prompt, members = CELLS[operation, name]
    body = {**case.body(prompt), **members}
    sent = json.dumps(case.sent(body)).encode()
    file = FOLDER / file_name(operation, name)

    response = make_app(YAML).test_client().post(case.url(body), data=sent)
    lines = [
        f"{key}: {value}" for key, value in response.headers.items() if key not in HEADERS_THAT_VARY
    ]
    actual = "\n".join([response.status, *lines, "", ""]).encode() + response.data
    if os.environ.get("MOCKLLM_UPDATE_GOLDEN"):
        file.write_bytes(actual)

    assert actual == file.read_bytes()


def test_every_golden_file_is_compared() -> None:
    files = {file.name for file in FOLDER.iterdir() if file.suffix in SUFFIXES}

    assert files == {file_name(operation, name) for operation, name in CELLS}
