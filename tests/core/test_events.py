"""A reply as neutral events."""

from __future__ import annotations

import pytest

from mockllm.core import events
from mockllm.core.model import ChatReply, Image, Text, Usage


def test_reply_streams_a_code_point_at_a_time() -> None:
    reply = ChatReply((Text("a👩"), Text("b")), "length", None, Usage(3, 2))

    assert list(events.events(reply)) == [
        events.Started(Usage(3)),
        events.TextStarted(0),
        events.TextDelta(0, "a", 0),
        events.TextDelta(0, "👩", 1),
        events.TextEnded(0),
        events.TextStarted(1),
        events.TextDelta(1, "b", 2),
        events.TextEnded(1),
        events.Finished("length", None, Usage(3, 2)),
    ]


def test_part_that_no_reply_can_carry_is_refused() -> None:
    with pytest.raises(TypeError, match="Image"):
        list(events.events(ChatReply((Image("x"),))))
