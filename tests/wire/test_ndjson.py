"""Newline-delimited JSON."""

from __future__ import annotations

from mockllm.wire import ndjson


def test_line_is_json_and_a_newline() -> None:
    assert ndjson.line({"a": "ü\n"}) == '{"a":"ü\\n"}\n'.encode()
