"""What regexes and templates compile to: each text once, and those of one load within bounds."""

from __future__ import annotations

from weakref import WeakValueDictionary

from mockllm.core import compose
from mockllm.core.regex import MAX_REGEX_BYTES, BadRegex, Regex, compile_regex
from mockllm.core.template import Template, TemplateProblem, compile_template, count_tokens

MAX_REGEXES_BYTES = 160 * 1024**2
"""Room for 20,000 regexes of 25 instructions, or 1,250 with a class of all letters."""

MAX_TOKENS = 50_000
_TOKENS_A_TEMPLATE = 10  # what compiling one costs besides
_BAD_REGEX_BYTES = 8 * 1024

# What somebody still holds: the rules in force, or the load under way.
_regexes: WeakValueDictionary[str, Regex] = WeakValueDictionary()
_templates: WeakValueDictionary[str, Template] = WeakValueDictionary()


class TooMuch(Exception):
    """The bound of a load was passed. `message` says which one, `hint` what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def regex(pattern: str) -> Regex:
    """Return `pattern` compiled, or what it compiled to before.

    Raises:
        BadRegex: it is not RE2's syntax, or too large.
    """
    found = _regexes.get(pattern)
    if found is None:
        found = _regexes[pattern] = compile_regex(pattern)
    return found


def template(source: str) -> Template:
    """Return `source` as a template that knows the names there are, or what it was before.

    Raises:
        TemplateProblem: it is none.
    """
    found = _templates.get(source)
    if found is None:
        found = _templates[source] = compile_template(source, compose.TEMPLATE_NAMES)
    return found


class Programs:
    """The regexes and templates of one load: kept, and counted once each."""

    def __init__(self) -> None:
        self._regexes: dict[str, Regex | BadRegex] = {}
        self._templates: dict[str, Template | TemplateProblem] = {}
        self._regex_bytes = 0
        self._tokens = 0

    @property
    def regex_bytes(self) -> int:
        """What all regexes so far may take."""
        return self._regex_bytes

    def regex(self, pattern: str) -> Regex:
        """As the function.

        Raises:
            BadRegex: it is not RE2's syntax, or too large.
            TooMuch: all of them take more than 160 MB.
        """
        found = self._regexes.get(pattern)
        if found is None:
            found = self._regexes[pattern] = self._new_regex(pattern)
        if isinstance(found, BadRegex):
            raise found
        return found

    def _new_regex(self, pattern: str) -> Regex | BadRegex:
        if self._regex_bytes > MAX_REGEXES_BYTES:
            limit = f"{MAX_REGEXES_BYTES // 1024**2} MB"
            raise TooMuch(
                f"the regular expressions before this one may take more than {limit}",
                "repeat less often, take smaller classes, or 'contains' instead",
            )
        try:
            found = regex(pattern)
        except BadRegex as bad:
            self._regex_bytes += MAX_REGEX_BYTES if bad.is_too_large else _BAD_REGEX_BYTES
            return bad
        self._regex_bytes += found.most_bytes
        return found

    def template(self, source: str) -> Template:
        """As the function.

        Raises:
            TemplateProblem: it is none.
            TooMuch: all of them have more than 50,000 tokens.
        """
        found = self._templates.get(source)
        if found is None:
            found = self._templates[source] = self._new_template(source)
        if isinstance(found, TemplateProblem):
            raise found
        return found

    def _new_template(self, source: str) -> Template | TemplateProblem:
        tokens = count_tokens(source)
        if tokens:
            self._tokens += _TOKENS_A_TEMPLATE + tokens
        if self._tokens > MAX_TOKENS:
            raise TooMuch(
                f"with this one the templates have more than {MAX_TOKENS:,} names, operators"
                " and other tokens",
                "write 'text' where nothing is filled in",
            )
        try:
            return template(source)
        except TemplateProblem as problem:
            return problem
