"""What is remembered of names."""

from __future__ import annotations

from mockllm.core.remembered import MAX_LENGTH, MAX_NAMES, Remembered


def test_what_was_made_of_a_name_is_remembered() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name.upper()

    names = Remembered(make)

    assert [names["a"], names["b"], names["a"]] == ["A", "B", "A"]
    assert made == ["a", "b"]


def test_long_names_and_too_many_are_not_remembered() -> None:
    def make(name: str) -> int:
        return len(name)

    names = Remembered(make)

    assert names["a" * (MAX_LENGTH + 1)] == MAX_LENGTH + 1
    assert not names
    for number in range(2 * MAX_NAMES):
        assert names[f"{number:05}"] == 5
    assert len(names) == MAX_NAMES
