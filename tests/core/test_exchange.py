"""The record of a request."""

from __future__ import annotations

import pytest
from msgspec import structs

from mockllm.core.compose import canned
from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange
from mockllm.core.model import ChatReply, ErrorReply, Text, Usage, VectorReply
from mockllm.core.raw import Raw
from tests.core.builders import request, user

RAW = Raw("POST", "/v1/messages", "", {}, b"{}")
OPENED = Exchange("x", 0.0, 0.0, 1, RAW, Draws(b"k"))


def test_exchange_without_a_reply_has_no_answer() -> None:
    with pytest.raises(ValueError, match="has no ChatReply"):
        _ = OPENED.answered


def test_answered_gives_request_and_reply() -> None:
    asked, reply = request(user("hi")), canned("hello")

    assert structs.replace(OPENED, request=asked, replies=(reply,)).answered == (asked, reply)


def test_tokens_of_an_input_count_once_whatever_the_choices() -> None:
    asked = structs.replace(request(user("hi")), inputs=((Text("a"),), (Text("b"),)), choices=2)
    counts = [(5, 1, 0, 0, 5), (5, 2, 0, 0, 5), (7, 3, 0, 0, 6), (7, 4, 0, 0, 6)]
    replies = tuple(ChatReply((), usage=Usage(*each)) for each in counts)

    usage = structs.replace(OPENED, request=asked, replies=replies).usage

    assert (usage.input_tokens, usage.output_tokens) == (12, 10)
    assert usage.cache_write_tokens == 11


def test_exchange_without_a_request_has_used_nothing() -> None:
    assert OPENED.usage == Usage()


def test_replies_of_one_kind_come_all() -> None:
    replies = (VectorReply((1.0,)), VectorReply((0.5,)))
    answered = structs.replace(OPENED, request=request(user("hi")), replies=replies)

    assert answered.answered_by(VectorReply)[1] == replies


def test_nobody_has_left_where_nobody_can_tell() -> None:
    assert RAW.connection.has_left() is False
    assert not RAW.connection.is_wire
    with pytest.raises(AssertionError):
        RAW.connection.send(b"past a server that is not there")


def test_exchange_with_an_error_has_no_answer() -> None:
    failed = structs.replace(OPENED, request=request(user("hi")), replies=(ErrorReply("server"),))

    with pytest.raises(ValueError, match="has no ChatReply"):
        _ = failed.answered
    with pytest.raises(ValueError, match="has no VectorReply"):
        failed.answered_by(VectorReply)
