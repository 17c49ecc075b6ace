"""Which recipe answers, and when a rule steps aside."""

from __future__ import annotations

from typing import Any

import pytest

from mockllm.core.compose import canned
from mockllm.core.draws import Draws
from mockllm.core.model import ChatReply, ErrorReply, Text, ToolCall
from mockllm.core.rules import (
    Automatic,
    Canned,
    Moderation,
    Pick,
    Recipe,
    Rule,
    Templated,
    TemplatedPart,
    Vector,
    WhenExhausted,
)
from mockllm.core.select import carried, limit, select, sequence_length
from tests.core.builders import assistant, request, subject_of, user

DRAWS = Draws(b"k")


def recipe(text: str, times: int = 1, weight: float = 1.0) -> Recipe:
    return Recipe(Canned(canned(text)), times=times, weight=weight)


def rule_of(pick: Pick, *recipes: Recipe, **members: Any) -> Rule:
    return Rule("rule", None, recipes, pick=pick, **members)


def said(rule: Rule, n: int = 1, step: int = 1, draws: Draws = DRAWS) -> str | None:
    """Return what the selected recipe says, None when there is none."""
    earlier = [assistant("")] * (step - 1)
    subject = subject_of(request(user("x"), *earlier))
    found = select(rule, n, subject, draws)
    if found is None:
        return None
    assert isinstance(found.making, Canned)
    assert isinstance(found.making.reply, ChatReply)
    (part,) = found.making.reply.parts
    assert isinstance(part, Text)
    return part.text


def sequence(when_exhausted: WhenExhausted) -> Rule:
    items = (recipe("a", times=2), recipe("b"), recipe("c", times=3))
    return rule_of("in_order", *items, when_exhausted=when_exhausted)


def test_one_is_always_the_same() -> None:
    rule = rule_of("one", recipe("a"))

    assert [said(rule, n, step) for n in (0, 1, 9) for step in (1, 5)] == ["a"] * 6


@pytest.mark.parametrize(
    ("when_exhausted", "last"),
    [
        ("repeat_last", ["c", "c", "c", "c"]),
        ("next_rule", ["c", "c", "c", "c"]),
        ("loop", ["a", "a", "b", "c"]),
        ("fail", [None, None, None, None]),
    ],
)
def test_sequence_goes_in_order_each_item_its_times(
    when_exhausted: WhenExhausted, last: list[str | None]
) -> None:
    rule = sequence(when_exhausted)

    assert [said(rule, n) for n in range(1, 11)] == ["a", "a", "b", "c", "c", "c", *last]


def test_sequence_loops_again_and_again() -> None:
    rule = sequence("loop")

    assert [said(rule, n) for n in (6, 12, 600)] == ["c", "c", "c"]
    assert [said(rule, n) for n in (7, 13, 601)] == ["a", "a", "a"]


def test_steps_go_by_the_step_and_repeat_the_last() -> None:
    rule = rule_of("by_step", recipe("a"), recipe("b"))

    assert [said(rule, 1, step) for step in (1, 2, 3, 99)] == ["a", "b", "b", "b"]


def test_drawn_item_is_the_same_for_the_same_draws() -> None:
    rule = rule_of("drawn", *map(recipe, "abcdef"))

    assert said(rule) == said(rule)
    assert len({said(rule, draws=Draws(bytes([key]))) for key in range(64)}) > 3


def test_weight_decides_how_often_an_item_is_drawn() -> None:
    rule = rule_of("drawn", recipe("rare", weight=0.01), recipe("often", weight=9.99))

    drawn = [said(rule, draws=Draws(bytes([key]))) for key in range(200)]

    assert drawn.count("often") > 190


@pytest.mark.parametrize(
    ("rule", "most"),
    [
        (rule_of("one", recipe("a")), None),
        (rule_of("one", recipe("a"), times=3), 3),
        (sequence("repeat_last"), None),
        (sequence("loop"), None),
        (sequence("fail"), None),
        (sequence("next_rule"), 6),
        (rule_of("in_order", recipe("a"), when_exhausted="next_rule", times=5), 1),
        (rule_of("in_order", recipe("a", 9), when_exhausted="next_rule", times=5), 5),
        (rule_of("by_step", recipe("a")), None),
    ],
)
def test_limit_is_after_how_many_matches_a_rule_steps_aside(rule: Rule, most: int | None) -> None:
    assert limit(rule) == most


def test_sequence_is_as_long_as_its_items_are_often() -> None:
    assert sequence_length(sequence("loop")) == 6


@pytest.mark.parametrize(
    ("rule", "counted", "stateful"),
    [
        (rule_of("one", recipe("a")), False, False),
        (rule_of("by_step", recipe("a")), False, False),
        (rule_of("drawn", recipe("a")), False, False),
        (rule_of("one", recipe("a"), times=1), True, True),
        (rule_of("in_order", recipe("a")), True, True),
        (rule_of("one", Recipe(Templated(()))), True, False),
    ],
)
def test_what_is_counted_and_what_is_stateful(rule: Rule, counted: bool, stateful: bool) -> None:
    assert (rule.is_counted, rule.is_stateful) == (counted, stateful)


@pytest.mark.parametrize(
    ("made", "operations"),
    [
        (recipe("a"), {"chat", "completion"}),
        (Recipe(Automatic()), {"chat", "completion", "embedding", "moderation"}),
        (Recipe(Canned(ChatReply((ToolCall("", "f", "{}"),)))), {"chat"}),
        (Recipe(Templated((TemplatedPart("tool_call", {}),))), {"chat"}),
        (Recipe(Templated((TemplatedPart("text", "a"),))), {"chat", "completion"}),
        (Recipe(Vector((0.1,))), {"embedding"}),
        (Recipe(Moderation()), {"moderation"}),
        (Recipe(Canned(ErrorReply("server"))), {"chat", "completion", "embedding", "moderation"}),
    ],
)
def test_operations_that_can_carry_a_recipe(made: Recipe, operations: set[str]) -> None:
    found = {
        operation
        for operation in ("chat", "completion", "embedding", "moderation")
        if carried(rule_of("one", made), operation) is not None
    }

    assert found == operations


def test_rule_is_carried_without_the_answers_that_cannot_be() -> None:
    text, vector = recipe("a"), Recipe(Vector((0.1,)))
    mixed = rule_of("in_order", vector, text, identity="r")

    found = [carried(mixed, operation) for operation in ("chat", "embedding", "moderation")]

    assert [each and each.recipes for each in found] == [(text,), (vector,), None]
    assert len({each.identity for each in found if each} | {"r"}) == 3


def test_rule_that_is_carried_whole_is_left_as_it_is() -> None:
    rule = rule_of("one", recipe("a"))

    assert carried(rule, "chat") is rule
