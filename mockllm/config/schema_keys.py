"""What a key of the table takes: the Cerberus rules of each sort, and words for the manual."""

from __future__ import annotations

from typing import Any

Schema = dict[str, dict[str, Any]]

ERROR_STATUSES = (400, 599)
"""The least and the greatest HTTP status of an error."""

MAX_COUNT = 1_000_000
PROVIDERS = ["openai", "anthropic", "azure", "gemini", "ollama"]


def text(about: str, **rules: Any) -> dict[str, Any]:
    return {"type": "text", "meta": {"about": about}, **rules}


def texts(about: str, **rules: Any) -> dict[str, Any]:
    """One text or a list of them; neither may be empty."""
    return {
        "type": ["text", "list"],
        "empty": False,
        "schema": {"type": "text", "empty": False, **rules},
        "meta": {"about": about},
        **rules,
    }


def flag(about: str) -> dict[str, Any]:
    return {"type": "boolean", "meta": {"about": about}}


def only_true(about: str) -> dict[str, Any]:
    return {"type": "boolean", "allowed": [True], "meta": {"about": about}}


def error_status(about: str) -> dict[str, Any]:
    return count(about, *ERROR_STATUSES)


def count(about: str, low: int = 1, high: int = MAX_COUNT) -> dict[str, Any]:
    return {"type": "integer", "min": low, "max": high, "meta": {"about": about}}


def place(about: str, *types: str, empty: bool = True) -> dict[str, Any]:
    """A key whose value is one or more places of their own."""
    return {"type": list(types), "meta": {"about": about}} | ({} if empty else {"empty": False})


def listed(about: str, **rules: Any) -> dict[str, Any]:
    """A list of texts, none of them empty."""
    return {
        "type": "list",
        "empty": False,
        "schema": {"type": "text", "empty": False, **rules},
        "meta": {"about": about},
    }
