"""What is worked out is worked out once."""

from __future__ import annotations

from mockllm.core.lazy import lazy


class Thing:
    def __init__(self) -> None:
        self.asked = 0

    @lazy
    def number(self) -> int:
        """The number."""
        self.asked += 1
        return 7


def test_value_is_worked_out_once_for_each_instance() -> None:
    one, other = Thing(), Thing()

    assert (one.number, one.number, other.number) == (7, 7, 7)
    assert (one.asked, other.asked) == (1, 1)


def test_class_shows_what_it_is() -> None:
    assert Thing.number.__doc__ == "The number."
