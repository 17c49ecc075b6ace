"""What is remembered as valid, and what never is."""

from __future__ import annotations

import pytest

from mockllm.config import schema, valid
from mockllm.config.valid import Valid
from tests.config.documents import root_of


def rules(*texts: str) -> Valid:
    """Return what is known after these valid rules."""
    known = Valid(schema.RULE)
    for text in texts:
        known.remember(root_of(text))
    return known


@pytest.mark.parametrize(
    "text",
    [
        "{when: {b: c}, reply: b, times: 5}",
        "{reply: other, when: {b: c}}",
        "{when: {b: c}, name: y}",
    ],
)
def test_what_is_like_the_valid_is_valid(text: str) -> None:
    assert rules("{when: {a: b}, reply: a, times: 3, name: x}").holds(root_of(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{reply: a}", id="required"),
        pytest.param("{when: {a: b}, reply: 7}", id="type"),
        pytest.param("{when: {}}", id="empty-mapping"),
        pytest.param("{when: []}", id="list"),
        pytest.param("{when: {a: b}, times: 0}", id="too-small"),
        pytest.param("{when: {a: b}, times: 2000000}", id="too-large"),
        pytest.param('{when: {a: b}, name: ""}', id="empty-text"),
        pytest.param("{when: {a: b}, whn: a}", id="unknown-key"),
        pytest.param("{when: {a: b}, when_exhausted: a}", id="not-allowed"),
    ],
)
def test_what_differs_is_not_known(text: str) -> None:
    known = rules("{when: {a: b}, reply: a, times: 3, name: x, when_exhausted: loop}")

    assert not known.holds(root_of(text))


def test_items_of_lists_are_remembered() -> None:
    known = Valid(schema.WHEN)
    known.remember(root_of("{contains: [a, 7]}"))

    assert known.holds(root_of("{contains: [b, 8, c]}"))
    assert not known.holds(root_of("{contains: [b, []]}"))


def test_only_so_much_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(valid, "MOST", 0)

    assert not rules("{when: {a: b}, reply: a}").holds(root_of("{when: {a: b}, reply: a}"))
