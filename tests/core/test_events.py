"""A reply as neutral events."""

from __future__ import annotations

import pytest

from mockllm.core import events
from mockllm.core.model import ChatReply, Image, Reasoning, Refusal, Text, ToolCall, Usage


def test_reply_streams_a_code_point_at_a_time() -> None:
    reply = ChatReply((Text("a👩"), Text("b")), "length", None, Usage(3, 2))

    assert list(events.events(reply)) == [
        events.Started(Text(""), Usage(3)),
        events.PartStarted(0, Text("")),
        events.Delta(0, "a", 0),
        events.Delta(0, "👩", 1),
        events.PartEnded(0, Text("a👩")),
        events.PartStarted(1, Text("")),
        events.Delta(1, "b", 2),
        events.PartEnded(1, Text("b")),
        events.Finished("length", None, Usage(3, 2)),
    ]


def test_arguments_stream_a_token_at_a_time() -> None:
    call = ToolCall("c1", "f", '{"city":"Paris"}')

    assert list(events.events(ChatReply((call,), "tool_calls"))) == [
        events.Started(ToolCall("c1", "f", ""), Usage()),
        events.PartStarted(0, ToolCall("c1", "f", "")),
        events.Delta(0, "{", 0),
        events.Delta(0, '"', 1),
        events.Delta(0, "city", 2),
        events.Delta(0, '"', 3),
        events.Delta(0, ":", 4),
        events.Delta(0, '"', 5),
        events.Delta(0, "Paris", 6),
        events.Delta(0, '"', 7),
        events.Delta(0, "}", 8),
        events.PartEnded(0, call),
        events.Finished("tool_calls", None, Usage()),
    ]


def test_part_starts_with_all_but_what_it_says() -> None:
    reply = ChatReply((Reasoning("hm", "sig"), Refusal("no")))

    started = [event.part for event in events.events(reply) if type(event) is events.PartStarted]

    assert started == [Reasoning("", "sig"), Refusal("")]


def test_reply_without_parts_starts_and_finishes() -> None:
    assert list(events.events(ChatReply(()))) == [
        events.Started(None, Usage()),
        events.Finished("stop", None, Usage()),
    ]


def test_chunks_are_counted_as_they_are_streamed() -> None:
    reply = ChatReply((Text("ab"), ToolCall("c1", "f", "{}"), Text("")))

    deltas = [event for event in events.events(reply) if isinstance(event, events.Delta)]

    assert events.chunk_count(reply) == len(deltas) == 4


def test_part_that_no_reply_can_carry_is_refused() -> None:
    with pytest.raises(TypeError, match="Image"):
        list(events.events(ChatReply((Image("x"),))))
