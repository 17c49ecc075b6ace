"""Every operation there is. The type of the dict makes mypy check each module's contract."""

from __future__ import annotations

from collections.abc import Mapping

from mockllm.core.protocol import Operation, Provider
from mockllm.providers.anthropic import dialect as anthropic
from mockllm.providers.anthropic import messages
from mockllm.providers.azure import chat as azure_chat
from mockllm.providers.azure import completions as azure_completions
from mockllm.providers.azure import dialect as azure
from mockllm.providers.azure import embeddings as azure_embeddings
from mockllm.providers.azure import responses as azure_responses
from mockllm.providers.gemini import batch_embed as gemini_batch_embed
from mockllm.providers.gemini import dialect as gemini
from mockllm.providers.gemini import embed as gemini_embed
from mockllm.providers.gemini import generate as gemini_generate
from mockllm.providers.ollama import chat as ollama_chat
from mockllm.providers.ollama import dialect as ollama
from mockllm.providers.ollama import embed as ollama_embed
from mockllm.providers.ollama import embeddings as ollama_embeddings
from mockllm.providers.ollama import generate as ollama_generate
from mockllm.providers.openai import chat, completions, embeddings, moderations, responses
from mockllm.providers.openai import dialect as openai
from mockllm.providers.openai.extras import fim

OPERATIONS: Mapping[str, Operation] = {
    "openai.chat": chat,
    "openai.responses": responses,
    "openai.completions": completions,
    "openai.embeddings": embeddings,
    "openai.moderations": moderations,
    "openai.fim": fim,
    "anthropic.messages": messages,
    "azure.chat": azure_chat,
    "azure.responses": azure_responses,
    "azure.completions": azure_completions,
    "azure.embeddings": azure_embeddings,
    "gemini.generate": gemini_generate,
    "gemini.embed": gemini_embed,
    "gemini.batch_embed": gemini_batch_embed,
    "ollama.chat": ollama_chat,
    "ollama.generate": ollama_generate,
    "ollama.embed": ollama_embed,
    "ollama.embeddings": ollama_embeddings,
}

PROVIDERS: Mapping[str, Provider] = {
    "openai": openai,
    "anthropic": anthropic,
    "azure": azure,
    "gemini": gemini,
    "ollama": ollama,
}

CHAT_OPERATIONS: Mapping[str, Operation] = {
    "openai": chat,
    "anthropic": messages,
    "azure": azure_chat,
    "gemini": gemini_generate,
    "ollama": ollama_chat,
}
"""Each provider's chat."""

ASKED: Mapping[str, Operation] = {**CHAT_OPERATIONS, **OPERATIONS}
"""What people call an operation: by its name, or a provider's chat by the provider's."""
