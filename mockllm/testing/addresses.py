"""Where each provider's SDK is to send its requests, and the variables that tell it so."""

from __future__ import annotations

from collections.abc import Mapping

_PATHS = {
    "openai": "/v1",
    "anthropic": "",
    "gemini": "",
    "ollama": "",
    "azure": "",
    "cohere": "/compatibility/v1",
    "deepseek": "/v1",
    "groq": "/openai/v1",
    "mistral": "",
    "openrouter": "/api/v1",
    "vllm": "/v1",
}
"""What follows the server's URL. Mistral's SDK adds `/v1`; so do those that have nothing here."""

_LOOPBACK = "127.0.0.1,localhost"
_AZURE_VERSION = "2024-10-21"


def base_url(url: str, provider: str) -> str:
    """Return the base URL that a provider's SDK takes.

    Raises:
        ValueError: there is no such provider; the message names those that there are.
    """
    if provider not in _PATHS:
        raise ValueError(f"there is no provider {provider!r}; there are {', '.join(_PATHS)}")
    return url + _PATHS[provider]


def variables(url: str, key: str, environ: Mapping[str, str]) -> dict[str, str | None]:
    """Return the environment variables of the official SDKs, None for those that must not be set:
    they would send another key, or send it elsewhere. `environ` is the environment as it is."""
    found: dict[str, str | None] = {
        "OPENAI_BASE_URL": base_url(url, "openai"),
        "OPENAI_API_BASE": base_url(url, "openai"),
        "OPENAI_API_KEY": key,
        "ANTHROPIC_BASE_URL": base_url(url, "anthropic"),
        "ANTHROPIC_API_KEY": key,
        "ANTHROPIC_AUTH_TOKEN": None,
        "GOOGLE_GEMINI_BASE_URL": base_url(url, "gemini"),
        "GOOGLE_VERTEX_BASE_URL": base_url(url, "gemini"),
        "GEMINI_API_KEY": key,
        "GOOGLE_API_KEY": None,
        "GOOGLE_GENAI_USE_VERTEXAI": None,
        "GOOGLE_GENAI_USE_ENTERPRISE": None,
        "OLLAMA_HOST": base_url(url, "ollama"),
        "AZURE_OPENAI_ENDPOINT": base_url(url, "azure"),
        "AZURE_OPENAI_API_KEY": key,
        "AZURE_OPENAI_AD_TOKEN": None,
        "OPENAI_API_VERSION": _AZURE_VERSION,
    }
    for name in ("NO_PROXY", "no_proxy"):
        others = environ.get(name, "")
        found[name] = f"{others},{_LOOPBACK}" if others else _LOOPBACK
    return found
