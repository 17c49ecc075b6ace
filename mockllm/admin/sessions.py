"""Sessions on the admin pages."""

from __future__ import annotations

from typing import Any

from mockllm.runtime import Runtime


def forget(name: str, runtime: Runtime) -> dict[str, Any]:
    """Forget everything that is kept of a session, and say whether there was anything. What it
    asked stays in the journal."""
    return {"session": name, "forgotten": runtime.cells.forget(name)}
