"""What docs/control.md shows is sent, in its order, and answered as it says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import threading
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from mockllm.app import create_app
from tests.clock import FakeClock
from tests.conftest import runtime_of

PAGE = (Path(__file__).parents[2] / "docs" / "control.md").read_text(encoding="utf-8")
SHOWN = re.compile(r"^```console\n(.*?)^```\n\n```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
SERVED = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def answer(line: str, url: str) -> object:
    command = shlex.split(line.replace("http://localhost:8000", url))
    sent = subprocess.run([*command, "--silent"], capture_output=True, check=True, timeout=30)
    found: object = json.loads(sent.stdout)
    return found


def test_calls_are_answered_as_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (served,) = SERVED.findall(PAGE)
    (tmp_path / "responses.yml").write_text(served, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    app = create_app("responses.yml", FakeClock())
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"

    shown = SHOWN.findall(PAGE)
    answers = [[answer(line, url) for line in lines.splitlines()][-1] for lines, _ in shown]

    server.shutdown()
    server.server_close()
    runtime_of(app).stop()
    assert answers == [json.loads(text) for _, text in shown]
    assert len(shown) == PAGE.count("```console") == 4
