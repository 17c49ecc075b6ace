"""What `when` may ask for. A condition says why it does not hold; holding is having no reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import translate
from functools import lru_cache
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Struct

from mockllm.core.model import Audio, File, Image, Part, ToolResult
from mockllm.core.regex import Regex
from mockllm.core.subject import Subject

KEY_HEADERS = (
    "authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie",
)  # fmt: skip
"""Headers whose values are never shown."""

TextTest = Literal["equals", "contains", "starts_with", "ends_with"]


class Mismatch(Struct, frozen=True):
    """A condition that does not hold: its key, what it wanted, and what was there.

    `quotes_request` means that `actual` holds text that the client sent.
    """

    key: str
    wanted: str
    actual: str
    quotes_request: bool = False

    def __str__(self) -> str:
        return f"{self.key}: wanted {self.wanted}, got {self.actual}"


class Condition(Protocol):
    """One key of a `when`."""

    @property
    def key(self) -> str:
        """The key as written."""

    def mismatch(self, subject: Subject, text: str | None, /) -> Mismatch | None:
        """Return why the condition does not hold, None when it does.

        `text` is the prompt looked at, None when the request has none.
        """


class TextIs(Struct, frozen=True):
    """`equals`, `contains`, `starts_with`, `ends_with`: any of the needles; `contains_all`: all.

    With `ignores_case` (`settings.match: normalized`) the needles are normalized already.
    """

    key: str
    test: TextTest
    needles: tuple[str, ...]
    all_of_them: bool = False
    ignores_case: bool = False

    def mismatch(self, subject: Subject, text: str | None) -> Mismatch | None:
        """As `Condition.mismatch`."""
        if text is None:
            return Mismatch(self.key, _listed(self.needles), "no user text")
        if self.test_text(subject.normalized(text) if self.ignores_case else text):
            return None
        word = "and" if self.all_of_them else "or"
        wanted = _listed(self.needles, word)
        return Mismatch(self.key, wanted, _quoted(text), quotes_request=True)

    def test_text(self, text: str) -> bool:
        """Return whether the needles are in a text as they must be."""
        holds = all if self.all_of_them else any
        return holds(_TESTS[self.test](text, needle) for needle in self.needles)


class TextMatches(Struct, frozen=True):
    """`regex`: any of them is found in the prompt."""

    regexes: tuple[Regex, ...]
    key: str = "regex"

    def mismatch(self, _subject: Subject, text: str | None) -> Mismatch | None:
        """As `Condition.mismatch`."""
        if text is not None and self.groups(text) is not None:
            return None
        patterns = _listed(tuple(regex.pattern for regex in self.regexes))
        if text is None:
            return Mismatch(self.key, patterns, "no user text")
        return Mismatch(self.key, patterns, _quoted(text), quotes_request=True)

    def groups(self, text: str) -> Mapping[str, str] | None:
        """Return the groups of the first regex that is found, None when none is."""
        for regex in self.regexes:
            groups = regex.search(text)
            if groups is not None:
                return groups
        return None


class OtherTextContains(Struct, frozen=True):
    """`system_contains`, `any_message_contains`, `tool_result_contains`: any needle in any text."""

    key: str
    needles: tuple[str, ...]
    ignores_case: bool = False

    def mismatch(self, subject: Subject, _text: str | None) -> Mismatch | None:
        """As `Condition.mismatch`."""
        texts = _OTHER_TEXTS[self.key](subject)
        looked_at = map(subject.normalized, texts) if self.ignores_case else texts
        if any(needle in each for each in looked_at for needle in self.needles):
            return None
        actual = _quoted("\n".join(texts)) if texts else "none"
        return Mismatch(self.key, _listed(self.needles), actual, quotes_request=bool(texts))


class Glob(Struct, frozen=True):
    """A name with `*`, `?` and `[ab]` in it; case counts. `pieces` are what stands between its
    stars, `compiled` is for one with other wild cards; both are None for a plain name."""

    text: str
    pieces: tuple[str, ...] | None = None
    compiled: re.Pattern[str] | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it fits itself only."""
        return self.pieces is None and self.compiled is None

    def fits(self, name: str) -> bool:
        if self.compiled is not None:
            return self.compiled.match(name) is not None
        if self.pieces is not None:
            return _has_pieces(name, self.pieces)
        return name == self.text

    def __str__(self) -> str:
        return self.text


def glob(text: str) -> Glob:
    """Return `text` as a glob."""
    if "?" in text or "[" in text:
        return Glob(text, compiled=_compiled(text))
    return Glob(text, tuple(text.split("*")) if "*" in text else None)


@lru_cache(maxsize=256)  # as when one list stands in many rules
def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(translate(text))


def _has_pieces(name: str, pieces: tuple[str, ...]) -> bool:
    """Return whether a name is these pieces, at least two, with anything between them."""
    first, *inner, last = pieces
    if not name.startswith(first) or not name.endswith(last):
        return False
    position, end = len(first), len(name) - len(last)
    for piece in inner:
        found = name.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return position <= end


class NameIs(Struct, frozen=True):
    """Whatever has a name: any of the globs fits any of the names there are."""

    key: str
    globs: tuple[Glob, ...]

    def mismatch(self, subject: Subject, _text: str | None) -> Mismatch | None:
        """As `Condition.mismatch`."""
        names = NAMES[self.key](subject)
        if any(each.fits(name) for name in names for each in self.globs):
            return None
        if self.key == "api_key" or _is_key(self.key, names, subject):
            return Mismatch(self.key, _listed(self.globs), "another key" if names else "none")
        actual = _listed(names) if any(names) else "none"
        return Mismatch(self.key, _listed(self.globs), actual)


class HeaderIs(Struct, frozen=True):
    """`headers`: each named header fits any of its globs."""

    wanted: Mapping[str, tuple[Glob, ...]]
    key: str = "headers"

    def mismatch(self, subject: Subject, _text: str | None) -> Mismatch | None:
        """As `Condition.mismatch`."""
        for name, globs in self.wanted.items():
            actual = subject.raw.headers.get(name)
            if actual is None or not any(each.fits(actual) for each in globs):
                secret = name in KEY_HEADERS
                found = "none" if actual is None else "another" if secret else _quoted(actual)
                return Mismatch(f"headers.{name}", _listed(globs), found)
        return None


class ParamIs(Struct, frozen=True):
    """`params`: each dotted path of the body holds any of its values."""

    wanted: Mapping[str, tuple[Any, ...]]
    key: str = "params"

    def mismatch(self, subject: Subject, _text: str | None) -> Mismatch | None:
        """As `Condition.mismatch`."""
        for path, values in self.wanted.items():
            actual = _at(subject.body, path)
            if not any(_same(value, actual) for value in values):
                wanted = " or ".join(map(_json, values))
                return Mismatch(f"params.{path}", wanted, _json(actual), quotes_request=True)
        return None


class FlagIs(Struct, frozen=True):
    """`stream`: true or false."""

    wanted: bool
    key: str = "stream"

    def mismatch(self, subject: Subject, _text: str | None) -> Mismatch | None:
        """As `Condition.mismatch`."""
        actual = subject.request.stream
        if actual == self.wanted:
            return None
        return Mismatch(self.key, str(self.wanted).lower(), str(actual).lower())


class Range(Struct, frozen=True):
    """`3`, `3+` or `3-5`, inclusive. `high` None means no end."""

    low: int
    high: int | None

    def __str__(self) -> str:
        if self.high is None:
            return f"{self.low}+"
        return str(self.low) if self.high == self.low else f"{self.low}-{self.high}"


class NumberIn(Struct, frozen=True):
    """`turn`, `step`, `input_tokens`: in any of the ranges."""

    key: str
    ranges: tuple[Range, ...]

    def mismatch(self, subject: Subject, _text: str | None) -> Mismatch | None:
        """As `Condition.mismatch`."""
        actual = _NUMBERS[self.key](subject)
        for each in self.ranges:
            if each.low <= actual and (each.high is None or actual <= each.high):
                return None
        return Mismatch(self.key, " or ".join(map(str, self.ranges)), str(actual))


class Not(Struct, frozen=True):
    """`not`: each of the conditions in it fails."""

    conditions: tuple[Condition, ...]
    key: str = "not"

    def mismatch(self, subject: Subject, text: str | None) -> Mismatch | None:
        """As `Condition.mismatch`."""
        for condition in self.conditions:
            if condition.mismatch(subject, text) is None:
                return Mismatch(f"not.{condition.key}", "it to fail", "it holds")
        return None


class Always(Struct, frozen=True):
    """`always: true`: holds for every request."""

    key: str = "always"

    def mismatch(self, _subject: Subject, _text: str | None) -> Mismatch | None:
        """As `Condition.mismatch`."""
        return None


def difference(
    conditions: tuple[Condition, ...], subject: Subject, text: str | None
) -> Mismatch | None:
    """Return the first condition that does not hold, None when all do."""
    for condition in conditions:
        found = condition.mismatch(subject, text)
        if found is not None:
            return found
    return None


def _at(body: Any, path: str) -> Any:
    """Return what stands at a dotted path (`metadata.user`, `tools.0.type`), None when nothing."""
    for step in path.split("."):
        if isinstance(body, Mapping):
            body = body.get(step)
        elif isinstance(body, list) and step.isdecimal() and int(step) < len(body):
            body = body[int(step)]
        else:
            return None
    return body


def _same(wanted: Any, actual: Any) -> bool:
    """Compare as JSON does: true is not 1."""
    if isinstance(wanted, bool) or isinstance(actual, bool):
        return wanted is actual
    return bool(wanted == actual)


def _json(value: Any, limit: int = 80) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _quoted(text: str, limit: int = 80) -> str:
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")


def _is_key(key: str, names: tuple[str, ...], subject: Subject) -> bool:
    """Whether what is compared is the sender's API key: a session may be named by it."""
    return key == "session" and subject.raw.api_key in names


def _listed(needles: tuple[Any, ...], word: str = "or", limit: int = 5) -> str:
    more = f" {word} {len(needles) - limit} more" if len(needles) > limit else ""
    return f" {word} ".join(_quoted(str(needle)) for needle in needles[:limit]) + more


def _part_kinds(subject: Subject) -> tuple[str, ...]:
    return tuple(kind for message in subject.request.messages for kind in _kinds(message.parts))


def _kinds(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        match part:
            case Image():
                yield "image"
            case Audio():
                yield "audio"
            case File():
                yield "file"
            case ToolResult(parts=inner):
                yield from _kinds(inner)
            case _:
                pass


def _present(name: str | None) -> tuple[str, ...]:
    return (name,) if name else ()


def _tool_choice(subject: Subject) -> tuple[str, ...]:
    choice = subject.request.tool_choice
    return (choice.name or "",) if choice.mode == "named" else (choice.mode,)


_TESTS: Mapping[TextTest, Callable[[str, str], bool]] = {
    "equals": str.__eq__,
    "contains": str.__contains__,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}

NAMES: Mapping[str, Callable[[Subject], tuple[str, ...]]] = {
    "model": lambda subject: (subject.request.model,),
    "provider": lambda subject: (subject.request.provider,),
    "operation": lambda subject: (subject.request.operation,),
    "path": lambda subject: (subject.raw.path,),
    "response_format": lambda subject: (subject.request.response_format.kind,),
    "schema": lambda subject: _present(subject.request.response_format.name),
    "has": _part_kinds,
    "tool_offered": lambda subject: tuple(tool.name for tool in subject.request.tools),
    "tool_choice": _tool_choice,
    "tool_result": lambda subject: subject.new_result_names,
    "api_key": lambda subject: _present(subject.raw.api_key),
    "session": lambda subject: (subject.session,),
    "state": lambda subject: (subject.state,),
}
"""The conditions that compare names, each with the names it reads."""

_OTHER_TEXTS: Mapping[str, Callable[[Subject], tuple[str, ...]]] = {
    "system_contains": lambda subject: subject.system,
    "any_message_contains": lambda subject: subject.texts,
    "tool_result_contains": lambda subject: subject.new_result_texts,
}

_NUMBERS: Mapping[str, Callable[[Subject], int]] = {
    "turn": lambda subject: subject.turn,
    "step": lambda subject: subject.step,
    "input_tokens": lambda subject: subject.input_tokens,
}
