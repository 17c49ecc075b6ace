"""The one door: `mockllm-validate`, `start`, reloading and tests all load here."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from itertools import groupby, islice
from pathlib import Path

from msgspec import Struct

from mockllm.config import checks, files, validator
from mockllm.config.build import build
from mockllm.config.document import Document
from mockllm.config.programs import Programs
from mockllm.config.source import MapNode, Unreadable, decode, parse
from mockllm.config.unreachable import rules_that_never_answer
from mockllm.core.problems import Location, Problem, has_errors
from mockllm.core.rules import Ruleset
from mockllm.errors import ConfigError

MAX_PROBLEMS_PER_FILE = 1_000
_MAX_COUNTED = 5_000  # what is looked for in a file in which all is wrong


class Loaded(Struct, frozen=True):
    """What a source holds.

    `ruleset` is None exactly when there are errors among `problems`. `fingerprint` was taken
    before reading, so that an edit meanwhile is noticed.
    """

    ruleset: Ruleset | None
    problems: tuple[Problem, ...]
    fingerprint: Hashable

    @property
    def usable(self) -> Ruleset:
        """Return the ruleset.

        Raises:
            ConfigError: there is none.
        """
        if self.ruleset is None:
            raise ConfigError(self.problems)
        return self.ruleset


def load(source: Path) -> Loaded:
    """Return the ruleset of a file or a folder, with everything that is wrong with it.

    Problems are sorted by file and place. Of each file 1,000 are listed, and the number of the
    rest. Never raises for what the files hold.
    """
    fingerprint = files.fingerprint(source)
    problems: list[Problem] = []
    documents: list[Document] = []
    programs = Programs()
    for content in files.read_all(source):
        if isinstance(content, Problem):
            problems.append(content)
            continue
        document, found = read_document(*content, programs)
        problems += _capped(found)
        if document is not None:
            documents.append(document)
    for check in checks.FOLDER_CHECKS:
        found_twice = sorted(check(documents))
        for _, of_file in groupby(found_twice, key=lambda problem: problem.location.file):
            problems += _capped(of_file)
    ruleset = None if has_errors(tuple(problems)) else build(documents)
    if ruleset is not None:
        problems += _capped(rules_that_never_answer(ruleset))
    ordered = tuple(sorted(problems, key=lambda problem: (problem.location, problem.code)))
    if ruleset is not None and ruleset.files:
        fingerprint = files.fingerprint(source, ruleset.files)
    return Loaded(ruleset, ordered, fingerprint)


def read_document(
    file: str, content: bytes, programs: Programs | None = None
) -> tuple[Document | None, Iterator[Problem]]:
    """Return the document in `content`, None when there is none, and what is wrong with it.

    `programs` are those of the files read before it in one load.
    """
    try:
        text = decode(content, file)
    except Unreadable as error:
        return None, iter((error.problem,))
    root, problems = parse(text, file)
    if isinstance(root, MapNode):
        document = Document(file, root, programs or Programs())
        return document, _problems(document, problems)
    if not problems:
        what = "the file is empty" if root is None else "a mapping is needed at the top level"
        location = Location(file) if root is None else Location(file, root.line, root.column)
        hint = 'for example: responses: {"hello": "Hi."}'
        problems.append(Problem(location, "error", "MOCK010", what, hint))
    return None, iter(problems)


def _problems(document: Document, problems: Iterable[Problem]) -> Iterator[Problem]:
    yield from problems
    yield from validator.check(document.root, document.file)
    for check in checks.DOCUMENT_CHECKS:
        yield from check(document)


def _capped(problems: Iterator[Problem]) -> list[Problem]:
    found = list(dict.fromkeys(islice(problems, _MAX_COUNTED)))
    some = "at least " if next(problems, None) is not None else ""
    listed, rest = found[:MAX_PROBLEMS_PER_FILE], len(found) - MAX_PROBLEMS_PER_FILE
    if rest > 0:
        level = listed[-1].level
        message = f"{some}{rest:,} more problem{'s' if rest > 1 else ''} in this file"
        last = max(problem.location for problem in listed)
        listed.append(Problem(last, level, "MOCK017", message))
    return listed
