"""`mockllm schema`."""

from __future__ import annotations

import json

from click.testing import CliRunner

from mockllm.cli.main import main
from mockllm.config.json_schema import json_schema


def test_schema_is_printed_as_json() -> None:
    result = CliRunner().invoke(main, ["schema"])

    assert result.exit_code == 0
    assert json.loads(result.output) == json_schema()


def test_schema_is_for_people_too() -> None:
    assert len(CliRunner().invoke(main, ["schema"]).output.splitlines()) > 100
