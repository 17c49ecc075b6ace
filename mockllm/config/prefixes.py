"""Prefixes of URLs as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_COUNT = 20
MAX_LENGTH = 200
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@-]+)+/?")
_OURS = ("_mockllm", "s", "f")


def fault(text: str) -> str | None:
    """Return what is wrong with a prefix and what mends it, None when it is one.

    >>> fault("llm")
    'not a prefix; begin it with a slash: /llm'
    """
    if len(text) > MAX_LENGTH:
        return f"longer than {MAX_LENGTH} characters"
    if "://" in text:
        return "not a prefix; write the path alone, without scheme and host, such as /llm"
    if _PREFIX.fullmatch(f"/{text}"):
        return f"not a prefix; begin it with a slash: /{text}"
    segments = text.strip("/").split("/")
    if not _PREFIX.fullmatch(text) or {".", ".."} & set(segments):
        return (
            "not a prefix; write a path of letters, digits and - . _ ~ with single slashes,"
            " such as /gateway/openai"
        )
    if segments[0] in _OURS:
        return f"not free; /{segments[0]} is mockllm's own, so begin with another word"
    return None


def ordered(prefixes: Iterable[str]) -> tuple[str, ...]:
    """Return prefixes without a slash at the end, the longest first.

    >>> ordered(["/a", "/a/b/"])
    ('/a/b', '/a')
    """
    return tuple(
        sorted({each.rstrip("/") for each in prefixes}, key=lambda each: (-len(each), each))
    )
