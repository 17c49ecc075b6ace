"""A mock LLM server for tests in Python: no set-up, no port to choose, nothing to clean away.

    with MockServer() as server:
        server.on(contains="weather").reply("Sunny.")
        client = openai.OpenAI(base_url=server.base_url("openai"), api_key="any")
        ...
        assert server.last.prompt == "how is the weather?"

Under pytest the fixture `mockllm` is all that is needed. The manual is docs/testing.md.
"""

from __future__ import annotations

from mockllm.errors import ConfigError, InvalidRule
from mockllm.testing.received import Near, Received, SentMessage, SentToolCall
from mockllm.testing.rules import AddedRule, On
from mockllm.testing.server import MockServer
from mockllm.testing.session import Session, Unverified

__all__ = [
    "AddedRule",
    "ConfigError",
    "InvalidRule",
    "MockServer",
    "Near",
    "On",
    "Received",
    "SentMessage",
    "SentToolCall",
    "Session",
    "Unverified",
]
