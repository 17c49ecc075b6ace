"""How Google words what it refuses of a request: what cannot be read, and what is out of range.

Source: the errors that users of the API report, as `judgements` says. What cannot be read names
its field in the details; what is out of range does not.
"""

from __future__ import annotations

from typing import Any

import msgspec

from mockllm.core.judging import shown_name
from mockllm.errors import Unfit

PACKAGE = "type.googleapis.com/google.ai.generativelanguage.v1beta."
"""What the names of enumerations begin with. Departure: Vertex AI's are named so too."""

_MAX_SHOWN = 100


def unknown_name(name: str, path: str) -> Unfit:
    """Return the refusal of a member that there is not; `path` is what it stands in."""
    return _unread(f'Unknown name "{shown_name(name)}"', path, "Cannot find field.")


def no_list(name: str, path: str) -> Unfit:
    """Return the refusal of a list where one value is meant."""
    words = "Proto field is not repeating, cannot start list."
    return _unread(f'Unknown name "{name}"', path, words)


def _unread(what: str, path: str, why: str) -> Unfit:
    at = f" at '{path}'" if path else ""
    return Unfit(f"Invalid JSON payload received. {what}{at}: {why}", path)


def invalid_value(path: str, kind: str, value: Any) -> Unfit:
    """Return the refusal of a value that is none of its field's type."""
    shown = msgspec.json.encode(value).decode()
    shown = shown if len(shown) <= _MAX_SHOWN else f"{shown[:_MAX_SHOWN]}…"
    return Unfit(f"Invalid value at '{path}' ({kind}), {shown}", path)


def broken_rule(path: str, rule: str) -> Unfit:
    """Return the refusal of a member that can be read and may not be as it is."""
    return Unfit(f"* GenerateContentRequest.{path}: {rule}")


def unsupported(name: str, value: float, low: int, above: int) -> Unfit:
    """Return the refusal of a number that the model does not take; `above` is too large."""
    return Unfit(
        f"Unable to submit request because it has a {name} value of {value:.15g} but the supported"
        f" range is from {low} (inclusive) to {above} (exclusive). Update the value and try again."
    )
