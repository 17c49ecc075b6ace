"""Whatever a member holds, a request is served or refused, and never our own mistake."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import MakeApp
from tests.contract.every_case import CASES

YAML = """\
responses: {hello: hi}
settings:
  models: [{name: mock-llm, capabilities: [], context_tokens: 1, max_output_tokens: 1}]
"""
ODD: list[Any] = [
    None, True, -1, 1.5, 10**20, "", "x", [], [None], [[]], [{}], ["x"], {}, {"a": 1}, {"type": 5},
]  # fmt: skip
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string", "enum": ["x"]}, "b": {"items": {"type": "string"}}},
    "required": ["a"],
}
CALLED = {"name": "look", "description": "Looks.", "parameters": SCHEMA}
MORE: dict[str, dict[str, Any]] = {
    "openai": {
        "tools": [{"type": "function", "function": CALLED}],
        "tool_choice": {"type": "function", "function": {"name": "look"}},
        "temperature": 1,
        "stop": ["x"],
    },
    "anthropic": {
        "tools": [{"name": "look", "input_schema": SCHEMA}],
        "tool_choice": {"type": "tool", "name": "look"},
        "thinking": {"type": "enabled", "budget_tokens": 1_024},
        "system": [{"type": "text", "text": "x"}],
    },
    "gemini": {
        "tools": [{"functionDeclarations": [CALLED]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["look"]}},
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}],
        "generationConfig": {
            "temperature": 1,
            "stopSequences": ["x"],
            "responseMimeType": "application/json",
            "responseSchema": SCHEMA,
            "thinkingConfig": {"thinkingBudget": 5},
        },
    },
    "ollama": {
        "tools": [{"type": "function", "function": CALLED}],
        "options": {"temperature": 1, "num_ctx": 5, "stop": ["x"]},
        "format": SCHEMA,
        "think": True,
        "keep_alive": "5m",
        "images": ["aGk="],
        "raw": True,
        "context": [1],
        "truncate": False,
    },
}
MORE["azure"] = MORE["openai"]


def oddities(body: Any, number: int) -> Iterator[Any]:
    """Yield so many bodies in each of which one member is odd, or missing."""
    chance = random.Random(7)
    for _ in range(number):
        odd = copy.deepcopy(body)
        holder, key = chance.choice(list(places(odd)))
        if chance.random() < 0.1:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(chance.choice(ODD))
        yield odd


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in members:
        yield value, key
        if isinstance(inner, dict | list):
            yield from places(inner)


@pytest.mark.parametrize("name", CASES)
def test_odd_member_is_never_our_own_mistake(name: str, make_app: MakeApp) -> None:
    case = CASES[name]
    client = make_app(YAML).test_client()
    body = {**case.body("hello"), **MORE[name.partition(".")[0]]}

    answers = [client.post(case.url(odd), json=odd) for odd in oddities(body, 400)]

    assert [each.text for each in answers if "mockllm failed" in each.text] == []
    assert {each.status_code for each in answers} <= {200, 400, 404, 500}
