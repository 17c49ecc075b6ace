"""Keys that have got into texts: found by their shapes, and never repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator

REDACTED = "[redacted]"
_SHORTEST_KEY = 16

_KEY = re.compile(
    r"(?<![\w-])(?:(?P<anthropic>sk-ant-[\w-]{20,})"
    r"|(?P<openai>sk-(?=[\w-]*\d)[\w-]{20,})"
    r"|(?P<google>AIza[\w-]{35})"
    r"|(?P<github>gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})"
    r"|(?P<aws>(?:AKIA|ASIA)[0-9A-Z]{16})"
    r"|(?P<slack>xox[abeprs]-[\w-]{10,})"
    r"|(?P<private>-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----))"
)
_BEGINNINGS = (
    "sk-", "AIza", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "AKIA", "ASIA", "xox",
    "-----BEGIN ",
)  # fmt: skip
"""Where none of these is, no key is: to look for them is far cheaper."""

_KINDS = {
    "anthropic": "a key like Anthropic's",
    "openai": "a key like OpenAI's",
    "google": "a key like Google's",
    "github": "a token like GitHub's",
    "aws": "a key like Amazon's",
    "slack": "a token like Slack's",
    "private": "a private key",
}


def keys_in(text: str, own: str = "") -> Iterator[str]:
    """Yield what kinds of keys are in a text, each once, in words; `own` is the sender's key."""
    if len(own) >= _SHORTEST_KEY and own in text:
        yield "the request's own API key"
    if any(beginning in text for beginning in _BEGINNINGS):
        kinds = {found.lastgroup: None for found in _KEY.finditer(text) if found[0] != own}
        yield from (_KINDS[kind] for kind in kinds if kind is not None)


def redacted(text: str, own: str = "") -> str:
    """Return a text without the keys in it."""
    if len(own) >= _SHORTEST_KEY:
        text = text.replace(own, REDACTED)
    return _KEY.sub(REDACTED, text)
