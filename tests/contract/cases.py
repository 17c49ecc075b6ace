"""What the contract tests must know of an operation to ask it and to read its answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

JSON = dict[str, Any]


def sse_events(body: bytes) -> Iterator[JSON]:
    """Yield the JSON of each event, without OpenAI's `[DONE]`."""
    for block in body.decode().replace("\r\n", "\n").split("\n\n"):
        lines = [line for line in block.split("\n") if line.startswith("data: ")]
        for line in lines:
            if line != "data: [DONE]":
                yield json.loads(line.removeprefix("data: "))


def ndjson_events(body: bytes) -> Iterator[JSON]:
    """Yield the JSON of each line; an answer that is no stream is one."""
    yield from map(json.loads, body.splitlines())


class Streams(Struct, frozen=True):
    """How an operation streams: `name` is the neutral encoding's."""

    name: str
    content_type: str
    events: Callable[[bytes], Iterator[JSON]]


SSE = Streams("sse", "text/event-stream; charset=utf-8", sse_events)
NDJSON = Streams("ndjson", "application/x-ndjson", ndjson_events)


class Case(Struct, frozen=True, kw_only=True):
    """`body` makes a request of a prompt, for a whole answer; `error` reads the message of an
    error, `counts` the input and output tokens of an answer (None where the vendor counts none).
    `stream_path` is where streams are asked for, "" where it is the same path.

    `lacks` names what the vendor does not have, by column of the parity table, and why; `streamed`
    stands for all streams.
    """

    path: str
    body: Callable[[str], JSON]
    error: Callable[[JSON], str]
    counts: Callable[[JSON], tuple[int, int]] | None = None
    lacks: Mapping[str, str] = {}
    stream_path: str = ""

    def url(self, body: Any) -> str:
        """Return where a body is sent."""
        streams = isinstance(body, dict) and body.get("stream") is True
        return self.stream_path if streams and self.stream_path else self.path

    def sent(self, body: JSON) -> JSON:
        """Return what is sent of a body: where the URL asks for a stream, no member does."""
        return {key: body[key] for key in body if key != "stream" or not self.stream_path}


class SpokenCase(Case, frozen=True, kw_only=True):
    """An operation that answers with texts, whole or streamed.

    `fold` makes a whole answer of a stream's events; `text`, `finish`, `counts`, `reasoning` and
    `refusal` read whole answers, `said`, `thought` and `declined` the pieces of text, reasoning and
    refusal in an event (`declined` None where a refusal comes at once). `structured` asks for JSON
    of a schema. `finishes` are the vendor's words for how an
    answer ends. `drawn` begins whatever is drawn anew for each request, `drawn_members` are so
    whatever they begin with; `id` is the member with the answer's own. `stop` is None where there
    are no stop sequences. `opens` tells whether a stream begins before anything is said,
    `has_ids` whether answers have ids, `bounds_limit` whether a token limit must be positive,
    where for others a negative one is none.
    """

    fold: Callable[[list[JSON]], JSON]
    text: Callable[[JSON], str]
    finish: Callable[[JSON], str]
    counts: Callable[[JSON], tuple[int, int]]
    said: Callable[[JSON], list[str]]
    finishes: Mapping[str, str]
    drawn: tuple[str, ...]
    limit: Callable[[int], JSON]
    stop: Callable[[list[str]], JSON] | None = None
    reasoning: Callable[[JSON], str] | None = None
    refusal: Callable[[JSON], str] | None = None
    thought: Callable[[JSON], list[str]] | None = None
    declined: Callable[[JSON], list[str]] | None = None
    structured: Callable[[JSON], JSON] | None = None
    opens: bool = True
    has_ids: bool = True
    bounds_limit: bool = True
    streams: Streams = SSE
    drawn_members: tuple[str, ...] = ()
    id: str = "id"

    def settled(self, value: Any) -> Any:
        """Return an answer without what is drawn, since two requests draw apart."""
        match value:
            case dict():
                return {
                    key: self.settled(each)
                    for key, each in value.items()
                    if not (isinstance(each, str) and each.startswith(self.drawn))
                    and key not in self.drawn_members
                }
            case list():
                return [self.settled(each) for each in value]
            case _:
                return value


def _message(role: str, content: Any) -> JSON:
    return {"role": role, "content": content}


class ChatCase(SpokenCase, frozen=True, kw_only=True):
    """An operation that takes messages and calls tools.

    `calls` (names with arguments) and `call_ids` read whole answers, `argued` the pieces of
    arguments in an event, None where calls are streamed whole. `call_id` is the form of the ids
    that are drawn. `messages` is the member that holds the messages, `content` that of what each
    says; `message` makes one of a role and of a text or its parts. `needs_model` tells whether the
    body must name the model, `takes_parts` whether a message may be in parts, `takes_nothing`
    whether there may be no messages.
    """

    calls: Callable[[JSON], list[tuple[str, Any]]]
    call_ids: Callable[[JSON], list[str]]
    argued: Callable[[JSON], list[str]] | None
    call_id: str
    messages: str = "messages"
    needs_model: bool = True
    takes_parts: bool = True
    takes_nothing: bool = False
    content: str = "content"
    message: Callable[[str, Any], JSON] = _message


def json_or_nothing(text: str) -> Any:
    """Return arguments as data; what a token limit has cut is {}."""
    try:
        return json.loads(text)
    except ValueError:
        return {}
