"""A server for programs in any language: `mockllm start --port 0` says where it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest


@pytest.mark.sockets
def test_port_0_prints_one_line_for_programs(tmp_path: Path) -> None:
    program = "from mockllm.cli.main import main; main()"
    started = subprocess.Popen(
        [sys.executable, "-c", program, "start", "--port", "0"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with started:
        assert started.stdout is not None
        try:
            ready = json.loads(started.stdout.readline())
            health = httpx.get(f"{ready['url']}/health")
        finally:
            started.send_signal(signal.SIGTERM)
        rest = started.stdout.read()

    assert ready == {"mockllm": "ready", "url": f"http://127.0.0.1:{ready['port']}",
                     "port": ready["port"], "pid": started.pid}  # fmt: skip
    assert health.status_code == 200
    assert rest == ""
