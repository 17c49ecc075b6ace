"""What stands in `json`, `arguments` and `params`: JSON, written in YAML."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isfinite
from typing import Any, assert_never

from mockllm.config.source import ListNode, MapNode, Node, Scalar

_NUMBER = re.compile(
    r"-?(?:0|[1-9]\d{0,300})(?P<fraction>\.\d{1,300})?(?P<exponent>[eE][+-]?\d{1,3})?"
)
_WORDS = {"true": True, "false": False, "null": None, "": None}


def json_value(node: Node, text: Callable[[str], Any] = str) -> Any:
    """Return a node as JSON has it.

    Keys are text; plain `true`, `false`, `null` and JSON's numbers are what they say, everything
    else (`NO`, `12:30`, `01234`, `2024-05-01`) is text as written. `text` is applied to each text
    that is a value: it makes templates of them.
    """
    match node:
        case MapNode():
            return {key: json_value(inner, text) for key, (_, inner) in node.entries.items()}
        case ListNode():
            return [json_value(item, text) for item in node.items]
        case Scalar(plain=True, text=written) if written in _WORDS:
            return _WORDS[written]
        case Scalar(plain=True, text=written) if found := _NUMBER.fullmatch(written):
            whole = found["fraction"] is None and found["exponent"] is None
            number = int(written) if whole else float(written)
            return number if isinstance(number, int) or isfinite(number) else text(written)
        case Scalar(text=written):
            return text(written)
        case _:
            assert_never(node)
