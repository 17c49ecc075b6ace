"""Anthropic's own shapes, byte for byte; `MOCKLLM_UPDATE_GOLDEN=1` writes the files anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeApp

FOLDER = Path(__file__).parent / "anthropic"
HEADERS_THAT_VARY = ("x-mockllm-source",)

YAML = """\
responses:
  "think": {reasoning: "Let me think.", text: "Hi."}
  "work":
    parts:
    - reasoning: "One."
    - tool_call: {name: f, arguments: {x: 1}}
    - reasoning: "Two."
    - tool_call: {name: g}
  "search": {text: "I am searching.", finish: pause}
  "go on": {text: "And so", finish: context_length}
settings:
  seed: 7
"""
STREAM = {"stream": True}
OMITTED = {"thinking": {"type": "adaptive", "display": "omitted"}}
BETA = {
    "context_management": {"edits": []},
    "container": {"id": "container_1", "skills": [{"type": "anthropic", "skill_id": "pptx"}]},
    "inference_geo": "us",
    "speed": "fast",
}
CACHED = {"cache_control": {"type": "ephemeral", "ttl": "1h"}, "system": "Be kind."}
UNKNOWN_THREAD = {"thread": {"type": "continue", "previous_message_id": "msg_1"}}
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "omitted_thinking.json": ("think", OMITTED),
    "omitted_thinking.sse": ("think", {**OMITTED, **STREAM}),
    "interleaved_thinking.json": ("work", {}),
    "interleaved_thinking.sse": ("work", STREAM),
    "pause.json": ("search", {}),
    "context_length.json": ("go on", {}),
    "beta.json": ("search", BETA),
    "beta.sse": ("search", {**BETA, **STREAM}),
    "cached.json": ("search", CACHED),
    "cached.sse": ("search", {**CACHED, **STREAM}),
    "filled_cache.json": ("search", {"max_tokens": 0}),
    "filled_cache.sse": ("search", {"max_tokens": 0, **STREAM}),
    "unknown_thread.json": ("search", UNKNOWN_THREAD),
}
COUNTED: dict[str, dict[str, Any]] = {
    "count_tokens.json": {},
    "count_tokens_beta.json": {"context_management": {"edits": []}},
}
FETCHED = {
    "models.json": "/v1/models?limit=2",
    "model.json": "/v1/models/my-own",
}


def body_of(prompt: str, members: dict[str, Any]) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": prompt}], **members}


def assert_as_it_was(name: str, response: Any) -> None:
    lines = [
        f"{key}: {value}" for key, value in response.headers.items() if key not in HEADERS_THAT_VARY
    ]
    actual = "\n".join([response.status, *lines, "", ""]).encode() + response.data
    if os.environ.get("MOCKLLM_UPDATE_GOLDEN"):
        (FOLDER / name).write_bytes(actual)

    assert actual == (FOLDER / name).read_bytes()


@pytest.mark.parametrize("name", ASKED)
def test_message_is_as_it_was(name: str, make_app: MakeApp) -> None:
    prompt, members = ASKED[name]
    body = body_of(prompt, {"max_tokens": 2048, **members})

    assert_as_it_was(name, make_app(YAML).test_client().post("/v1/messages", json=body))


@pytest.mark.parametrize("name", COUNTED)
def test_count_is_as_it_was(name: str, make_app: MakeApp) -> None:
    body = body_of("think", COUNTED[name])
    client = make_app(YAML).test_client()

    assert_as_it_was(name, client.post("/v1/messages/count_tokens", json=body))


@pytest.mark.parametrize("name", FETCHED)
def test_fetched_is_as_it_was(name: str, make_app: MakeApp) -> None:
    headers = {"anthropic-version": "2023-06-01"}

    assert_as_it_was(name, make_app(YAML).test_client().get(FETCHED[name], headers=headers))


def test_every_golden_file_is_compared() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {*ASKED, *COUNTED, *FETCHED}
