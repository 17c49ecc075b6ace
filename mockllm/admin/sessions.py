"""Sessions on the admin pages."""

from __future__ import annotations

from typing import Any

from mockllm.runtime import Runtime


def forget(name: str, runtime: Runtime) -> dict[str, Any]:
    """Forget everything that is kept of a session, its rules and its faults, and say whether there
    was anything. What it asked stays in the journal."""
    with runtime.changing(name):
        deleted = runtime.rules.remove(name, runtime.clock.wall())
        healed = runtime.outages.remove(name, runtime.clock.wall())
    runtime.forget_hits()
    forgotten = runtime.cells.forget(name)
    return {"session": name, "forgotten": forgotten or deleted > 0 or healed}
