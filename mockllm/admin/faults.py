"""Faults that are set while the server runs, and heal by themselves."""

from __future__ import annotations

from typing import Any

import msgspec

from mockllm.admin.bodies import Answered, no_room, refused, too_large
from mockllm.config.outage import read_outage
from mockllm.runtime import Runtime
from mockllm.state.outages import EVERYONE, Outage


def put_faults(content: bytes, runtime: Runtime) -> Answered:
    """Set the faults of a session, or of everyone, in place of those that were set before; return
    them, or what is wrong with them, and the status."""
    large = too_large(content)
    if large is not None:
        return large
    is_normalized = runtime.live.current.ruleset.settings.match == "normalized"
    found, problems = read_outage(content, is_normalized)
    if found is None:
        return refused(problems)
    now_s = runtime.clock.wall()
    outage = Outage(found.session, found.faults, now_s, now_s + found.ttl_s, content)
    try:
        with runtime.changing(outage.session):
            runtime.outages.put(outage, now_s)
    except OverflowError:
        return no_room("too many sessions have faults; delete some")
    return _object(outage, now_s), 200


def list_faults(runtime: Runtime) -> dict[str, Any]:
    """Return every fault that is set, and how long it still holds."""
    now_s = runtime.clock.wall()
    return {"faults": [_object(outage, now_s) for outage in runtime.outages.all(now_s)]}


def delete_faults(session: str, runtime: Runtime) -> dict[str, Any]:
    """End the faults of a session, "" for everyone's; say whether there were any."""
    with runtime.changing(session):
        deleted = runtime.outages.remove(session, runtime.clock.wall())
    return {"session": session or None, "deleted": deleted}


def _object(outage: Outage, now_s: float) -> dict[str, Any]:
    return {
        "session": None if outage.session == EVERYONE else outage.session,
        "heals_in_s": round(outage.until_s - now_s, 3),
        "faults": [_words(entry.fault) for entry in outage.faults],
    }


def _words(fault: Any) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(fault)
    return {key: value for key, value in found.items() if value is not None}
