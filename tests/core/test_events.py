"""A reply as neutral events."""

from __future__ import annotations

import pytest

from mockllm.core import events
from mockllm.core.model import ChatReply, Image, Reasoning, Refusal, Text, ToolCall, Usage
from mockllm.core.timing import Chunking


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


def said(*turns: tuple[int, str, int | None]) -> list[tuple[int, events.Event]]:
    """Return deltas of the first part, each with its reply's number."""
    return [(number, events.Delta(0, text, chunk)) for number, text, chunk in turns]


def deltas_of(
    *replies: ChatReply, chunking: Chunking = "character"
) -> list[tuple[int, events.Event]]:
    found = events.interleaved(replies, chunking)
    return [each for each in found if isinstance(each[1], events.Delta)]


def test_one_reply_interleaved_is_its_events() -> None:
    reply = ChatReply((Text("ab"), ToolCall("c1", "f", "{}")))

    assert list(events.interleaved([reply])) == [(0, event) for event in events.events(reply)]


def test_several_replies_take_turns_and_what_is_said_in_one_turn_leaves_together() -> None:
    assert deltas_of(ChatReply((Text("ab"),)), ChatReply((Text("xy"),))) == said(
        (0, "a", 0), (1, "x", None), (0, "b", 1), (1, "y", None)
    )


def test_longer_reply_goes_on_when_the_others_have_finished() -> None:
    short, long = ChatReply((Text("a"),)), ChatReply((Text("xyz"),))

    assert deltas_of(short, long) == said((0, "a", 0), (1, "x", None), (1, "y", 1), (1, "z", 2))
    assert deltas_of(long, short) == said((0, "x", 0), (1, "a", None), (0, "y", 1), (0, "z", 2))


def test_each_of_several_replies_has_all_its_events_in_their_order() -> None:
    replies = (ChatReply(()), ChatReply((Text("a"), Text("")), "length"), ChatReply((Text("xy"),)))

    found = list(events.interleaved(replies))

    for number, reply in enumerate(replies):
        kinds = [type(event) for each, event in found if each == number]
        assert kinds == [type(event) for event in events.events(reply)]
    assert [number for number, _ in found[:2]] == [0, 0]


def test_no_replies_have_no_events() -> None:
    assert list(events.interleaved([])) == []


def test_texts_go_by_token_where_that_is_wanted() -> None:
    reply = ChatReply((Text("one two"), Text("!")))

    assert [event for _, event in deltas_of(reply, chunking="token")] == [
        events.Delta(0, "one", 0),
        events.Delta(0, " two", 1),
        events.Delta(1, "!", 2),
    ]
    assert events.chunk_count(reply, chunking="token") == 3


@pytest.mark.parametrize(
    ("chunking", "pieces"),
    [
        ("character", list("Oh! Is it?")),
        ("token", ["Oh", "!", " Is", " it", "?"]),
        ("word", ["Oh! ", "Is ", "it?"]),
        ("sentence", ["Oh! ", "Is it?"]),
    ],
)
def test_text_is_cut_as_wanted(chunking: Chunking, pieces: list[str]) -> None:
    assert list(events.cut("Oh! Is it?", chunking)) == pieces


@pytest.mark.parametrize("text", ["", " ", "a", "One. Two\n\nthree", "。？！ x", "  a  b "])
@pytest.mark.parametrize("chunking", ["character", "token", "word", "sentence"])
def test_pieces_joined_are_the_text(text: str, chunking: Chunking) -> None:
    found = list(events.cut(text, chunking))

    assert "".join(found) == text
    assert "" not in found


def test_sentences_of_languages_without_spaces_are_sentences() -> None:
    assert list(events.cut("你好。再见！好", "sentence")) == ["你好。", "再见！", "好"]


def test_arguments_go_by_token_whatever_the_text_does() -> None:
    call = ToolCall("c1", "f", '{"a": 1}')

    assert list(events.pieces(call, "sentence")) == list(events.pieces(call, "token"))


def test_turn_of_several_replies_says_the_longest_piece() -> None:
    replies = (ChatReply((Text("a bcd"),)), ChatReply((Text("abc d e"),)))

    assert list(events.turns(replies, "word")) == ["abc ", "bcd", "e"]
