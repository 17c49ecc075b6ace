"""Everything that can be asked of a server, wherever it keeps its state."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockllm.state.chosen import CHOSEN


@pytest.fixture(autouse=True, params=["memory", "file"])
def state(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "file":
        monkeypatch.setenv(CHOSEN, str(tmp_path / "state.sqlite"))
