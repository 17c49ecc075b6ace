"""The parameters of OpenAI's requests, for the judgement of those that there are not.

Source: openai-python 3.54 (`types/*_create_params.py`), read 2026-11-22; a test compares. Responses
take two penalties besides, which the API knows and the SDK does not.
"""

from __future__ import annotations

_SHARED = (
    "metadata", "model", "moderation", "parallel_tool_calls", "prompt_cache_key",
    "prompt_cache_options", "prompt_cache_retention", "safety_identifier", "service_tier",
    "store", "stream", "stream_options", "temperature", "tool_choice", "tools", "top_logprobs",
    "top_p", "user",
)  # fmt: skip

CHAT = frozenset((
    *_SHARED, "audio", "frequency_penalty", "function_call", "functions", "logit_bias",
    "logprobs", "max_completion_tokens", "max_tokens", "messages", "modalities", "n",
    "prediction", "presence_penalty", "reasoning_effort", "response_format", "seed", "stop",
    "verbosity", "web_search_options",
))  # fmt: skip
RESPONSES = frozenset((
    *_SHARED, "access_programs", "background", "background_options", "context_management",
    "conversation", "frequency_penalty", "image", "include", "input", "instructions",
    "max_output_tokens", "max_tool_calls", "presence_penalty", "previous_response_id", "prompt",
    "reasoning", "text", "truncation",
))  # fmt: skip
COMPLETIONS = frozenset((
    "best_of", "echo", "frequency_penalty", "logit_bias", "logprobs", "max_tokens", "model", "n",
    "presence_penalty", "prompt", "seed", "stop", "stream", "stream_options", "suffix",
    "temperature", "top_p", "user",
))  # fmt: skip
EMBEDDINGS = frozenset(("dimensions", "encoding_format", "input", "model", "user"))
MODERATIONS = frozenset(("input", "model"))

MOVED = {
    "messages": "input",
    "response_format": "text.format",
    "reasoning_effort": "reasoning.effort",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
}
"""Parameters of chats that the Responses API has under another name."""
