"""What Go's JSON decoder says of a body that is no JSON.

Source: Go 1.25 (`encoding/json/scanner.go`). Departures: what stands behind the first value is an
error here; text that is no UTF-8, and lone surrogates, are refused.
"""

from __future__ import annotations

import json
import re
from typing import Any

_LITERALS = {"t": "true", "f": "false", "n": "null"}
_END = "unexpected EOF"
_TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def quoted(text: str) -> str:
    """Return a text in quotes, as Go shows it."""
    return json.dumps(text, ensure_ascii=False)


def malformed(body: bytes) -> str | None:
    """Return why a body is no JSON, None when Go finds nothing wrong or it is no text."""
    try:
        text = body.decode()
        json.loads(text, parse_constant=_refuse_constant, parse_int=str, parse_float=str)
    except UnicodeDecodeError:
        return None
    except RecursionError:
        return "exceeded max depth"
    except _NoConstant as error:
        return _unexpected(error.name[0], "looking for beginning of value")
    except json.JSONDecodeError as error:
        return _words(text, error)
    return None


class _NoConstant(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name.removeprefix("-")


def _refuse_constant(name: str) -> Any:
    raise _NoConstant(name)


def _words(text: str, error: json.JSONDecodeError) -> str:
    at = error.pos
    if error.msg.startswith("Illegal trailing comma"):
        at = _next(text, at + 1)
    if error.msg.startswith("Unterminated string") or at >= len(text):
        return _END
    if error.msg.startswith("Invalid control character"):
        return _unexpected(text[at], "in string literal")
    if error.msg.startswith("Invalid \\u"):
        return _in_escape(text, text.find("\\u", at - 1) + 2)
    if error.msg.startswith("Invalid \\"):
        return _unexpected(text[at + 1 : at + 2], "in string escape code")
    return _out_of_place(text, at, error.msg)


def _in_escape(text: str, start: int) -> str:
    for each in text[start : start + 4]:
        if each not in "0123456789abcdefABCDEF":
            return _unexpected(each, "in \\u hexadecimal character escape")
    return _END


def _out_of_place(text: str, at: int, message: str) -> str:
    found = text[at]
    match message.partition(" ")[2].partition(" ")[0]:
        case "property" | "trailing" if "object" in message or "property" in message:
            return _unexpected(found, "looking for beginning of object key string")
        case "':'":
            return _unexpected(found, "after object key")
        case "','":
            return _unexpected(found, f"after {_unfinished(text[:at])}")
        case "data":
            return _unexpected(found, "after top-level value")
        case _ if found in _LITERALS:
            return _in_literal(text[at:], _LITERALS[found])
        case _:
            return _unexpected(found, "looking for beginning of value")


def _in_literal(text: str, literal: str) -> str:
    for found, wanted in zip(text, literal, strict=False):
        if found != wanted:
            return _unexpected(found, f"in literal {literal} (expecting '{wanted}')")
    return _END


def _unfinished(text: str) -> str:
    """Return what the last object or array that is open was in the middle of."""
    open_ones: list[str] = []
    for each in _TEXT_OR_BRACKET.findall(text):
        if each in "{[":
            open_ones.append(each)
        elif each in "}]":
            open_ones.pop()
    return "object key:value pair" if open_ones[-1:] == ["{"] else "array element"


def _next(text: str, at: int) -> int:
    """Return where what is no space begins."""
    return len(text) - len(text[at:].lstrip())


def _unexpected(found: str, where: str) -> str:
    if not found:
        return _END
    shown = "'\\''" if found == "'" else f"'{quoted(found)[1:-1]}'" if found != '"' else "'\"'"
    return f"invalid character {shown} {where}"
