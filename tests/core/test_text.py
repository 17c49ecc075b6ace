"""What counts as the same prompt."""

from __future__ import annotations

import unicodedata

import pytest

from mockllm.core.text import normalize


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("  What  is\n2+2? ", "what is 2+2?"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("e\u0301", "\u00e9"),
        ("", ""),
    ],
)
def test_case_white_space_and_form_do_not_matter(text: str, normalized: str) -> None:
    assert normalize(text) == normalized


def test_long_texts_are_composed_in_stretches_to_the_same_end() -> None:
    text = "Grüße aus Köln, e\u0301 und a\u0308! " * 100

    assert normalize(text) == unicodedata.normalize("NFC", text).casefold().strip()


def test_a_run_of_combining_marks_is_cut() -> None:
    marks = "a" + "\u0300\u0316" * 5_000

    assert len(normalize(marks)) <= len(marks)
