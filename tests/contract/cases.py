"""What the contract tests must know of an operation to ask it and to read its answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

JSON = dict[str, Any]


class Case(Struct, frozen=True, kw_only=True):
    """`body` makes a request of a prompt; `error` reads the message of an error, `counts` the
    input and output tokens of an answer (None where the vendor counts none). `stream_path` is
    where streams are asked for, "" where it is the same path.

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


class SpokenCase(Case, frozen=True, kw_only=True):
    """An operation that answers with texts, whole or streamed.

    `fold` makes a whole answer of a stream's events; `text`, `finish` and `counts` read whole
    answers, `said` the pieces of text in an event. `finishes` are the vendor's words for how an
    answer ends. `drawn` begins whatever is drawn anew for each request, `drawn_members` are so
    whatever they begin with; `id` is the member with the answer's own. `stop` is None where there
    are no stop sequences. `opens` tells whether a stream begins before anything is said.
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
    opens: bool = True
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

    `calls` (names with arguments), `call_ids`, `reasoning` and `refusal` read whole answers,
    `argued`, `thought` and `declined` the pieces of arguments, reasoning and refusal in an event
    (`argued` None where calls are streamed whole, `declined` None where a refusal comes at once).
    `call_id` is the form of the ids that are drawn. `messages` is the member that holds the
    messages, `content` that of what each says; `message` makes one of a role and of a text or its
    parts. `structured` asks for JSON of a schema. `needs_model` tells whether the body must name
    the model.
    """

    calls: Callable[[JSON], list[tuple[str, Any]]]
    call_ids: Callable[[JSON], list[str]]
    reasoning: Callable[[JSON], str]
    refusal: Callable[[JSON], str]
    argued: Callable[[JSON], list[str]] | None
    thought: Callable[[JSON], list[str]]
    declined: Callable[[JSON], list[str]] | None = None
    call_id: str
    structured: Callable[[JSON], JSON]
    messages: str = "messages"
    needs_model: bool = True
    content: str = "content"
    message: Callable[[str, Any], JSON] = _message


def sse_events(body: bytes) -> Iterator[JSON]:
    """Yield the JSON of each event, without OpenAI's `[DONE]`."""
    for block in body.decode().replace("\r\n", "\n").split("\n\n"):
        lines = [line for line in block.split("\n") if line.startswith("data: ")]
        for line in lines:
            if line != "data: [DONE]":
                yield json.loads(line.removeprefix("data: "))


def json_or_nothing(text: str) -> Any:
    """Return arguments as data; what a token limit has cut is {}."""
    try:
        return json.loads(text)
    except ValueError:
        return {}
