"""The cases of all operations, by the operation's name."""

from __future__ import annotations

from collections.abc import Mapping

from tests.contract import (
    anthropic_cases,
    azure_cases,
    gemini_cases,
    ollama_cases,
    openai_cases,
)
from tests.contract.cases import Case, ChatCase, SpokenCase

CHATS: Mapping[str, ChatCase] = {
    **openai_cases.CHATS,
    **anthropic_cases.CHATS,
    **azure_cases.CHATS,
    **ollama_cases.CHATS,
    **gemini_cases.CHATS,
}
SPOKEN: Mapping[str, SpokenCase] = {
    **CHATS,
    **openai_cases.COMPLETIONS,
    **azure_cases.COMPLETIONS,
    **ollama_cases.COMPLETIONS,
}
CASES: Mapping[str, Case] = {
    **SPOKEN,
    **openai_cases.UNSPOKEN,
    **azure_cases.UNSPOKEN,
    **ollama_cases.UNSPOKEN,
    **gemini_cases.EMBEDDINGS,
}
