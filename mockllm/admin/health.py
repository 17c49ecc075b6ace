"""What the health page says."""

from __future__ import annotations

import os
from typing import Any

from mockllm import __version__
from mockllm.core.problems import problem_object
from mockllm.runtime import Runtime


def health(runtime: Runtime, counts_greenlets: bool = False) -> dict[str, Any]:
    """Return the state of this process; with `greenlets` only where that is asked for, since
    counting them takes some milliseconds, and where the server has any.

    `status` is `ok`, or `stale` while the newest edit is refused and older rules answer; `source`
    is written as the variable that names it is.
    """
    live, watcher = runtime.live, runtime.watcher
    count = runtime.count_greenlets if counts_greenlets else None
    return {
        "status": "stale" if live.is_stale else "ok",
        "version": __version__,
        "source": os.pathsep.join(map(str, live.paths)),
        "generation": live.current.generation,
        "answers": len(live.current.ruleset.answers),
        "rules": len(live.current.ruleset.rules),
        "problems": [problem_object(problem) for problem in live.problems],
        "watcher": {
            "alive": watcher is not None and watcher.is_alive,
            "events": watcher is not None and watcher.has_events,
        },
        "open_streams": len(runtime.open_streams),
        **({} if count is None else {"greenlets": count()}),
    }
