"""Sessions on the admin pages."""

from __future__ import annotations

from typing import Any

from mockllm.runtime import Runtime


def forget(name: str, runtime: Runtime) -> dict[str, Any]:
    """Forget everything that is kept of a session and its rules, and say whether there was
    anything. What it asked stays in the journal."""
    deleted = runtime.rules.remove(name, runtime.clock.wall())
    runtime.forget_hits()
    return {"session": name, "forgotten": runtime.cells.forget(name) or deleted > 0}
