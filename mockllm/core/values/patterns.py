"""Whether a regular expression of JSON Schema is found in a text, in linear time, by RE2.

RE2 has no look-around and no back-references: a pattern with these cannot be checked.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]  # it has no annotations

from mockllm.core.values.steps import Steps

_MAX_PATTERN = 5_000
_WORK_PER_STEP = 100_000
_MAX_MEMORY_BYTES = 512 * 1024  # each of those kept
_UNICODE_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|.)", re.DOTALL)


def found(pattern: str, text: str, steps: Steps) -> bool | None:
    """Say whether `pattern` is found in `text`; None when it cannot be checked.

    >>> found("^b+$", "bb", Steps(9)), found("^b+$", "abb", Steps(9)), found("(?=b)", "b", Steps(9))
    (True, False, None)
    """
    steps.spend(1 + len(pattern) * len(text) // _WORK_PER_STEP)
    compiled = _compiled(pattern)
    if compiled is None:
        return None
    # RE2's wrapper is slower on text. An escape in JSON can spell half of a surrogate pair.
    return compiled.search(text.encode("utf-8", "surrogatepass")) is not None


@lru_cache(100)
def _compiled(pattern: str) -> Any:
    """Return RE2's form of `pattern`; None when it takes too much or what RE2 does not have."""
    if len(pattern) > _MAX_PATTERN:
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY_BYTES
    try:
        return re2.compile(_UNICODE_ESCAPE.sub(_re2_escape, pattern), options)
    except (re2.error, UnicodeEncodeError):
        return None


def _re2_escape(escape: re.Match[str]) -> str:
    """Return an escape as RE2 writes it, which has no \\u."""
    code = escape[1] or escape[2]
    return rf"\x{{{code}}}" if code else escape[0]
