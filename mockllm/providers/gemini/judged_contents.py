"""What Google's API refuses of `contents`: roles, parts, and functions' calls and responses.

Sources: as `judgements`. Neighbours of one role are one turn, though the API may be stricter;
parts that are not known are not looked at, nor are the signatures of thoughts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from mockllm.core.judging import Asked
from mockllm.errors import Unfit
from mockllm.providers.gemini import dialect, refusals, schema
from mockllm.providers.gemini.judged_schema import is_vertex
from mockllm.providers.gemini.proto_json import either

_ROLES = ("user", "model", "function")
_INVALID_ROLE = "Please use a valid role: user, model."
_UNEQUAL = (
    "Please ensure that the number of function response parts is equal to the number of function"
    " call parts of the function call turn."
)
_NO_CALL = "Please ensure that function response turn comes immediately after a function call turn."
_NO_PROMPT = (
    "Please ensure that function call turn comes immediately after a user turn or after a function"
    " response turn."
)
_NO_USER = (
    "Please ensure that single turn requests end with a user role or the role field is empty."
)


class _Turn(Struct):
    """What one side says until the other does: how many calls and responses."""

    is_model: bool
    calls: int = 0
    responses: int = 0


def roles(asked: Asked) -> Iterator[Unfit]:
    """Yield that a role is none. Vertex AI wants one everywhere."""
    contents = _contents(asked)
    wanted = _ROLES if is_vertex(asked) else (*_ROLES, "")
    if any((content.role or "") not in wanted for content in contents):
        yield Unfit(_INVALID_ROLE)
    elif len(contents) == 1 and contents[0].role == "model":
        yield Unfit(_NO_USER)


def parts(asked: Asked) -> Iterator[Unfit]:
    """Yield the contents without parts, and the texts without text. One that carries the
    signature of a thought may be empty."""
    for number, content in enumerate(_contents(asked)):
        found = _parts(content)
        path = f"contents[{number}].parts"
        if not found:
            yield refusals.broken_rule(path, "contents.parts must not be empty.")
        for index, part in enumerate(found):
            if part.get("text") == "" and not _is_more_than_text(part):
                yield refusals.broken_rule(f"{path}[{index}].data", dialect.NO_DATA)


def _is_more_than_text(part: Mapping[str, Any]) -> bool:
    return any(either(part, name) for name in part if name != "text")


def calls_and_responses(asked: Asked) -> Iterator[Unfit]:
    """Yield the calls and responses that do not follow each other, or not as many."""
    before = _Turn(is_model=False)
    for index, turn in enumerate(_turns(_contents(asked))):
        if turn.responses and not before.calls:
            yield Unfit(_NO_CALL)
        elif before.calls != turn.responses:
            yield Unfit(_UNEQUAL)
        if turn.calls and not index:
            yield Unfit(_NO_PROMPT)
        before = turn


def _turns(contents: Sequence[schema.Content]) -> list[_Turn]:
    turns: list[_Turn] = []
    for content in contents:
        is_model = content.role == "model"
        if not turns or turns[-1].is_model != is_model:
            turns.append(_Turn(is_model))
        for part in _parts(content):
            turns[-1].calls += is_model and either(part, "functionCall") is not None
            turns[-1].responses += not is_model and either(part, "functionResponse") is not None
    return turns


def _contents(asked: Asked) -> Sequence[schema.Content]:
    body: schema.GenerateRequest = asked.request.wire
    contents = body.contents or []
    return [contents] if isinstance(contents, schema.Content) else contents


def _parts(content: schema.Content) -> Sequence[Mapping[str, Any]]:
    found = content.parts or []
    return [found] if isinstance(found, dict) else found
