"""Parts of replies and what they say."""

from __future__ import annotations

import pytest

from mockllm.core.model import (
    Image,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    joined_text,
    part_text,
    with_text,
)


@pytest.mark.parametrize(
    "part",
    [Text("x"), Refusal("x"), Reasoning("x", "sig"), ToolCall("c1", "f", "x")],
)
def test_part_says_its_text_or_its_arguments(part: Part) -> None:
    other = with_text(part, "y")

    assert (part_text(part), part_text(other)) == ("x", "y")
    assert with_text(other, "x") == part


def test_part_that_no_reply_can_carry_says_nothing() -> None:
    with pytest.raises(TypeError, match="a reply cannot carry Image"):
        part_text(Image("x"))


@pytest.mark.parametrize(
    ("parts", "text"), [((), ""), ((Text("a"), Image("x"), Refusal("no"), Text("b")), "a\nb")]
)
def test_joined_text_is_that_of_the_texts(parts: tuple[Part, ...], text: str) -> None:
    assert joined_text(parts) == text
