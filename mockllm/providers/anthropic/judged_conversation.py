"""What Anthropic's API refuses of a conversation: its roles, its texts, and tools' results.

Sources: as `judgements`. Neighbours of one role are one turn to the API, and are judged as one;
system messages among the others (a beta) are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from mockllm.core import history
from mockllm.core.judging import Asked, listed, shown_name
from mockllm.core.model import Message, Text, ToolCall, ToolResult, Unknown
from mockllm.errors import Unfit

_ROLES = ("user", "assistant", "tool", "system")


class _Said(Struct):
    role: str = ""
    content: msgspec.Raw = msgspec.Raw()


_system_prompt = msgspec.json.Decoder(str | list[msgspec.Raw])
_said = msgspec.json.Decoder(list[_Said])
_EMPTY = (msgspec.Raw(b'""'), msgspec.Raw(b"[]"))


def conversation(asked: Asked) -> Iterator[Unfit]:
    """Yield what is wrong with the messages; the system prompt is none of them."""
    messages = asked.request.messages
    if asked.member("system", _system_prompt):
        yield from _system(messages[0])
        messages = messages[1:]
    yield from _roles(messages)
    yield from _texts(messages, asked)
    if any(isinstance(part, ToolCall | ToolResult) for each in messages for part in each.parts):
        yield from _calls_and_results(messages)


def _system(message: Message) -> Iterator[Unfit]:
    if any(isinstance(part, Text) and not part.text for part in message.parts):
        yield Unfit("system: text content blocks must be non-empty")


def _roles(messages: Sequence[Message]) -> Iterator[Unfit]:
    for message in messages:
        results = any(isinstance(part, ToolResult) for part in message.parts)
        if message.role not in _ROLES or (message.role == "tool" and not results):
            yield Unfit(
                f'messages: Unexpected role "{shown_name(message.role)}". Allowed roles are "user"'
                ' or "assistant".'
            )
    first = messages[0]
    # What was compacted begins with the assistant's block that says so.
    if first.role == "assistant" and not any(isinstance(part, Unknown) for part in first.parts):
        yield Unfit('messages: first message must use the "user" role')


def _texts(messages: Sequence[Message], asked: Asked) -> Iterator[Unfit]:
    texts = [part.text for message in messages for part in message.parts if isinstance(part, Text)]
    blank = [text for text in texts if not text or text.isspace()]
    if "" in blank or not all(message.parts for message in messages):
        yield from _empty(asked)
    if any(blank):
        yield Unfit("messages: text content blocks must contain non-whitespace text")
    last = messages[-1]
    said = last.parts[-1] if last.parts else None
    if last.role == "assistant" and isinstance(said, Text) and said.text != said.text.rstrip():
        yield Unfit("messages: final assistant content cannot end with trailing whitespace")


def _empty(asked: Asked) -> Iterator[Unfit]:
    """Yield the messages without content, and whether there is a block of text without text; the
    last message of an assistant may be empty."""
    said = asked.member("messages", _said) or []
    for index, message in enumerate(said):
        is_prefill = index == len(said) - 1 and message.role == "assistant"
        if message.content in _EMPTY and not is_prefill:
            yield Unfit(
                f"messages.{index}: all messages must have non-empty content except for the"
                " optional final assistant message"
            )
    empty = sum(message.content == _EMPTY[0] for message in said)
    parts = (part for message in asked.request.messages for part in message.parts)
    if sum(isinstance(part, Text) and not part.text for part in parts) > empty:
        yield Unfit("messages: text content blocks must be non-empty")


def _calls_and_results(messages: Sequence[Message]) -> Iterator[Unfit]:
    places, turns = _turns(messages)
    for loose in history.unanswered_calls(turns):
        yield Unfit(
            f"messages.{places[loose.index]}: `tool_use` ids were found without `tool_result`"
            f" blocks immediately after: {listed(loose.ids)}. Each `tool_use` block must have a"
            " corresponding `tool_result` block in the next message."
        )
    for loose in history.unasked_results(turns):
        yield Unfit(
            f"messages.{places[loose.index]}.content.{loose.position}: unexpected `tool_use_id`"
            f" found in `tool_result` blocks: {listed(loose.ids)}. Each `tool_result` block must"
            " have a corresponding `tool_use` block in the previous message."
        )
    for loose in history.repeated_calls(turns):
        where = f"messages.{places[loose.index]}.content.{loose.position}"
        yield Unfit(f"{where}: `tool_use` ids must be unique")


def _turns(messages: Sequence[Message]) -> tuple[list[int], list[Message]]:
    """Return the turns of a conversation, and the index of the first message of each."""
    places: list[int] = []
    turns: list[Message] = []
    for index, message in enumerate(messages):
        if message.role == "system":
            continue
        said_by_both = turns and (turns[-1].role == "assistant") == (message.role == "assistant")
        if said_by_both:
            before = turns[-1]
            role = "tool" if "tool" in (before.role, message.role) else before.role
            turns[-1] = Message(role, before.parts + message.parts)
        else:
            places.append(index)
            turns.append(message)
    return places, turns
