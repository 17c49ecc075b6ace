"""Log probabilities that nobody computed."""

from __future__ import annotations

from math import exp

import pytest

from mockllm.core.logprobs import scored

TEXT = "The sky, the 1234 seas\nand 空."


def test_tokens_joined_are_the_text() -> None:
    assert "".join(each.token for each in scored(TEXT, 3)) == TEXT


def test_nothing_said_has_no_tokens() -> None:
    assert scored("", 5) == ()


def test_same_token_at_the_same_position_has_the_same_probabilities() -> None:
    whole, begun = scored("one two three", 4), scored("one two", 4)

    assert whole[:2] == begun
    assert scored(" two three", 4, start=1) == whole[1:]


def test_same_token_elsewhere_has_others() -> None:
    first, second = scored(" a a", 0)

    assert first.logprob != second.logprob


@pytest.mark.parametrize(("most", "told"), [(0, 0), (1, 1), (5, 5), (20, 20), (1_000, 20)])
def test_as_many_of_the_likeliest_as_are_wanted_are_told(most: int, told: int) -> None:
    assert [len(each.top) for each in scored(TEXT, most)] == [told] * len(scored(TEXT, 0))


def test_what_is_said_is_the_likeliest_and_none_stands_twice() -> None:
    for each in scored(f"{TEXT} the a and to of.\n", 20):
        names = [name for name, _ in each.top]
        logprobs = [logprob for _, logprob in each.top]

        assert each.top[0] == (each.token, each.logprob)
        assert logprobs == sorted(logprobs, reverse=True)
        assert len(set(names)) == 20


def test_probabilities_sum_to_at_most_one() -> None:
    for each in scored(TEXT, 20):
        assert 0.6 <= sum(exp(logprob) for _, logprob in each.top) <= 1
