"""What a person sees on the console: one line a request, and colour on a terminal."""

from __future__ import annotations

import logging
import os
import sys
import time
from contextlib import suppress
from typing import TextIO

from mockllm.console import Console
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
    logger.addHandler(_Handler(Console(stream or sys.stderr)))
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
    line, handler = request_line(exchange), _only_handler()
    if handler is not None:
        handler.tell(line, level)
    else:
        requests.info("%s", line, extra={"tone": level})


def _only_handler() -> _Handler | None:
    """Return our handler where nobody else hears what is logged: then a line of a request needs no
    record, which takes longer than the line."""
    if requests.handlers or requests.filters or logging.root.handlers:
        return None
    handlers = requests.parent.handlers if requests.parent else []
    return handlers[0] if len(handlers) == 1 and isinstance(handlers[0], _Handler) else None


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
    parts.append(f"{exchange.took_s * 1000:.0f} ms")
    if exchange.warnings or exchange.has_faulted or exchange.outcome == "client_left":
        parts += _notes(exchange)
    line = " ".join(parts)
    return line if line.isprintable() else line.translate(_UNSAFE)


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


class _Handler(logging.Handler):
    """Writes to a console: lines of requests soon, everything else at once."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._has_colour = uses_colour(console.stream)
        self._second = 0
        self._time = ""
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """As `logging.Handler.emit`."""
        try:
            tone = getattr(record, "tone", record.levelno)
            self._console.now(self._styled(self.format(record), tone, int(record.created)))
        except Exception:  # noqa: BLE001  # as every handler of logging: what cannot be logged fails nobody
            self.handleError(record)

    def tell(self, line: str, tone: int) -> None:
        """Write a request's line soon."""
        with suppress(OSError, ValueError):  # whoever reads it has gone: no client is failed by it
            self._console.later(self._styled(line, tone, int(time.time())))

    def flush(self) -> None:
        """As `logging.Handler.flush`: at the end of the process it writes what still waits."""
        self._console.flush()

    def _styled(self, message: str, tone: int, second: int) -> str:
        if second != self._second:
            self._time, self._second = time.strftime("%H:%M:%S", time.localtime(second)), second
        if not self._has_colour:
            return f"{self._time} {message}\n"
        colour = _COLOURS.get(tone, "")
        return f"{_DIM}{self._time}{_RESET} {colour}{message}{_RESET if colour else ''}\n"
