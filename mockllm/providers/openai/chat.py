"""`POST /v1/chat/completions`.

Its parts name their sources: `chat_request`, `chat_choice`, `chat_message`, `chat_stream`,
`chat_usage`, `silence`, `stored_completions`; what others than OpenAI add stands in `extras`.

Departures, besides theirs: `model` is echoed where the API answers with a dated name; web search
finds nothing, so `annotations` are empty; `moderation` is not made. With `logprobs`, tool calls
have none: `content` and `refusal` are null. A call of a custom tool is streamed as the API does it,
with `type: custom`, which openai-python 3.54 does not type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from mockllm.core.exchange import Exchange
from mockllm.core.model import Encoding
from mockllm.core.protocol import Frame, Frames
from mockllm.errors import RequestError
from mockllm.providers.openai import chat_message, chat_request, dialect, judgements
from mockllm.providers.openai.chunks import framed
from mockllm.providers.openai.extras import extras
from mockllm.wire import sse

NAME = chat_request.OPERATION
ENCODINGS: Mapping[Encoding, str] = {"whole": dialect.JSON, "sse": sse.CONTENT_TYPE}

JUDGEMENTS = judgements.CHAT
headers = dialect.headers
parse = chat_request.parse
render_error = dialect.render_error


def render(exchange: Exchange) -> bytes:
    """Return a `chat.completion`."""
    if exchange.settings.openai_extras:
        return msgspec.json.encode(extras.completion(exchange))
    return chat_message.encoded(exchange)


def stream(exchange: Exchange) -> Iterator[Frame | Frames]:
    """Yield the chunks of all choices, one token of each in turn, then `[DONE]`."""
    return framed(extras.chunks(exchange))


def error_frame(error: RequestError, _exchange: Exchange) -> Frame:
    """Return `error` as an event, as the API ends a stream that fails."""
    return Frame(sse.data(dialect.error_body(error)), "end")
