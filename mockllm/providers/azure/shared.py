"""`/openai/v1`, which Azure shares with OpenAI's own clients: they are told apart by the
`api-key` header and by `api-version`, which only Azure's send.

Source: https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle, from memory.
Departure: a client of Azure's that sends a bearer token and no `api-version` is taken for one of
OpenAI's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import parse_qs

from msgspec import Struct

from mockllm.core.exchange import Exchange
from mockllm.core.judging import Judgement
from mockllm.core.model import Encoding, Request
from mockllm.core.protocol import Dialect, Frame, Frames, Headers, Operation, Whole
from mockllm.core.raw import Raw
from mockllm.errors import RequestError
from mockllm.providers.azure import dialect as azure

_ROUTE = "/openai/v1/"


def is_azure(path: str, query: str, headers: Mapping[str, str]) -> bool:
    """Return whether a request to a shared URL comes from a client of Azure's.

    `path` and `query` are as the client sent them; header names are lower-case.
    """
    if not path.startswith(_ROUTE):
        return False
    return "api-key" in headers or "api-version" in parse_qs(query, keep_blank_values=True)


def _is_azure(raw: Raw) -> bool:
    return is_azure(raw.path, raw.query, raw.headers)


class SharedDialect(Struct, frozen=True):
    """OpenAI's dialect, or Azure's for its clients."""

    openai: Dialect

    def headers(self, exchange: Exchange) -> Headers:
        return self._spoken(exchange).headers(exchange)

    def render_error(self, error: RequestError, exchange: Exchange) -> Whole:
        return self._spoken(exchange).render_error(error, exchange)

    def _spoken(self, exchange: Exchange) -> Dialect:
        return azure if _is_azure(exchange.raw) else self.openai


class SharedOperation(Struct, frozen=True):
    """OpenAI's operation, or Azure's for its clients."""

    openai: Operation
    azure: Operation

    @property
    def NAME(self) -> str:  # noqa: N802  # as the protocol has it
        return self.openai.NAME

    @property
    def ENCODINGS(self) -> Mapping[Encoding, str]:  # noqa: N802  # as the protocol has it
        return self.openai.ENCODINGS

    @property
    def JUDGEMENTS(self) -> Sequence[Judgement]:  # noqa: N802  # as the protocol has it
        return self.openai.JUDGEMENTS

    def parse(self, raw: Raw) -> Request:
        return self._asked(raw).parse(raw)

    def render(self, exchange: Exchange) -> bytes:
        return self._asked(exchange.raw).render(exchange)

    def headers(self, exchange: Exchange) -> Headers:
        return self._asked(exchange.raw).headers(exchange)

    def render_error(self, error: RequestError, exchange: Exchange) -> Whole:
        return self._asked(exchange.raw).render_error(error, exchange)

    @property
    def stream(self) -> Callable[[Exchange], Iterator[Frame | Frames]] | None:
        return None if self.openai.stream is None else self._stream

    @property
    def error_frame(self) -> Callable[[RequestError, Exchange], Frame] | None:
        return None if self.openai.error_frame is None else self._error_frame

    def _stream(self, exchange: Exchange) -> Iterator[Frame | Frames]:
        stream = self._asked(exchange.raw).stream
        assert stream is not None
        return stream(exchange)

    def _error_frame(self, error: RequestError, exchange: Exchange) -> Frame:
        error_frame = self._asked(exchange.raw).error_frame
        assert error_frame is not None
        return error_frame(error, exchange)

    def _asked(self, raw: Raw) -> Operation:
        return self.azure if raw.path.startswith(_ROUTE) and _is_azure(raw) else self.openai
