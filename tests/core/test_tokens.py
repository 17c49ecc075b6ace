"""The offline token estimate."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockllm.core import tokens
from mockllm.core.model import File, Image, Reasoning, Text, ToolCall, ToolResult


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("What is 2+2?", ["What", " is", " 2", "+", "2", "?"]),
        ("internationalization", ["internat", "ionaliza", "tion"]),
        ("1234567", ["123", "456", "7"]),
        ("a\n\nb", ["a", "\n\n", "b"]),
        ("你好吗", ["你", "好", "吗"]),
        ("snake_case", ["snake", "_", "case"]),
        ("👩‍🚀", ["👩", "\u200d", "🚀"]),
    ],
)
def test_text_is_cut_into_tokens(text: str, expected: list[str]) -> None:
    assert tokens.pieces(text) == expected


@given(st.text())
def test_pieces_join_to_the_text_and_count_agrees(text: str) -> None:
    pieces = tokens.pieces(text)

    assert "".join(pieces) == text
    assert tokens.count(text) == len(pieces)


def test_texts_are_counted_those_in_tool_results_and_files_too() -> None:
    result = ToolResult("call_1", (Text("two tokens"), Image("https://example.org/a.png")))
    file = File("name", "three more tokens")

    assert tokens.content_tokens((Text("one"), result, Image("x"), file)) == 6


def test_tool_calls_are_counted_and_reasoning_sent_back_is_not() -> None:
    parts = (ToolCall("c1", "get", '{"a":1}'), Reasoning("not this"))

    assert tokens.content_tokens(parts) == 1 + 7


@pytest.mark.parametrize(("value", "count"), [({}, 0), ({"a": 1}, 2), ({"type": "object"}, 5)])
def test_data_is_counted_by_its_length(value: dict[str, Any], count: int) -> None:
    assert tokens.data_tokens(value) == count


def test_a_long_text_is_estimated_by_its_beginning() -> None:
    text = "four word text here " * 10_000

    assert tokens.estimate(text) == pytest.approx(tokens.count(text), rel=0.01)


def test_a_short_text_is_counted() -> None:
    assert tokens.estimate("four word text here") == 4


def test_counts_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[tuple[int, int], int] = {}
    monkeypatch.setattr(tokens, "_counts", kept)
    monkeypatch.setattr(tokens, "_MAX_COUNTS", 3)

    found = [tokens.count("a " * number) for number in (1, 2, 3, 4, 5, 1)]

    assert found == [tokens.count("a " * number) for number in (1, 2, 3, 4, 5, 1)]
    assert len(kept) <= 3
