"""The offline token estimate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockllm.core import tokens
from mockllm.core.model import Image, Text, ToolResult


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


def test_only_texts_are_counted_those_in_tool_results_too() -> None:
    result = ToolResult("call_1", (Text("two tokens"), Image("https://example.org/a.png")))

    assert tokens.content_tokens((Text("one"), result, Image("x"))) == 3


def test_a_long_text_is_estimated_by_its_beginning() -> None:
    text = "four word text here " * 10_000

    assert tokens.estimate(text) == pytest.approx(tokens.count(text), rel=0.01)


def test_a_short_text_is_counted() -> None:
    assert tokens.estimate("four word text here") == 4
