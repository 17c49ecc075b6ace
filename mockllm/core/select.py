"""Which recipe of a rule answers, and when a rule steps aside."""

from __future__ import annotations

from itertools import accumulate
from typing import assert_never

from msgspec import structs

from mockllm.core.conditions import NameIs, Not
from mockllm.core.draws import Draws
from mockllm.core.rules import Recipe, Rule
from mockllm.core.subject import Subject


def reads_state(rule: Rule) -> bool:
    """Return whether a rule reads or changes the state of its session."""
    asked = (*rule.when, *(rule.expect.each if rule.expect else ()))
    conditions = list(asked)
    for condition in asked:
        if isinstance(condition, Not):
            conditions += condition.conditions
    return rule.goto is not None or any(
        isinstance(condition, NameIs) and condition.key == "state" for condition in conditions
    )


def carried(rule: Rule, operation: str) -> Rule | None:
    """Return the rule with the answers that an operation can carry, None when it has none.

    An answer that cannot be carried is passed over and consumes nothing: each operation counts
    its own.
    """
    recipes = [each for each in rule.recipes if _can_carry(operation, each)]
    if len(recipes) == len(rule.recipes):
        return rule
    identity = f"{rule.identity} {operation}"
    return structs.replace(rule, recipes=tuple(recipes), identity=identity) if recipes else None


def _can_carry(operation: str, recipe: Recipe) -> bool:
    return recipe.operations is None or operation in recipe.operations


def limit(rule: Rule) -> int | None:
    """Return after how many matches in a session the rule steps aside, None for never."""
    limits = [rule.times] if rule.times is not None else []
    if rule.pick == "in_order" and rule.when_exhausted == "next_rule":
        limits.append(sequence_length(rule))
    return min(limits) if limits else None


def sequence_length(rule: Rule) -> int:
    """Return how many matches a sequence answers before it is exhausted."""
    return sum(recipe.times for recipe in rule.recipes)


def select(rule: Rule, n: int, subject: Subject, draws: Draws) -> Recipe | None:
    """Return the recipe for the `n`th match (from 1), which may go by the step of the subject.

    None means that the sequence is exhausted and that this is to be an error.
    """
    recipes = rule.recipes
    match rule.pick:
        case "one":
            return recipes[0]
        case "by_step":
            return recipes[min(subject.step, len(recipes)) - 1]
        case "drawn":
            drawn = draws.random("one_of").choices(recipes, [each.weight for each in recipes])
            return drawn[0]
        case "in_order":
            return _in_order(rule, n)
        case _:
            assert_never(rule.pick)


def _in_order(rule: Rule, n: int) -> Recipe | None:
    length = sequence_length(rule)
    if n > length:
        if rule.when_exhausted == "fail":
            return None
        if rule.when_exhausted != "loop":
            return rule.recipes[-1]
        n = (n - 1) % length + 1
    ends = accumulate(recipe.times for recipe in rule.recipes)
    return next(recipe for recipe, end in zip(rule.recipes, ends, strict=True) if n <= end)
