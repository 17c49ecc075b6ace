"""An allowance of work, for work whose amount a client's document decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_CHARACTERS_PER_STEP = 50
_MAX_NESTING = 200


class OutOfSteps(Exception):
    """The allowance is used up."""


class Steps:
    """What is left of `limit` steps."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._left = limit

    def spend(self, steps: int = 1) -> None:
        """Take `steps` off.

        Raises:
            OutOfSteps: there are not so many left.
        """
        self._left -= steps
        if self._left < 0:
            raise OutOfSteps

    def spend_on(self, value: Any, depth: int = 0) -> None:
        """Take off what the JSON value `value` weighs: a step a node, and its text by length.

        Raises:
            OutOfSteps: there are not so many left, or it is nested deeper than 200.
        """
        self.spend()
        if depth > _MAX_NESTING:
            raise OutOfSteps
        if isinstance(value, str):
            self.spend(len(value) // _CHARACTERS_PER_STEP)
        elif isinstance(value, Mapping):
            for name, member in value.items():
                self.spend(len(name) // _CHARACTERS_PER_STEP)
                self.spend_on(member, depth + 1)
        elif isinstance(value, list):
            for member in value:
                self.spend_on(member, depth + 1)
