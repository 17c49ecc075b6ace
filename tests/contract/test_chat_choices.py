"""The fold of a chat's stream equals the whole, whatever the client asks for."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.contract.cases import sse_events
from tests.contract.every_case import CHATS
from tests.contract.test_operations import ask
from tests.contract.test_replies import KINDS, YAML

CASE = CHATS["openai.chat"]
TOOLS = [
    {"type": "custom", "custom": {"name": "get_weather"}},
    {"type": "function", "function": {"name": "f"}},
]
MEMBERS: dict[str, dict[str, Any]] = {
    "choices": {"n": 3},
    "logprobs": {"logprobs": True},
    "alternatives of choices": {"n": 2, "logprobs": True, "top_logprobs": 3},
    "function": {"functions": [{"name": "get_weather"}]},
    "custom tool": {"tools": TOOLS},
    "one call": {"tools": TOOLS, "parallel_tool_calls": False},
    "audio": {"modalities": ["text", "audio"], "audio": {"voice": "ash", "format": "pcm16"}},
    "audio with logprobs": {
        "n": 2,
        "logprobs": True,
        "modalities": ["audio"],
        "audio": {"voice": "ash", "format": "pcm16"},
    },
    "prediction": {"n": 2, "prediction": {"type": "content", "content": "Hello. Bye."}},
    "tier": {"service_tier": "flex"},
}
LIMITS = [{}, {"max_completion_tokens": 1}, {"max_completion_tokens": 6}, {"stop": ["o"]}]


@pytest.fixture
def replies(make_app: MakeApp) -> Flask:
    return make_app(YAML)


@pytest.mark.parametrize("members", MEMBERS.values(), ids=list(MEMBERS))
@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_fold_of_the_stream_equals_the_whole(
    members: dict[str, Any], limits: dict[str, Any], replies: Flask
) -> None:
    for prompt in (*KINDS, "anything else"):
        body = {**CASE.body(prompt), **members, **limits}
        whole = ask(replies, CASE, body).json
        streamed = ask(replies, CASE, {**body, "stream": True})

        folded = CASE.fold(list(sse_events(streamed.data)))

        assert CASE.settled(folded) == CASE.settled(whole)
