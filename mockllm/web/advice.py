"""What to do about a path that nobody has: most often the base URL is wrong by a `/v1`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from mockllm.config.prefixes import fault

MAX_LENGTH = 200
"""Longer paths are nobody's mistyping."""

_VERSION = "/v1"
_NEAR = 0.8


def advice(path: str, sent: str, known: Iterable[str]) -> str:
    """Return what is wrong with a path and what mends it, "" when nothing is near.

    `path` is what was routed, `sent` what the client sent (other when a prefix was taken off);
    `known` are the paths there are.
    """
    if len(sent) > MAX_LENGTH:
        return ""
    paths = sorted(known, key=len, reverse=True)
    return (
        _doubled_version(path)
        or _doubled_path(path, paths)
        or _unknown_prefix(sent, paths)
        or _near(path, sent, paths)
    )


def _doubled_version(path: str) -> str:
    if not path.startswith("/v1/v1/"):
        return ""
    return (
        "the base URL already ends in /v1: leave that off, for the client itself asks for"
        f" {path.removeprefix(_VERSION)}"
    )


def _doubled_path(path: str, known: Sequence[str]) -> str:
    for first in known:
        rest = path.removeprefix(first)
        if rest != path and (rest in known or f"{_VERSION}{rest}" in known):
            extra = first if rest in known else first.removeprefix(_VERSION)
            return (
                f"the base URL already ends in {extra}: leave that off, for the client itself"
                f" asks for {rest}"
            )
    return ""


def _unknown_prefix(sent: str, known: Sequence[str]) -> str:
    for path in (each for each in known if each.startswith(f"{_VERSION}/")):
        for ending in (path, path.removeprefix(_VERSION)):
            prefix = sent.removesuffix(ending)
            if prefix != sent and not prefix.endswith("/") and fault(prefix) is None:
                return f"mockllm has {path}; settings.prefixes: [{prefix}] would answer here too"
    return ""


def _near(path: str, sent: str, known: Sequence[str]) -> str:
    plain = "/".join(["", *filter(None, path.lower().split("/"))])
    found = difflib.get_close_matches(plain, known, 1, _NEAR)
    if not found:
        return ""
    near = found[0]
    if path.startswith(f"{_VERSION}/") and near.startswith(f"{_VERSION}/"):
        instead_of_version = sent.removesuffix(path.removeprefix(_VERSION))
        near = instead_of_version + near.removeprefix(_VERSION)
    return f"did you mean {near}?"
