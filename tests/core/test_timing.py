"""Laws of delay."""

from __future__ import annotations

from random import Random

import pytest

from mockllm.core.timing import BUILT_IN, Delay, constant

SLOW = Delay(((0.5, 0.3), (0.95, 0.9), (0.99, 2.0)))


def test_constant_delay_is_always_the_same_and_draws_nothing() -> None:
    def no_random() -> Random:
        raise AssertionError

    assert [constant(0.4).draw(no_random) for _ in range(3)] == [0.4] * 3


@pytest.mark.parametrize("count", range(2, 10))
def test_delay_rises_through_percentiles_however_many(count: int) -> None:
    points = tuple((n / (count + 1), float(n**2)) for n in range(1, count + 1))

    assert [Delay(points).at(below) for below, _ in points] == pytest.approx(
        [time_s for _, time_s in points]
    )


def test_delay_has_the_percentiles_that_it_is_given() -> None:
    assert [SLOW.at(share) for share in (0.5, 0.95, 0.99)] == pytest.approx([0.3, 0.9, 2.0])


def test_delay_rises_with_the_share_and_goes_on_beyond_the_outermost() -> None:
    times = [SLOW.at(n / 1000) for n in range(1, 1000)]

    assert times == sorted(times)
    assert 0 < times[0] < 0.3
    assert times[-1] > 2.0


def test_draws_follow_the_distribution() -> None:
    random = Random(1)

    drawn = sorted(SLOW.draw(lambda: random) for _ in range(20_000))

    assert drawn[10_000] == pytest.approx(0.3, rel=0.05)
    assert drawn[19_000] == pytest.approx(0.9, rel=0.05)
    assert drawn[19_800] == pytest.approx(2.0, rel=0.1)
    assert drawn[-1] < 6


def test_built_in_profiles_get_slower() -> None:
    names = ["instant", "fast", "chat", "slow-reasoner"]

    assert list(BUILT_IN) == names
    medians = [BUILT_IN[name].first_token.percentiles[0][1] for name in names]
    assert medians == sorted(medians)
