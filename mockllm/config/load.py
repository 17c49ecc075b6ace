"""The one door: `mockllm-validate`, `start`, reloading and tests all load here."""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, islice
from pathlib import Path

from msgspec import Struct

from mockllm.config import checks, files, validator
from mockllm.config.build import build
from mockllm.config.document import Document
from mockllm.config.programs import Programs
from mockllm.config.release import free_documents
from mockllm.config.source import MapNode, Unreadable, decode, parse
from mockllm.config.unreachable import rules_that_never_answer
from mockllm.core.problems import Location, Problem, has_errors
from mockllm.core.rules import Ruleset
from mockllm.errors import ConfigError

MAX_PROBLEMS_PER_FILE = 1_000
_MAX_COUNTED = 5_000  # what is looked for in a file in which all is wrong
_MANY_OBJECTS = 50_000  # the collector takes 10 ms to look at them


class Loaded(Struct, frozen=True):
    """What paths hold.

    `ruleset` is None exactly when there are errors among `problems`. `fingerprint` is that of the
    paths, taken before reading, so that an edit meanwhile is noticed.
    """

    ruleset: Ruleset | None
    problems: tuple[Problem, ...]
    fingerprint: tuple[Hashable, ...]

    @property
    def usable(self) -> Ruleset:
        """Return the ruleset.

        Raises:
            ConfigError: there is none.
        """
        if self.ruleset is None:
            raise ConfigError(self.problems)
        return self.ruleset


def load(*paths: Path) -> Loaded:
    """Return the ruleset of files and folders, of which a later one overrides the earlier ones,
    with everything that is wrong with it.

    Problems are sorted by file and place. Of each file 1,000 are listed, and the number of the
    rest. Never raises for what the files hold.
    """
    fingerprint = files.fingerprint(*paths)
    with _garbage_kept():
        ruleset, problems = _load(paths)
    ordered = tuple(sorted(problems, key=lambda problem: (problem.location, problem.code)))
    return Loaded(ruleset, ordered, fingerprint)


@contextmanager
def _garbage_kept() -> Iterator[None]:
    """Load with the collector off: composing 100,000 answers pauses every stream for 96 ms with
    it and for 7 ms without, and what is loaded stays.

    It would look at what was loaded at once when it is on again, for 60 ms with 100,000 answers.
    So much is frozen: it has no cycles, and goes when nobody refers to it. With it is frozen what
    the requests of this moment hold, of which each leaves a few objects in cycles, for good; so
    what is little is not frozen.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            if gc.get_count()[0] > _MANY_OBJECTS:
                gc.freeze()
            gc.enable()


def _load(paths: Sequence[Path]) -> tuple[Ruleset | None, list[Problem]]:
    documents, problems = _read_all(paths)
    problems += _checked(documents, checks.RULESET_CHECKS)
    ruleset = None if has_errors(tuple(problems)) else build(documents)
    if ruleset is not None:
        problems += capped(rules_that_never_answer(ruleset))
    free_documents(documents)
    return ruleset, problems


def _read_all(paths: Sequence[Path]) -> tuple[list[Document], list[Problem]]:
    """Return the documents of all paths, those that override others first."""
    documents: list[Document] = []
    problems: list[Problem] = []
    programs = Programs()
    for path in reversed(paths):  # `build` takes the first of what several have
        of_path, found = _read(path, programs)
        documents += of_path
        problems += found
    return documents, problems


def _read(path: Path, programs: Programs) -> tuple[list[Document], list[Problem]]:
    """Return the documents of a file or a folder, and what is wrong with them by themselves."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for content in files.read_all(path):
        if isinstance(content, Problem):
            problems.append(content)
            continue
        document, found = read_document(*content, programs)
        problems += capped(found)
        if document is not None:
            documents.append(document)
    return documents, problems + _checked(documents, checks.FOLDER_CHECKS)


def _checked(
    documents: Sequence[Document],
    together: Iterable[Callable[[Sequence[Document]], Iterator[Problem]]],
) -> list[Problem]:
    """Return what checks of several documents find, capped for each file."""
    problems: list[Problem] = []
    for check in together:
        found = sorted(check(documents))
        for _, of_file in groupby(found, key=lambda problem: problem.location.file):
            problems += capped(of_file)
    return problems


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
    yield from validator.check(document.root, document.places, document.file)
    for check in checks.DOCUMENT_CHECKS:
        yield from check(document)


def capped(problems: Iterator[Problem]) -> list[Problem]:
    """Return the first 1,000 problems of a file, and how many more there are."""
    found = list(dict.fromkeys(islice(problems, _MAX_COUNTED)))
    some = "at least " if next(problems, None) is not None else ""
    listed, rest = found[:MAX_PROBLEMS_PER_FILE], len(found) - MAX_PROBLEMS_PER_FILE
    if rest > 0:
        level = listed[-1].level
        message = f"{some}{rest:,} more problem{'s' if rest > 1 else ''} in this file"
        last = max(problem.location for problem in listed)
        listed.append(Problem(last, level, "MOCK017", message))
    return listed
