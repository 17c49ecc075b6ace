"""Our own wire output, byte for byte.

`MOCKLLM_UPDATE_GOLDEN=1 pytest tests/golden` writes the files anew; read the difference then.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeApp
from tests.contract.cases import CASES

FOLDER = Path(__file__).parent
HEADERS_THAT_VARY = ("x-mockllm-source",)

YAML = """\
responses:
  "say it all": "Grüße, 👩‍🚀 \\"quoted\\"\\nand a new line."
  "weather?":
    text: "Let me look."
    tool_calls: [{name: get_weather, arguments: {city: Paris}}]
  "both?":
    tool_calls:
      - {name: get_weather, arguments: {city: Paris}}
      - {name: get_weather, arguments: {city: Rome, days: 2}}
  "think": {reasoning: "Let me think.", text: "Hi."}
  "no?": {refusal: "I cannot help."}
  "fail": {error: {kind: rate_limit, retry_after: 2s}}
settings:
  seed: 7
"""
STREAM = {"stream": True}
REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "whole.json": ("say it all", {}),
    "stream.sse": ("say it all", STREAM),
    "wrong_type.json": ("say it all", {"messages": 5}),
    "text_and_tool_call.json": ("weather?", {}),
    "text_and_tool_call.sse": ("weather?", STREAM),
    "parallel_tool_calls.json": ("both?", {}),
    "parallel_tool_calls.sse": ("both?", STREAM),
    "reasoning.json": ("think", {}),
    "reasoning.sse": ("think", STREAM),
    "refusal.json": ("no?", {}),
    "refusal.sse": ("no?", STREAM),
    "rate_limit.json": ("fail", STREAM),
}
CELLS = [(operation, name) for operation in CASES for name in REQUESTS]


@pytest.mark.parametrize(("operation", "name"), CELLS)
def test_output_is_as_it_was(operation: str, name: str, make_app: MakeApp) -> None:
    case = CASES[operation]
    prompt, members = REQUESTS[name]
    body = {**case.body(prompt), **members}
    file = FOLDER / f"{operation}.{name}"

    response = make_app(YAML).test_client().post(case.path, data=json.dumps(body).encode())
    lines = [
        f"{key}: {value}" for key, value in response.headers.items() if key not in HEADERS_THAT_VARY
    ]
    actual = "\n".join([response.status, *lines, "", ""]).encode() + response.data
    if os.environ.get("MOCKLLM_UPDATE_GOLDEN"):
        file.write_bytes(actual)

    assert actual == file.read_bytes()


def test_every_golden_file_is_compared() -> None:
    files = {file.name for file in FOLDER.iterdir() if file.suffix in (".json", ".sse")}

    assert files == {f"{operation}.{name}" for operation, name in CELLS}
