"""What only OpenAI's chat can be asked for, byte for byte; written anew as in `test_golden`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeApp

FOLDER = Path(__file__).parent / "chat"
YAML = """\
responses:
  "hi": "Hello, you!"
  "no?": {refusal: "I cannot help."}
  "weather?": {tool_calls: [{name: get_weather, arguments: {city: Paris}}]}
  "list": {tool_calls: [{name: shell, arguments: {input: "ls -l"}}]}
settings:
  seed: 7
"""
STREAM = {"stream": True, "stream_options": {"include_usage": True}}
FUNCTIONS = {"functions": [{"name": "get_weather"}]}
CUSTOM = {"tools": [{"type": "custom", "custom": {"name": "shell"}}]}
LOGPROBS = {"logprobs": True, "top_logprobs": 2}


def spoken(audio_format: str) -> dict[str, Any]:
    return {"modalities": ["text", "audio"], "audio": {"voice": "ash", "format": audio_format}}


REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "n3.json": ("hi", {"n": 3}),
    "n3.sse": ("hi", {"n": 3, **STREAM}),
    "logprobs.json": ("hi", LOGPROBS),
    "logprobs.sse": ("hi", {**LOGPROBS, **STREAM}),
    "refusal_logprobs.sse": ("no?", {"logprobs": True, **STREAM}),
    "tool_call_logprobs.json": ("weather?", LOGPROBS),
    "tool_call_logprobs.sse": ("weather?", {**LOGPROBS, **STREAM}),
    "function_call.json": ("weather?", FUNCTIONS),
    "function_call.sse": ("weather?", {**FUNCTIONS, **STREAM}),
    "custom_tool.json": ("list", CUSTOM),
    "custom_tool.sse": ("list", {**CUSTOM, **STREAM}),
    "audio.json": ("hi", spoken("mp3")),
    "audio.sse": ("hi", {**spoken("pcm16"), **STREAM}),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_output_is_as_it_was(name: str, make_app: MakeApp) -> None:
    prompt, members = REQUESTS[name]
    messages = [{"role": "user", "content": prompt}]
    body = {"model": "mock-llm", "messages": messages, **members}
    file = FOLDER / name

    data = json.dumps(body).encode()
    actual = make_app(YAML).test_client().post("/v1/chat/completions", data=data).data
    if os.environ.get("MOCKLLM_UPDATE_GOLDEN"):
        file.write_bytes(actual)

    assert actual == file.read_bytes()


def test_every_golden_file_is_compared() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(REQUESTS)
