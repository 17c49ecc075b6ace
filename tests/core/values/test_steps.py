"""An allowance of work."""

from __future__ import annotations

from typing import Any

import pytest

from mockllm.core.values.steps import OutOfSteps, Steps


def test_more_steps_than_there_are_cannot_be_spent() -> None:
    steps = Steps(3)
    steps.spend(2)

    with pytest.raises(OutOfSteps):
        steps.spend(2)


@pytest.mark.parametrize(
    ("value", "weight"),
    [
        (None, 1),
        (12, 1),
        ("x" * 49, 1),
        ("x" * 100, 3),
        ([], 1),
        ([1, [2]], 4),
        ({"a": 1, "b": {"c": None}}, 4),
        ({"n" * 50: 1}, 3),
    ],
)
def test_value_weighs_a_step_a_node_and_its_text(value: Any, weight: int) -> None:
    Steps(weight).spend_on(value)

    with pytest.raises(OutOfSteps):
        Steps(weight - 1).spend_on(value)


def test_value_may_not_be_nested_without_end() -> None:
    value: list[Any] = []
    value.append(value)

    with pytest.raises(OutOfSteps):
        Steps(1_000_000).spend_on(value)
