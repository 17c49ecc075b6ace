"""Cutting and counting replies."""

from __future__ import annotations

import pytest

from mockllm.core.compose import canned, compose, content_tokens
from mockllm.core.model import (
    ChatReply,
    Finish,
    Image,
    Sampling,
    Text,
    ToolResult,
    Usage,
)
from tests.core.builders import request, user

COUNT = "one two three four five"


@pytest.mark.parametrize(
    ("sampling", "text", "finish", "stop_sequence"),
    [
        (Sampling(), COUNT, "stop", None),
        (Sampling(max_tokens=5), COUNT, "stop", None),
        (Sampling(max_tokens=2), "one two", "length", None),
        (Sampling(max_tokens=0), "", "length", None),
        (Sampling(stop=("three",)), "one two ", "stop_sequence", "three"),
        (Sampling(stop=("five", "three")), "one two ", "stop_sequence", "three"),
        (Sampling(stop=("six",)), COUNT, "stop", None),
        (Sampling(max_tokens=1, stop=("three",)), "one", "length", None),
        (Sampling(max_tokens=9, stop=("three",)), "one two ", "stop_sequence", "three"),
    ],
)
def test_reply_ends_where_the_client_asked(
    sampling: Sampling, text: str, finish: Finish, stop_sequence: str | None
) -> None:
    reply = compose(canned(COUNT), request(user("count"), sampling=sampling))

    assert reply.parts == (Text(text),)
    assert (reply.finish, reply.stop_sequence) == (finish, stop_sequence)


def test_usage_counts_the_input_and_what_is_left_of_the_output() -> None:
    reply = compose(canned(COUNT), request(user("count it"), sampling=Sampling(max_tokens=2)))

    assert reply.usage == Usage(input_tokens=2, output_tokens=2)


def test_output_of_a_canned_reply_is_counted_when_it_is_made() -> None:
    assert canned(COUNT) == ChatReply((Text(COUNT),), usage=Usage(output_tokens=5))


def test_only_texts_are_counted_those_in_tool_results_too() -> None:
    result = ToolResult("call_1", (Text("two tokens"), Image("https://example.org/a.png")))

    assert content_tokens((Text("one"), result, Image("x"))) == 3
