"""The official Node SDKs: each `node/*.test.mjs` asks an application of `node/rules.yml`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import MakeApp
from tests.sdk.conftest import MakeUrl

FOLDER = Path(__file__).parent / "node"
FILES = sorted(FOLDER.glob("*.test.mjs"))
DEADLINE_S = 120
_NODE = shutil.which("node")

pytestmark = [
    pytest.mark.sockets,
    pytest.mark.skipif(_NODE is None, reason="node is not installed"),
    pytest.mark.skipif(
        not (FOLDER / "node_modules" / "@anthropic-ai").is_dir(),
        reason="the Node SDKs are not installed: `make test` installs them where npm is",
    ),
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.partition(".")[0])
def test_node_sdk(file: Path, make_app: MakeApp, url_of: MakeUrl) -> None:
    url = url_of(make_app((FOLDER / "rules.yml").read_text(encoding="utf-8")))
    environ = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "ANTHROPIC_", "NODE_"))
    }

    ended = subprocess.run(
        [str(_NODE), "--test", "--test-reporter=spec", file.name],
        cwd=FOLDER,
        env=environ | {"MOCKLLM_URL": url},
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
    )

    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
