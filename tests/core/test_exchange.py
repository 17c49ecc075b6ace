"""The record of a request."""

from __future__ import annotations

import pytest
from msgspec import structs

from mockllm.core.compose import canned
from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange
from mockllm.core.model import ErrorReply
from mockllm.core.raw import Raw
from tests.core.builders import request, user

RAW = Raw("POST", "/v1/messages", "", {}, b"{}")
OPENED = Exchange("x", 0.0, 0.0, 1, RAW, Draws(b"k"))


def test_exchange_without_a_reply_has_no_answer() -> None:
    with pytest.raises(ValueError, match="no reply yet"):
        _ = OPENED.answered


def test_answered_gives_request_and_reply() -> None:
    asked, reply = request(user("hi")), canned("hello")

    assert structs.replace(OPENED, request=asked, reply=reply).answered == (asked, reply)


def test_nobody_has_left_where_nobody_can_tell() -> None:
    assert RAW.client_left() is False


def test_exchange_with_an_error_has_no_answer() -> None:
    failed = structs.replace(OPENED, request=request(user("hi")), reply=ErrorReply("server"))

    with pytest.raises(ValueError, match="no reply yet"):
        _ = failed.answered
