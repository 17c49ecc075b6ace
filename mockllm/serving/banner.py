"""What a person sees when the server is up, and what a program reads."""

from __future__ import annotations

import json

from mockllm import __version__


def banner(url: str, source: str, content: str) -> str:
    """Return the start banner. `url` has no slash at its end; `content` is how much is served."""
    return f"""
mockllm {__version__} on {url}
{content} from {source}, taken anew whenever you save

  export OPENAI_BASE_URL={url}/v1
  export ANTHROPIC_BASE_URL={url}
  export OLLAMA_HOST={url}
  export GOOGLE_GEMINI_BASE_URL={url}

health: {url}/_mockllm/health
"""


def ready_line(url: str, port: int, pid: int) -> str:
    """Return the one line on standard output that a program waits for, and reads as JSON."""
    return json.dumps({"mockllm": "ready", "url": url, "port": port, "pid": pid})
