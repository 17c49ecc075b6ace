"""Server-sent events."""

from __future__ import annotations

from mockllm.wire import sse


def test_data_is_one_line_of_json() -> None:
    assert sse.data({"text": "a\nü"}) == 'data: {"text":"a\\nü"}\n\n'.encode()


def test_event_has_its_name_first() -> None:
    assert sse.event("ping", {}) == b"event: ping\ndata: {}\n\n"
