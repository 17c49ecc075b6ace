"""Our own wire output, byte for byte.

`MOCKLLM_UPDATE_GOLDEN=1 pytest tests/golden` writes the files anew; read the difference then.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.contract.cases import CASES

FOLDER = Path(__file__).parent
HEADERS_THAT_VARY = ("x-mockllm-source",)

REQUESTS: dict[str, dict[str, Any]] = {
    "whole.json": {},
    "stream.sse": {"stream": True},
    "wrong_type.json": {"messages": 5},
}
CELLS = [(operation, name) for operation in CASES for name in REQUESTS]


@pytest.mark.parametrize(("operation", "name"), CELLS)
def test_output_is_as_it_was(operation: str, name: str, app: Flask) -> None:
    case = CASES[operation]
    body = {**case.body("say it all"), **REQUESTS[name]}
    file = FOLDER / f"{operation}.{name}"

    response = app.test_client().post(case.path, data=json.dumps(body).encode())
    lines = [
        f"{key}: {value}" for key, value in response.headers.items() if key not in HEADERS_THAT_VARY
    ]
    actual = "\n".join([response.status, *lines, "", ""]).encode() + response.data
    if os.environ.get("MOCKLLM_UPDATE_GOLDEN"):
        file.write_bytes(actual)

    assert actual == file.read_bytes()
