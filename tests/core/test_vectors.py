"""Embeddings without a model."""

from __future__ import annotations

import pytest

from mockllm.core.vectors import embed, near

TEXTS = ("", "cat", "猫", "a" * 40_000, "The cat sat on the mat.", "\x00", "👩‍🚀")


def cosine(left: tuple[float, ...], right: tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("dimensions", [1, 2, 256, 1536])
def test_vectors_have_length_one(text: str, dimensions: int) -> None:
    vector = embed(text, dimensions)

    assert len(vector) == dimensions
    assert cosine(vector, vector) == pytest.approx(1)


def test_vectors_are_the_same_each_time_and_differ_between_texts() -> None:
    vectors = {embed(text, 256) for text in (*TEXTS, *TEXTS)}

    assert len(vectors) == len(TEXTS)


@pytest.mark.parametrize(
    ("text", "similar", "unrelated"),
    [
        ("How do I reset my password?", "reset my password", "The weather in Paris is fine."),
        ("The cat sat on the mat.", "A cat sits on a mat", "Interest rates rose by two percent"),
        ("deploy to production", "Deployment in production", "chocolate cake recipe"),
        ("running", "runner", "blue"),
    ],
)
@pytest.mark.parametrize("dimensions", [256, 1536, 3072])
def test_similar_texts_are_nearer_than_unrelated_ones(
    text: str, similar: str, unrelated: str, dimensions: int
) -> None:
    vector = embed(text, dimensions)

    to_similar = cosine(vector, embed(similar, dimensions))
    to_unrelated = cosine(vector, embed(unrelated, dimensions))

    assert to_similar > to_unrelated + 0.1


def test_case_and_white_space_make_little_difference() -> None:
    assert cosine(embed("Hello  World", 1536), embed("hello world", 1536)) > 0.95


@pytest.mark.parametrize("similarity", [-1.0, 0.0, 0.5, 0.9, 1.0])
def test_near_is_as_near_as_is_wanted(similarity: float) -> None:
    vector = near("cat", "dog", similarity, 1536)

    assert cosine(vector, embed("cat", 1536)) == pytest.approx(similarity, abs=1e-9)
    assert cosine(vector, vector) == pytest.approx(1)


def test_near_differs_between_texts() -> None:
    assert near("cat", "dog", 0.5, 64) != near("cat", "wolf", 0.5, 64)
