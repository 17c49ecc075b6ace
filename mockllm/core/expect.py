"""What is expected of requests: how many there are, after which, and what each of them meets."""

from __future__ import annotations

from msgspec import Struct

from mockllm.core.conditions import Condition


class Expectation(Struct, frozen=True):
    """The `expect` of a rule, or of a question. Without a number at least one request is expected.

    `after_rule` names the rule that the session has used before each request; `each` is what
    every request meets.
    """

    exactly: int | None = None
    at_least: int | None = None
    at_most: int | None = None
    after_rule: str | None = None
    each: tuple[Condition, ...] = ()

    @property
    def bounds(self) -> tuple[int, int | None]:
        """How many requests there are at least and at most, None for no end."""
        if self.exactly is not None:
            return self.exactly, self.exactly
        if self.at_least is None and self.at_most is None:
            return 1, None
        return self.at_least or 0, self.at_most

    def holds(self, count: int) -> bool:
        """Return whether so many requests are as many as expected."""
        low, high = self.bounds
        return low <= count and (high is None or count <= high)

    def __str__(self) -> str:
        low, high = self.bounds
        if low == high:
            words = f"exactly {low}"
        elif high is None:
            words = f"at least {low}"
        else:
            words = f"at most {high}" if low == 0 else f"{low} to {high}"
        after = f", after '{self.after_rule}'" if self.after_rule is not None else ""
        each = f", each with {', '.join(condition.key for condition in self.each)}"
        return f"{words}{after}{each if self.each else ''}"
