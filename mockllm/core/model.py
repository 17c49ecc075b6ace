"""The neutral model: what every dialect is read into and rendered from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, structs

from mockllm.core.faults import ErrorKind, Fault
from mockllm.core.timing import Timing

Encoding = Literal["whole", "sse", "ndjson", "json_array"]
"""How an answer is put on the wire: in one piece, or as a stream of one of these kinds."""

Finish = Literal[
    "stop",
    "stop_sequence",
    "length",
    "tool_calls",
    "content_filter",
    "refusal",
    "pause",
    "context_length",
]


class _Part(Struct, frozen=True, tag_field="kind", tag=True):
    """What parts have in common: they can be stored, and told apart when they are read again."""


class Text(_Part, frozen=True, gc=False):
    """`is_json` tells that the rule gives it as data: where a tool is forced, it is arguments."""

    text: str
    is_json: bool = False


class Image(_Part, frozen=True, gc=False):
    """`url` is a web address, a `data:` URL, or a vendor's file id."""

    url: str


class Audio(_Part, frozen=True, gc=False):
    format: str


class File(_Part, frozen=True, gc=False):
    """`name` is a file name, a URL or a vendor's file id; "" when the request names none.

    `text` is what stands in it, where the request carries that as text.
    """

    name: str
    text: str = ""


class ToolCall(_Part, frozen=True, gc=False):
    """`arguments` is JSON text, as OpenAI sends it; it may be malformed in a history.

    `is_drawn` means that the id was made up here, and is worded by the dialect.
    """

    id: str
    name: str
    arguments: str
    is_drawn: bool = False


class ToolResult(_Part, frozen=True):
    call_id: str
    parts: tuple[Part, ...]
    is_error: bool = False


class Reasoning(_Part, frozen=True, gc=False):
    """`signature` is the vendor's proof of origin, None where the vendor has none."""

    text: str
    signature: str | None = None


class Refusal(_Part, frozen=True, gc=False):
    text: str


class Unknown(_Part, frozen=True):
    """A part of a kind this version does not know: kept, never an error."""

    type: str
    raw: Mapping[str, Any]


class Reference(_Part, frozen=True, gc=False):
    """A stored part of the conversation, named by its id and not repeated."""

    id: str


Part = (
    Text | Image | Audio | File | ToolCall | ToolResult | Reasoning | Refusal | Reference | Unknown
)


class Message(Struct, frozen=True):
    """`role` is `system`, `developer`, `user`, `assistant` or `tool`, or what the client sent;
    `instructions` for those that hold for one request and not for the conversation.

    A `tool` message holds `ToolResult` parts, wherever the vendor puts them, and the text that
    stood beside them.
    """

    role: str
    parts: tuple[Part, ...]


class Tool(Struct, frozen=True):
    """A tool that the client offers. `parameters` is a JSON Schema, {} when it takes none."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = {}


class ToolChoice(Struct, frozen=True, gc=False):
    """What the client lets the model do with tools. `named` forces the tool `name`; `required`
    forces any of them; `parallel` False allows one call only."""

    mode: Literal["auto", "none", "required", "named"] = "auto"
    name: str | None = None
    parallel: bool = True


class ResponseFormat(Struct, frozen=True):
    """`name` and `schema` are the JSON Schema's, where the client sent one."""

    kind: Literal["text", "json_object", "json_schema"] = "text"
    name: str | None = None
    schema: Mapping[str, Any] | None = None


class Sampling(Struct, frozen=True):
    """`max_tokens` None means no limit; `stop` holds no empty strings.

    `logprobs` is how many likely tokens to tell beside each token said, None for no
    probabilities at all; with them a stream goes a token at a time.
    """

    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    logprobs: int | None = None


class ObjectName(Struct, frozen=True, gc=False):
    """What a stored object is found by: its kind (`response`, `conversation`) and its id."""

    kind: str
    id: str


class CacheMark(Struct, frozen=True, gc=False):
    """A place in the input up to which a provider's prompt cache may hold it.

    `digest` tells this prefix from any other, `tokens` is its length. `ttl_s` is how long it is
    to be kept, 0 where it is only looked for.
    """

    digest: bytes
    tokens: int
    ttl_s: int = 0


class Request(Struct, frozen=True):
    """A parsed request. `messages`: oldest first, the system message first if there is one.

    `inputs` are what each gets an answer of its own (texts to embed or to judge, prompts to
    complete); () for a chat. `input_tokens` counts the tokens of each where the client sends
    tokens, () where texts leave it to be estimated. `choices` is how many answers each is to get.
    `dimensions` is how long vectors are, 0 where there are none.

    `encoding` is that of the answer if it is streamed; `stream_usage` asks for a last event with
    the token counts (OpenAI's `include_usage`). `continues` names the stored object whose
    conversation goes on; `has_references` tells that parts of it are stored too, and named only.
    `is_deferred` tells that the client asks for the answer later. `cache_marks`, the shortest
    prefix first, are what the client asks to be cached, () where it leaves that to the provider.
    `wire` is the body as the operation decoded it, for its own rendering only.
    """

    operation: str
    provider: str
    model: str
    messages: tuple[Message, ...] = ()
    sampling: Sampling = Sampling()
    stream: bool = False
    encoding: Encoding = "sse"
    stream_usage: bool = False
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = ToolChoice()
    response_format: ResponseFormat = ResponseFormat()
    inputs: tuple[tuple[Part, ...], ...] = ()
    input_tokens: tuple[int, ...] = ()
    choices: int = 1
    dimensions: int = 0
    continues: ObjectName | None = None
    has_references: bool = False
    is_deferred: bool = False
    cache_marks: tuple[CacheMark, ...] = ()
    wire: Any = None


class Usage(Struct, frozen=True, gc=False):
    """`input_tokens` are all of them: those read from the prompt cache (`cached_tokens`) and those
    written to it are among them, as reasoning is among `output_tokens`."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    cache_write_tokens: int = 0


class ChatReply(Struct, frozen=True, tag=True, gc=False):
    """A chat answer: texts, reasoning, refusals and tool calls in the order they are said.

    `stop_sequence` is the one that ended it, when `finish` says so. `headers` are sent besides
    the vendor's; `timing` and `fault` None are those that hold for all, as in the other replies.
    """

    parts: tuple[Part, ...]
    finish: Finish = "stop"
    stop_sequence: str | None = None
    usage: Usage = Usage()
    headers: tuple[tuple[str, str], ...] = ()
    timing: Timing | None = None
    fault: Fault | None = None


class ErrorReply(Struct, frozen=True, tag=True):
    """An error as a provider would send it. `status` None is the vendor's for this kind,
    `message` None the vendor's own words."""

    kind: ErrorKind
    status: int | None = None
    message: str | None = None
    retry_after_s: float | None = None
    headers: tuple[tuple[str, str], ...] = ()
    timing: Timing | None = None
    fault: Fault | None = None


class VectorReply(Struct, frozen=True, tag=True):
    """An embedding of one input."""

    values: tuple[float, ...]
    usage: Usage = Usage()
    headers: tuple[tuple[str, str], ...] = ()
    timing: Timing | None = None
    fault: Fault | None = None


class ModerationReply(Struct, frozen=True, tag=True):
    """What is thought of one input. `flagged` names categories; `scores`, from 0 to 1, those
    whose score the rule gives."""

    flagged: tuple[str, ...] = ()
    scores: Mapping[str, float] = {}
    usage: Usage = Usage()
    headers: tuple[tuple[str, str], ...] = ()
    timing: Timing | None = None
    fault: Fault | None = None


Answer = ChatReply | VectorReply | ModerationReply
Reply = Answer | ErrorReply


def each_input(request: Request) -> tuple[Request, ...]:
    """Return what is answered by itself: a chat, or each input as a chat of one message."""
    if not request.inputs:
        return (request,)
    counts = request.input_tokens
    return tuple(
        structs.replace(
            request, messages=(Message("user", parts),), input_tokens=counts[number : number + 1]
        )
        for number, parts in enumerate(request.inputs)
    )


def joined_text(parts: tuple[Part, ...], separator: str = "\n") -> str:
    """Return the text parts as one string; "" when there are none."""
    return separator.join(part.text for part in parts if isinstance(part, Text))


def part_text(part: Part) -> str:
    """Return what a part of a reply says: its text, or its arguments."""
    match part:
        case Text(text) | Refusal(text) | Reasoning(text):
            return text
        case ToolCall(arguments=arguments):
            return arguments
        case _:
            raise TypeError(f"a reply cannot carry {type(part).__name__}")


def with_text(part: Part, text: str) -> Part:
    """Return a part of a reply that says `text` instead."""
    if isinstance(part, ToolCall):
        return structs.replace(part, arguments=text)
    return structs.replace(part, text=text)
