"""What the pages that take YAML answer when nothing can be made of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mockllm.config.body import MAX_BYTES
from mockllm.core.problems import Problem, problem_object

Answered = tuple[dict[str, Any], int]
"""What a page says, and the status."""


def too_large(content: bytes) -> Answered | None:
    """Return what is said of a body that is too large, None when it is not."""
    if len(content) <= MAX_BYTES:
        return None
    return {"error": f"the body is larger than {MAX_BYTES:,} bytes"}, 413


def refused(problems: Iterable[Problem]) -> Answered:
    """Return what is said of a body in which something is wrong."""
    return {"error": "nothing was changed", "problems": list(map(problem_object, problems))}, 400


def no_room(why: str) -> Answered:
    """Return what is said when there is too much already."""
    return {"error": why}, 409
