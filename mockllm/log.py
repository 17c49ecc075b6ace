"""What a person sees on the console: one line a request, and colour on a terminal."""

from __future__ import annotations

import logging
import os
import sys
from typing import TextIO

from mockllm.core.exchange import Exchange
from mockllm.core.model import ErrorReply

requests = logging.getLogger("mockllm.requests")

_MAX_WARNINGS = 5
_RESET, _DIM = "\x1b[0m", "\x1b[2m"
_COLOURS = {
    logging.WARNING: "\x1b[33m",
    logging.ERROR: "\x1b[31m",
    logging.CRITICAL: "\x1b[31m",
}
_UNSAFE = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {
    code: f"\\u{code:04x}"
    for code in (0x061C, *range(0x200E, 0x2010), *range(0x2028, 0x202F), *range(0x2066, 0x206A))
}
"""What could change the terminal, or the order or number of the lines on it."""


def install(stream: TextIO | None = None) -> None:
    """Send mockllm's log to `stream` (None: stderr), unless the program has set up logging."""
    logger = logging.getLogger("mockllm")
    if logger.hasHandlers():
        return
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Formatter(uses_colour(handler.stream)))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logging.getLogger("werkzeug").addFilter(_is_no_request_line)


def uses_colour(stream: TextIO) -> bool:
    """Return whether `stream` is a terminal whose user has not refused colour (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def log_request(exchange: Exchange) -> None:
    """Log a closed exchange; what was refused or not matched stands out on a terminal."""
    level = logging.INFO
    if exchange.error is not None:
        level = logging.ERROR
    elif exchange.near or exchange.warnings or exchange.has_faulted:
        level = logging.WARNING
    requests.info("%s", request_line(exchange), extra={"tone": level})


def request_line(exchange: Exchange) -> str:
    """Return a closed exchange as one line; when no rule matched, with the nearest one."""
    parts = [exchange.raw.method, _cut(exchange.raw.path, 200), str(exchange.status)]
    if exchange.request is not None:
        parts.append(_cut(exchange.request.model))
    if exchange.rule is not None:
        parts.append(f"<- {exchange.rule.place or 'built-in'} {_short(exchange.rule.name)}")
    if exchange.near:
        near = exchange.near[0]
        place = f" {near.rule.place}" if near.rule.place else ""
        parts.append(f"(nearest:{place} {_short(near.rule.name)}: {near.mismatch})")
    if exchange.reply is not None and not isinstance(exchange.reply, ErrorReply):
        usage = exchange.usage
        parts.append(f"{usage.input_tokens}+{usage.output_tokens} tokens")
    if exchange.error is not None:
        parts.append(f"({_cut(exchange.error.message, 200)})")
    parts += [f"{exchange.took_s * 1000:.0f} ms", *_notes(exchange)]
    return " ".join(parts).translate(_UNSAFE)


def _notes(exchange: Exchange) -> list[str]:
    """Return what was unusual about an exchange."""
    parts: list[str] = []
    parts += [f"warning: {_cut(warning, 300)}" for warning in exchange.warnings[:_MAX_WARNINGS]]
    if len(exchange.warnings) > _MAX_WARNINGS:
        parts.append(f"and {len(exchange.warnings) - _MAX_WARNINGS} more warnings")
    if exchange.fault is not None and exchange.has_faulted:
        parts.append(f"fault: {exchange.fault.fault.kind} ({exchange.fault.source})")
    if exchange.outcome == "client_left":
        parts.append("client left")
    return parts


def _is_no_request_line(record: logging.LogRecord) -> bool:
    """Drop what werkzeug's server says of each request (`127.0.0.1 - - [...`): we say more."""
    return " - - [" not in record.msg


def _short(text: str) -> str:
    return f'"{_cut(text)}"'


def _cut(text: str, limit: int = 40) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"


class _Formatter(logging.Formatter):
    def __init__(self, colour: bool) -> None:
        super().__init__("%(asctime)s %(message)s", "%H:%M:%S")
        self._colour = colour

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if not self._colour:
            return text
        time, _, message = text.partition(" ")
        colour = _COLOURS.get(getattr(record, "tone", record.levelno), "")
        return f"{_DIM}{time}{_RESET} {colour}{message}{_RESET if colour else ''}"
