"""How long a model stays loaded: seconds, or a duration as Go writes it (`5m`, `1h30m`).

Sources: Go 1.25 (`time.ParseDuration`) and the types of Ollama's server (`api/types.go`).
"""

from __future__ import annotations

import re
from typing import Any

from mockllm.errors import RequestError
from mockllm.providers.ollama import go_types
from mockllm.providers.ollama.go_json import quoted

_UNITS_S = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "\u03bcs": 1e-6,  # the Greek letter, which Go takes for the micro sign
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3_600.0,
}
_PIECE = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([^0-9.]*)")
_MAX_SHOWN = 100


def seconds(sent: Any) -> float | None:
    """Return how long the model stays loaded, None when nothing is said.

    Raises:
        RequestError: it is no duration.
    """
    match sent:
        case None:
            return None
        case str():
            return _parsed(sent)
        case bool() | list() | dict():
            raise RequestError(f"Unsupported type: '{go_types.interface(sent)}'")
        case _:
            return sent  # type: ignore[no-any-return]  # JSON has nothing else


def _parsed(text: str) -> float:
    unsigned = text[1:] if text[:1] in ("-", "+") else text
    if unsigned == "0":
        return 0.0
    shown = quoted(text[:_MAX_SHOWN])
    total, at = 0.0, 0
    while at < len(unsigned) or not unsigned:
        piece = _PIECE.match(unsigned, at)
        if piece is None:
            raise RequestError(f"time: invalid duration {shown}")
        if not piece[2]:
            raise RequestError(f"time: missing unit in duration {shown}")
        if piece[2] not in _UNITS_S:
            unit = quoted(piece[2][:_MAX_SHOWN])
            raise RequestError(f"time: unknown unit {unit} in duration {shown}")
        total += float(piece[1]) * _UNITS_S[piece[2]]
        at = piece.end()
    return -total if text.startswith("-") else total
