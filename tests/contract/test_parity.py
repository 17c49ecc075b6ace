"""Every cell of the parity table is checked, or the vendor has no such thing.

`MOCKLLM_UPDATE_DOCS=1 pytest tests/contract/test_parity.py` writes docs/parity.md anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from msgspec import Struct

from tests.conftest import MakeApp
from tests.contract.cases import JSON
from tests.contract.every_case import CASES
from tests.contract.parity import COLUMNS, Cell, cells, page
from tests.contract.test_operations import ask

PAGE = Path(__file__).parents[2] / "docs" / "parity.md"
CELLS = list(cells())
YAML = """\
responses:
  "count": "one two three four five"
  "call": {tool_calls: [{name: get_weather, arguments: {city: Zürich, days: [1, 2]}}]}
  "calls":
    tool_calls:
      - {name: get_weather, arguments: {city: Paris}}
      - {name: get_time, arguments: {zone: CET}}
  "think": {reasoning: "Seven times thirteen.", text: "91."}
  "refuse": {refusal: "I cannot help with that."}
  "fail": {error: {kind: rate_limit, message: Slow down.}}
  "counted": {text: "a b c", usage: {input_tokens: 70, output_tokens: 9}}
"""
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer", "minimum": 18},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2},
        "home": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
    "required": ["name", "age", "tags", "home"],
    "additionalProperties": False,
}


class Answer(Struct):
    """An answer as a whole, and the events it came in: none where it was not streamed."""

    whole: JSON
    events: list[JSON]

    def assert_in_pieces(self, pieces: Callable[[JSON], list[str]] | None, said: str) -> None:
        """A streamed answer came in more than one piece, and the pieces are what was said."""
        if self.events and pieces is not None:
            found = [piece for event in self.events for piece in pieces(event)]
            assert len(found) > 1
            assert "".join(found) == said


class Asked:
    """One operation, asked one way."""

    def __init__(self, cell: Cell, app: Flask) -> None:
        self.case: Any = CASES[cell.operation]
        self.is_streamed = cell.way == "streamed"
        self._app = app

    def response(self, prompt: str, **more: Any) -> Any:
        stream = {"stream": True} if self.is_streamed else {}
        return ask(self._app, self.case, {**self.case.body(prompt), **stream, **more})

    def answer(self, prompt: str, **more: Any) -> Answer:
        response = self.response(prompt, **more)
        assert response.status_code == 200
        if not self.is_streamed:
            return Answer(response.json, [])
        streams = self.case.streams
        assert response.content_type == streams.content_type
        events = list(streams.events(response.data))
        return Answer(self.case.fold(list(streams.events(response.data))), events)


def check_text(asked: Asked) -> None:
    answer = asked.answer("count")

    assert asked.case.text(answer.whole) == "one two three four five"
    assert asked.case.finish(answer.whole) == asked.case.finishes["stop"]
    answer.assert_in_pieces(asked.case.said, "one two three four five")


def check_tool_call(asked: Asked) -> None:
    answer = asked.answer("call")

    arguments = {"city": "Zürich", "days": [1, 2]}
    assert asked.case.calls(answer.whole) == [("get_weather", arguments)]
    assert asked.case.finish(answer.whole) == asked.case.finishes["tool_calls"]
    answer.assert_in_pieces(asked.case.argued, '{"city":"Zürich","days":[1,2]}')


def check_parallel_tools(asked: Asked) -> None:
    answer = asked.answer("calls")

    wanted = [("get_weather", {"city": "Paris"}), ("get_time", {"zone": "CET"})]
    assert asked.case.calls(answer.whole) == wanted
    assert len(set(asked.case.call_ids(answer.whole))) == 2
    answer.assert_in_pieces(asked.case.argued, '{"city":"Paris"}{"zone":"CET"}')


def check_reasoning(asked: Asked) -> None:
    answer = asked.answer("think")

    assert asked.case.reasoning(answer.whole) == "Seven times thirteen."
    assert asked.case.text(answer.whole) == "91."
    answer.assert_in_pieces(asked.case.thought, "Seven times thirteen.")


def check_refusal(asked: Asked) -> None:
    answer = asked.answer("refuse")

    assert asked.case.refusal(answer.whole) == "I cannot help with that."
    assert asked.case.finish(answer.whole) == asked.case.finishes["refusal"]
    answer.assert_in_pieces(asked.case.declined, "I cannot help with that.")


def check_structured(asked: Asked) -> None:
    answer = asked.answer("Somebody of 42 in Rome.", **asked.case.structured(SCHEMA))

    said = asked.case.text(answer.whole)
    Draft202012Validator(SCHEMA).validate(json.loads(said))
    answer.assert_in_pieces(asked.case.said, said)


def check_error(asked: Asked) -> None:
    response = asked.response("fail")

    assert response.status_code == 429
    assert response.content_type.startswith("application/json")
    assert asked.case.error(response.json) == "Slow down."


def check_usage(asked: Asked) -> None:
    if not hasattr(asked.case, "text"):
        found = asked.answer("nobody knows what this has").whole
        assert asked.case.counts(found)[0] > 3
        return
    answer = asked.answer("counted")

    assert asked.case.counts(answer.whole) == (70, 9)


def check_stop(asked: Asked) -> None:
    answer = asked.answer("count", **asked.case.stop(["three"]))

    assert asked.case.text(answer.whole) == "one two "
    assert asked.case.finish(answer.whole) == asked.case.finishes["stop_sequence"]
    answer.assert_in_pieces(asked.case.said, "one two ")


def check_max_tokens(asked: Asked) -> None:
    answer = asked.answer("count", **asked.case.limit(2))

    assert asked.case.text(answer.whole) == "one two"
    assert asked.case.finish(answer.whole) == asked.case.finishes["length"]
    assert asked.case.counts(answer.whole)[1] == 2
    answer.assert_in_pieces(asked.case.said, "one two")


CHECKS: Mapping[str, Callable[[Asked], None]] = {
    "text": check_text,
    "tool call": check_tool_call,
    "parallel tools": check_parallel_tools,
    "reasoning": check_reasoning,
    "refusal": check_refusal,
    "structured": check_structured,
    "error": check_error,
    "usage": check_usage,
    "stop": check_stop,
    "max tokens": check_max_tokens,
}


@pytest.mark.parametrize("cell", [each for each in CELLS if each.is_checked], ids=lambda c: c.name)
def test_cell(cell: Cell, make_app: MakeApp) -> None:
    CHECKS[cell.column](Asked(cell, make_app(YAML)))


def test_every_cell_is_checked_or_has_a_reason() -> None:
    assert [each.name for each in CELLS if not each.is_checked and not each.reason] == []


def test_no_reason_stands_beside_a_check() -> None:
    assert [each.name for each in CELLS if each.is_checked and each.reason] == []


def test_every_column_has_a_check() -> None:
    assert list(CHECKS) == list(COLUMNS)


def test_reasons_are_those_of_columns() -> None:
    named = {column for case in CASES.values() for column in case.lacks}

    assert named <= {*COLUMNS, "streamed"}


def test_page_is_current() -> None:
    if os.environ.get("MOCKLLM_UPDATE_DOCS"):
        PAGE.write_text(page(), encoding="utf-8")

    assert PAGE.read_text(encoding="utf-8") == page()
