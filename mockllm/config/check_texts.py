"""Checks of texts: prompts, conditions, answers, regular expressions and templates.

Each docstring is the check's page in the manual.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockllm.config.document import (
    Document,
    answer_texts_of,
    error,
    names_of,
    needles_of,
    prompts_of,
    regexes_of,
    templates_of,
    texts_of,
    warning,
)
from mockllm.config.programs import TooMuch
from mockllm.config.source import shorten
from mockllm.core.problems import Problem
from mockllm.core.regex import BadRegex, ascii_class_used
from mockllm.core.template import TemplateProblem

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_TEXT_KINDS = ("str", "null", "merge", "value")
_RENDERED = re.compile(r"\{\{|\{%")


def texts_of_other_types(document: Document) -> Iterator[Problem]:
    """MOCK013: a text without quotes that YAML takes for something else.

    It is used as written. Quotes say that it is meant so.

    Bad::

        responses:
          7: yes

    Good::

        responses:
          "7": "yes"
    """
    for scalar in (*texts_of(document), *names_of(document)):
        if scalar.kind not in _TEXT_KINDS:
            hint = f"write {_quoted(scalar.text)}"
            message = f"{shorten(scalar.text)} is taken as text"
            yield warning(document, scalar, "MOCK013", message, hint)


def texts_cut_by_comments(document: Document) -> Iterator[Problem]:
    """MOCK014: a text without quotes that ends where a comment begins.

    Bad::

        responses:
          "what is C?": A language like C # but older

    Good::

        responses:
          "what is C?": "A language like C # but older"
    """
    for scalar in texts_of(document):
        if scalar.commented:
            message = f"the text ends at {shorten(scalar.text)}: what follows ' #' is a comment"
            hint = "quote the text if the '#' belongs to it"
            yield warning(document, scalar, "MOCK014", message, hint)


def needles_nobody_sends(document: Document) -> Iterator[Problem]:
    """MOCK015: a prompt or condition that holds a control character, or ends in a line break.

    `"\\\\b"` in double quotes is a backspace, and a block text keeps its last line break.

    Bad::

        responses:
          ? |
            what is 2+2?
          : "4"

    Good::

        responses:
          ? |-
            what is 2+2?
          : "4"
    """
    for scalar in (*prompts_of(document), *needles_of(document)):
        found = _CONTROL.search(scalar.text)
        if found:
            message = f"this text holds the control character U+{ord(found[0]):04X}"
            hint = "in double quotes write \\\\ for a backslash"
        elif scalar.text.endswith("\n"):
            message, hint = "this text ends in a line break", "write '|-' instead of '|'"
        else:
            continue
        yield warning(document, scalar, "MOCK015", message, hint)


def regexes_that_compile(document: Document) -> Iterator[Problem]:
    """MOCK022: a regular expression that RE2 does not take.

    RE2 takes linear time whatever the text, and so has no look-around and no back-references.

    Bad::

        rules:
          - when: {regex: "(?=a)b"}
            reply: "Hi."

    Good::

        rules:
          - when: {regex: "ab"}
            reply: "Hi."
    """
    for scalar in regexes_of(document):
        try:
            document.programs.regex(scalar.text)
        except TooMuch as bound:
            yield error(document, scalar, "MOCK009", bound.message, bound.hint)
            return
        except BadRegex as bad:
            message = f"the regular expression is not one: {bad.message}"
            yield error(document, scalar, "MOCK022", message, bad.hint)


def regexes_for_ascii_only(document: Document) -> Iterator[Problem]:
    r"""MOCK023: `\w`, `\d` or `\b` in a regular expression, which know ASCII only.

    Write `[\pL\pN_]` for a letter, digit or underscore of any script, `\pN` for a digit.

    Bad::

        rules:
          - when: {regex: 'my name is (?P<name>\w+)'}
            reply: {template: "Hello {{ match.name }}."}

    Good::

        rules:
          - when: {regex: 'my name is (?P<name>[\pL]+)'}
            reply: {template: "Hello {{ match.name }}."}
    """
    for scalar in regexes_of(document):
        found = ascii_class_used(scalar.text)
        if found:
            message = f"'{found}' knows ASCII only"
            hint = r"write [\pL\pN_] for letters and digits of any script"
            yield warning(document, scalar, "MOCK023", message, hint)


def templates_that_compile(document: Document) -> Iterator[Problem]:
    """MOCK024: a template that does not parse, or uses names that there are not.

    Bad::

        responses:
          "hello": {template: "Hello {{ user }}."}

    Good::

        responses:
          "hello": {template: "Hello, this is {{ request.model }}."}
    """
    for scalar in templates_of(document):
        try:
            document.programs.template(scalar.text)
        except TooMuch as bound:
            yield error(document, scalar, "MOCK009", bound.message, bound.hint)
            return
        except TemplateProblem as problem:
            line = f" (line {problem.line} of it)" if problem.line > 1 else ""
            message = f"the template cannot be used: {problem.message}{line}"
            yield error(document, scalar, "MOCK024", message, None)


def texts_that_look_like_templates(document: Document) -> Iterator[Problem]:
    """MOCK025: a `text` with `{{` in it, which is sent as it is.

    Bad::

        responses:
          "hello": "This is {{ request.model }}."

    Good::

        responses:
          "hello": {template: "This is {{ request.model }}."}
    """
    templates = {id(scalar) for scalar in templates_of(document)}
    for scalar in answer_texts_of(document):
        if id(scalar) not in templates and _RENDERED.search(scalar.text):
            message = "'{{' in a text is sent as it is"
            yield warning(document, scalar, "MOCK025", message, "write 'template' for a template")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
