"""From the YAML to how answers travel: timings, faults, limits. Takes what was found valid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import blake2b
from math import inf
from typing import Any

from msgspec import structs

from mockllm.config import units
from mockllm.config.build_when import build_when
from mockllm.config.source import ListNode, MapNode, Node, Scalar
from mockllm.config.value import value
from mockllm.core.faults import ErrorKind, Fault
from mockllm.core.model import ErrorReply
from mockllm.core.rules import Chaos, Limit
from mockllm.core.timing import BUILT_IN, INSTANT, Delay, Load, Timing, constant

Profiles = Mapping[str, Timing]
_KINDS_OF_STATUS: Mapping[int, ErrorKind] = {
    401: "auth",
    403: "permission",
    404: "not_found",
    429: "rate_limit",
    503: "overloaded",
    529: "overloaded",
}


def kind_of_status(status: int) -> ErrorKind:
    """Return the kind of error that a status means by itself."""
    return _KINDS_OF_STATUS.get(status, "invalid" if status < 500 else "server")


def profiles(node: Node | None) -> Profiles:
    """Return all profiles by name: those written, each of which may change another one, and those
    that need not be."""
    written = node.entries if isinstance(node, MapNode) else {}
    found = {name: timing for name, timing in BUILT_IN.items() if name not in written}
    for name in written:
        chain: list[str] = []
        base: str | None = name
        while base is not None and base not in found:
            chain.append(base)
            base = _text(written[base][1], "profile")
        for each in reversed(chain):
            found[each] = timing(written[each][1], found, f"profile {each}")
    return found


def timing(node: Node, known: Profiles, name: str) -> Timing:
    """Return a timing: a profile, or one that stands there; `name` tells its load from others."""
    if not isinstance(node, MapNode):
        assert isinstance(node, Scalar)
        return known[node.text]
    base = _text(node, "profile")
    found = known[base] if base is not None else INSTANT
    said = {
        _TIMING[key][0]: _TIMING[key][1](inner)
        for key, (_, inner) in node.entries.items()
        if key in _TIMING
    }
    load = node.value("load")
    if load is not None:
        said["load"] = Load(name, **value(load))
    return structs.replace(found, **said)


def _duration(node: Node) -> float:
    return units.duration_s(str(value(node))) or 0.0


def _delay(node: Node) -> Delay:
    if not isinstance(node, MapNode):
        return constant(_duration(node))
    points = [
        (float(name[1:]) / 100, _duration(inner)) for name, (_, inner) in node.entries.items()
    ]
    return Delay(tuple(sorted(points)))


_TIMING: Mapping[str, tuple[str, Callable[[Node], Any]]] = {
    "first_token": ("first_token", _delay),
    "rate": ("rate", lambda node: units.rate(str(value(node)))),
    "jitter": ("jitter", lambda node: units.share(str(value(node)))),
    "chunk": ("chunk", value),
    "per_prompt_token": ("per_prompt_token_s", _duration),
}
"""For each key of the YAML: the member that it gives, and how."""


def fault(node: Node) -> Fault:
    """Return a fault: a kind by itself, or with more about it."""
    if isinstance(node, Scalar):
        return Fault(node.text)
    found: dict[str, Any] = value(node)
    return Fault(
        found["kind"],
        units.after(str(found["after"])) if "after" in found else None,
        _optional_duration(found, "for"),
        found.get("status"),
        _optional_duration(found, "retry_after"),
        _text(node, "message"),
    )


def fault_of_error(error: ErrorReply) -> Fault:
    """Return an error as the fault that it is."""
    return Fault(
        error.kind,
        status=error.status,
        retry_after_s=error.retry_after_s,
        message=error.message,
    )


def error_reply(node: Node) -> ErrorReply:
    """Return the error that a reply or an entry of chaos asks for."""
    if isinstance(node, Scalar):
        return ErrorReply(node.text)  # type: ignore[arg-type]  # the schema allows kinds only
    found: dict[str, Any] = value(node)
    status = found.get("status")
    return ErrorReply(
        found.get("kind") or kind_of_status(status or 500),
        status,
        _text(node, "message"),
        _optional_duration(found, "retry_after"),
    )


def chaos(node: Node, normalized: bool) -> tuple[Chaos, ...]:
    """Return the entries of `chaos` in order."""
    seen: Counter[str] = Counter()
    items = node.items if isinstance(node, ListNode) else ()
    return tuple(
        chaos_entry(item, normalized, identity(item, seen))
        for item in items
        if isinstance(item, MapNode)
    )


def chaos_entry(node: MapNode, normalized: bool, name: str) -> Chaos:
    """Return one entry of `chaos`; `name` tells it from others."""
    found: dict[str, Any] = value(node)
    when, error, damage = (node.value(key) for key in ("when", "error", "fault"))
    probability = units.share(str(found.get("probability", "100%")))
    for_s = _optional_duration(found, "for")
    return Chaos(
        fault(damage) if damage is not None else fault_of_error(error_reply(_given(error))),
        build_when(when, normalized) if isinstance(when, MapNode) else (),
        1.0 if probability is None else probability,
        _optional_duration(found, "from") or 0.0,
        inf if for_s is None else for_s,
        name,
    )


def limits(node: Node) -> tuple[Limit, ...]:
    """Return the limits in order."""
    seen: Counter[str] = Counter()
    return tuple(
        _limit(value(item), identity(item, seen))
        for item in (node.items if isinstance(node, ListNode) else ())
    )


def _limit(found: dict[str, Any], name: str) -> Limit:
    requests, tokens = (
        units.quota(str(found[key])) if key in found else None for key in ("requests", "tokens")
    )
    return Limit(found["per"], requests, tokens, found.get("concurrent"), name)


def identity(node: Node, seen: Counter[str]) -> str:
    """Return what the state of something without a name is kept under: a digest of its content,
    and which of those alike it is."""
    digest = blake2b(repr(value(node)).encode(), digest_size=16).hexdigest()
    seen[digest] += 1
    return f"content {digest} {seen[digest]}"


def _optional_duration(found: Mapping[str, Any], key: str) -> float | None:
    return units.duration_s(str(found[key])) if key in found else None


def _text(node: Node, key: str) -> str | None:
    inner = node.value(key) if isinstance(node, MapNode) else None
    return inner.text if isinstance(inner, Scalar) else None


def _given(node: Node | None) -> Node:
    assert node is not None
    return node
