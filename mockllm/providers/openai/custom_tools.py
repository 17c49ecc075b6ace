"""Tools that take text in place of arguments.

Rules and automatic answers know one kind of tool: they give a custom one its text as
`{"input": text}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
    "additionalProperties": False,
}
"""What stands for the parameters of a custom tool."""


def input_of(arguments: str) -> str:
    """Return the text in `{"input": text}`; any other arguments are the input as they are."""
    try:
        found: Any = msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        return arguments
    match found:
        case {"input": str(text)} if len(found) == 1:
            return text
        case _:
            return arguments
