r"""Regular expressions of rules: RE2, and the literal that each match must contain.

The literal lets one pass over a text rule out most regexes. It is read off Python's parse tree,
since RE2 shows none, after `_in_python` has taken out what the two syntaxes read differently.
Where that is not certain there is no literal: a regex without one is slower, never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import re2  # type: ignore[import-untyped]  # it has no types
from msgspec import Struct

# Private API: without it every regex works, and none has a literal.
_parser: Any = getattr(re, "_parser", None)

MAX_REGEX_BYTES = 8 * 1024**2
"""What RE2 may take for one, besides what it takes while it searches."""

# RE2 takes as much again while it searches, so that only what needs more gets more.
_USUAL_BYTES = 1024**2
_OBJECTS_BYTES = 2560
_INSTRUCTION_BYTES = 32
_MAX_TABLE_BYTES = _USUAL_BYTES // 12
_MOST_CLASSES = 256  # of bytes
_MIN_LITERAL = 3
_MAX_PARSED = 10_000  # characters: 1,000,000 took 2 s and 150 MB

# The first that is found in RE2's message gives the hint.
_HINTS = (
    (r"^(missing|unexpected) [)\]]", "put a backslash before a bracket that stands for itself"),
    (r"\(\?=$", "RE2 has no look-ahead: match what follows too, and group what is wanted"),
    (r"\(\?<=$", "RE2 has no look-behind: match what precedes too, and group what is wanted"),
    (r"\(\?<?!$", "RE2 has no look-ahead or look-behind: what must not occur goes under 'not'"),
    (r"\\([1-9]|k|g)$", "RE2 has no back-references"),
    (r"\(\?P$", "RE2 has no back-references (?P=name); a named group is (?P<name>...)"),
    (r"\(\?>$", "RE2 has no atomic groups, and never backtracks: write (?:...)"),
    (r"^bad repetition .+\+$", "RE2 has no possessive quantifiers: leave out the last +"),
    (r"^bad repetition", "to repeat a repeat, put it in (?:...)"),
    (r"\(\?\($", "RE2 has no conditionals: write both cases with |"),
    (r"\\Z$", r"write \z for the end of the text"),
    (r"escape sequence: \\[uUNxo]", r"write a code point as \x{0041}"),
    (r"\(\?[imsU-]*x$", "RE2 has no (?x): write the regex without white space and comments"),
    (r"\(\?#$", "RE2 has no comments"),
    (r"\(\?[imsU-]*[a-zA-Z]$", "RE2's flags are i, m, s and U"),
    (r"repetition size", "RE2 repeats at most 1,000 times, nested repeats multiply; {n,m} goes up"),
    (r"^no argument", r"nothing precedes it to repeat: any text is .*, the character itself \*"),
    (r"too large", "compiled, a regex may take 8 MB: repeat less often, or a smaller class"),
    (r"^trailing", r"write \\ for a backslash"),
    (r"class range: \\[pP]", r"RE2 knows categories (\p{Lu}) and scripts (\p{Greek}) of Unicode"),
    (r"named capture", "a named group is (?P<name>...); names have letters, digits and _"),
)

_SYNTAX = re.compile(r"[][\\^$.|?*+(){}]")
_ASCII_CLASS = re.compile(r"\\Q.*?(?:\\E|\Z)|(?P<used>\\[wWbBdD])|\\.", re.DOTALL)

# What RE2 and Python may read differently. Escapes and classes are found first, so that nothing
# inside them is taken for syntax. Python refuses \Q: where it stands, there is no literal.
_TOKEN = re.compile(
    r"""
      (?P<other> \\[pP](?:\{[^}]*\}|.) | \\x(?:\{[^}]*\}|..) | \\[0-7]{1,3} | \\C )
    | (?P<end> \\z )
    | \\ (?: Q.* | . )
    | \[ (?P<single> [^\\^\]] ) \]
    | (?P<class> \[ \^? \]?+ (?: \[:\^?[a-z]+:\] | \\. | [^\\\]] )*+ \] )
    | \{ (?:0|[1-9][0-9]{0,3}) (?: , (?:0|[1-9][0-9]{0,3})? )? \}
    | (?P<brace> \{ )
    | (?P<name> \(\?< )
    """,
    re.VERBOSE | re.DOTALL,
)


class BadRegex(ValueError):
    """A pattern that RE2 does not take.

    `message` is RE2's; `hint` says what RE2 lacks or what to write, None when nothing is known.
    """

    def __init__(self, message: str, hint: str | None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def is_too_large(self) -> bool:
        """Whether it is RE2's syntax, and takes too much."""
        return "too large" in self.message


class Regex(Struct, frozen=True, eq=False, weakref=True):
    """A compiled pattern, from `compile_regex`.

    `literal` is the longest literal that was found to be in every match, None when there is none
    of at least 3 characters. With `literal_ignores_case` it is casefolded, and is in the casefolded
    match.
    """

    pattern: str
    literal: str | None
    literal_ignores_case: bool
    _names: tuple[tuple[str, int], ...]
    _program: Any  # RE2's, which has no type

    @property
    def most_bytes(self) -> int:
        """What RE2 takes for it, at most: the program in both directions, and the table of one that
        needs no backtracking, which has a line for each instruction and a column for each class of
        bytes. A program that needs more than the usual limit takes half of it (measured)."""
        size: int = self._program.programsize
        table = 4 * size * min(size, _MOST_CLASSES)
        return _OBJECTS_BYTES + size * _INSTRUCTION_BYTES + min(table, _MAX_TABLE_BYTES)

    def search(self, text: str) -> Mapping[str, str] | None:
        r"""Return the groups of the first match in `text`, None when there is no match.

        The whole match is "0", the groups are "1", "2" and so on, and named groups are under their
        names too (the leftmost of several with one name). A group that took no part is "". What is
        no whole character (half a surrogate pair, the byte that `\C` matches) becomes U+FFFD. The
        time is linear in the length of `text`.
        """
        # RE2's wrapper counts characters when given text: six times slower than with bytes.
        found = self._program.search(text.encode("utf-8", "surrogatepass"))
        if found is None:
            return None
        groups = [
            (group or b"").decode("utf-8", "replace") for group in (found.group(), *found.groups())
        ]
        named = {name: groups[number] for name, number in self._names}
        return named | {str(number): group for number, group in enumerate(groups)}


def compile_regex(pattern: str) -> Regex:
    """Return `pattern` compiled. `^` and `$` are the ends of the text, `.` stops at a line break,
    unless its flags say otherwise.

    Raises:
        BadRegex: it is not RE2's syntax, or too large.
    """
    try:
        program = _program(pattern, _USUAL_BYTES)
    except BadRegex as bad:
        if not bad.is_too_large:
            raise
        program = _program(pattern, MAX_REGEX_BYTES)
    literal, ignores_case = _literal(pattern)
    return Regex(pattern, literal, ignores_case, tuple(program.groupindex.items()), program)


def _program(pattern: str, most_bytes: int) -> Any:
    options = re2.Options()
    options.max_mem = most_bytes
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except UnicodeEncodeError:
        raise BadRegex("the regex has half a surrogate pair, which is no character", None) from None
    except re2.error as error:
        message = error.args[0].decode("utf-8", "replace")
        raise BadRegex(message, _hint(message)) from None


def ascii_class_used(pattern: str) -> str | None:
    r"""Return the first of `\w`, `\W`, `\b`, `\B`, `\d`, `\D` in `pattern`, None without any.

    They know only ASCII: `\w+` stops inside `Grüße`, where `[\pL\pN_]+` does not.

    >>> ascii_class_used(r"C:\\windows \d+")
    '\\d'
    """
    return next((found["used"] for found in _ASCII_CLASS.finditer(pattern) if found["used"]), None)


def _hint(message: str) -> str | None:
    return next((hint for cause, hint in _HINTS if re.search(cause, message)), None)


def _literal(pattern: str) -> tuple[str | None, bool]:
    """Return the longest literal that each match of a pattern that RE2 takes must contain, and
    whether that is so only when both are casefolded."""
    # After a `-` in a class, `[:` may start a POSIX class or end a range.
    if _parser is None or "-[:" in pattern or len(pattern) > _MAX_PARSED:
        return None, False
    if not _SYNTAX.search(pattern):
        return (pattern if len(pattern) >= _MIN_LITERAL else None), False
    runs: list[list[tuple[str, bool]]] = [[]]
    try:
        tree = _parser.parse(_in_python(pattern))
        for character in _required(tree, bool(tree.state.flags & re.IGNORECASE)):
            if character is None:
                runs.append([])
            else:
                runs[-1].append(character)
    except (re.error, RecursionError):
        return None, False
    longest = max(runs, key=len)
    ignores_case = any(ignores for _, ignores in longest)
    text = "".join(character for character, _ in longest)
    if len(text) < _MIN_LITERAL:
        return None, False
    return (text.casefold() if ignores_case else text), ignores_case


def _in_python(pattern: str) -> str:
    r"""Return a pattern for Python's parser that requires no character that `pattern` does not.

    Measured: `[[:alpha:]]` has a literal `]` in Python, `a{03}` is five literals in RE2 and a
    repeat in Python, `\12` is a line break in RE2 and a back-reference in Python.
    """
    return _TOKEN.sub(_token_in_python, pattern)


def _token_in_python(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "other" | "class":
            return "."
        case "end":
            return r"\Z"
        case "single":
            return re.escape(found["single"])
        case "brace":
            return r"\{"
        case "name":
            return "(?P<"
        case _:
            return found[0]


def _required(items: Any, ignores_case: bool) -> Iterator[tuple[str, bool] | None]:
    """Yield the characters that each match must contain, with whether case is ignored there, and
    None wherever two of them need not be neighbours."""
    for operator, value in items:
        match operator.name:
            case "LITERAL" if not ignores_case or _folds_alike(value):
                yield chr(value), ignores_case
            case "SUBPATTERN":
                _, added, removed, body = value
                on, off = added & re.IGNORECASE, removed & re.IGNORECASE
                yield from _required(body, bool(on or (ignores_case and not off)))
            case "MAX_REPEAT" | "MIN_REPEAT" if value[0] > 0:
                yield from _required(value[2], ignores_case)
                yield None
            case "AT":
                pass
            case _:
                yield None


def _folds_alike(code: int) -> bool:
    """Say whether all that RE2 takes for this character when it ignores case is equal casefolded.

    So it is with ASCII, Latin, Greek and Cyrillic; elsewhere RE2 may know a newer Unicode than
    Python does.
    """
    return code < 0x180 or 0x370 <= code < 0x530
