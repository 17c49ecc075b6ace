"""What is wrong beyond shape, a function for each check.

Each docstring is the check's page in the manual: what it means, a bad file and a good one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from pathlib import Path
from typing import assert_never

from msgspec import Struct

from mockllm.config import schema, units
from mockllm.config.build_reply import read_file, template
from mockllm.config.build_when import TEXT_KEYS, scalars
from mockllm.config.json_value import json_value
from mockllm.config.places import REPLIES, places
from mockllm.config.source import ListNode, MapNode, Node, Scalar, shorten
from mockllm.config.validator import describe, value
from mockllm.core.conditions import NAMES, glob
from mockllm.core.problems import Location, Problem
from mockllm.core.regex import BadRegex, ascii_class_used, compile_regex
from mockllm.core.template import TemplateProblem

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_TEXT_KINDS = ("str", "null", "merge", "value")
_TEXT_VALUES = ("text", "template", "reasoning", "refusal")
_NEEDLE_KEYS = (
    *TEXT_KEYS, "system_contains", "any_message_contains", "tool_result_contains",
)  # fmt: skip
_OPEN_NAMES = tuple(key for key in NAMES if "allowed" not in schema.WHEN[key])
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
_OWN_HEADERS = {"content-length", "content-type", "transfer-encoding", "connection"}
_RENDERED = re.compile(r"\{\{|\{%")


class Document(Struct, frozen=True):
    """A file that could be read."""

    file: str
    root: MapNode


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
    for scalar in (*_texts(document.root), *_names(document.root)):
        if scalar.kind not in _TEXT_KINDS:
            hint = f"write {_quoted(scalar.text)}"
            message = f"{shorten(scalar.text)} is taken as text"
            yield _warning(document, scalar, "MOCK013", message, hint)


def texts_cut_by_comments(document: Document) -> Iterator[Problem]:
    """MOCK014: a text without quotes that ends where a comment begins.

    Bad::

        responses:
          "what is C?": A language like C # but older

    Good::

        responses:
          "what is C?": "A language like C # but older"
    """
    for scalar in _texts(document.root):
        if scalar.commented:
            message = f"the text ends at {shorten(scalar.text)}: what follows ' #' is a comment"
            hint = "quote the text if the '#' belongs to it"
            yield _warning(document, scalar, "MOCK014", message, hint)


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
    for scalar in (*_prompts(document.root), *_needles(document.root)):
        found = _CONTROL.search(scalar.text)
        if found:
            message = f"this text holds the control character U+{ord(found[0]):04X}"
            hint = "in double quotes write \\\\ for a backslash"
        elif scalar.text.endswith("\n"):
            message, hint = "this text ends in a line break", "write '|-' instead of '|'"
        else:
            continue
        yield _warning(document, scalar, "MOCK015", message, hint)


def same_key_in_two_files(documents: Sequence[Document]) -> Iterator[Problem]:
    """MOCK016: the same prompt, default or setting in two files of a folder.

    Bad::

        # one.yml
        responses: {hello: Hi.}
        # two.yml
        responses: {hello: Hello.}

    Good::

        # one.yml
        responses: {hello: Hi.}
        # two.yml
        responses: {good morning: Hello.}
    """
    first: dict[tuple[str, str], Location] = {}
    for document in documents:
        for section, (_, node) in document.root.entries.items():
            if not isinstance(node, MapNode) or section.startswith("x-"):
                continue
            for text, (key, _) in node.entries.items():
                location = Location(document.file, key.line, key.column)
                earlier = first.setdefault((section, text), location)
                if earlier is not location:
                    message = f"{shorten(text)} is already in {earlier}"
                    hint = f"keep it in one of the two '{section}'"
                    yield Problem(location, "error", "MOCK016", message, hint)


def replies_of_one_kind(document: Document) -> Iterator[Problem]:
    """MOCK019: a reply says nothing, or several things at once.

    It has exactly one of `text`, `template`, `json`, `tool_calls`, `parts`, `refusal`, `error`,
    `embedding`, `moderation`, `file`, `lorem`, `echo`, `auto`. `text` may stand beside
    `tool_calls`, and `reasoning` beside `text`, `template`, `json` and `tool_calls`. A part has
    exactly one key.

    Bad::

        responses:
          "hello": {text: "Hi.", refusal: "No."}

    Good::

        responses:
          "hello": {text: "Hi."}
          "bye": {refusal: "No."}
    """
    for place in places(document.root):
        if not isinstance(place.node, MapNode):
            continue
        if place.kind in REPLIES:
            yield from _kinds_problem(document, place.node, schema.KINDS, "a reply")
        elif place.kind == "part":
            yield from _kinds_problem(document, place.node, list(schema.PART), "a part")


def rules_of_one_choice(document: Document) -> Iterator[Problem]:
    """MOCK020: a rule has no answer, or answers of several sorts.

    It has exactly one of `reply`, `replies`, `steps`, `one_of`. `when_exhausted` goes with
    `replies`.

    Bad::

        rules:
          - when: {contains: hello}

    Good::

        rules:
          - when: {contains: hello}
            reply: "Hi."
    """
    for place in _rules(document.root):
        found = [key for key in schema.CHOICES if key in place.entries]
        if not found and not _lacks(place, schema.CHOICES, schema.RULE):
            continue
        if len(found) != 1:
            has = f"has {' and '.join(found)}" if found else "has no answer"
            hint = f"give it exactly one of {', '.join(schema.CHOICES)}"
            yield _error(document, place, "MOCK020", f"this rule {has}", hint)
        elif "when_exhausted" in place.entries and found != ["replies"]:
            key = place.entries["when_exhausted"][0]
            hint = "leave it out"
            message = "'when_exhausted' goes with 'replies'"
            yield _error(document, key, "MOCK020", message, hint)


def whens_that_ask_for_something(document: Document) -> Iterator[Problem]:
    """MOCK021: a `when` that is empty, or has `always` beside other conditions.

    An empty `when` would match everything, by accident. `always: true` does so on purpose, and
    stands alone.

    Bad::

        rules:
          - when: {}
            reply: "Hi."

    Good::

        rules:
          - when: {always: true}
            reply: "Hi."
    """
    for place in places(document.root):
        if place.kind not in ("when", "not") or not isinstance(place.node, MapNode):
            continue
        if not place.node.entries:
            message = f"this '{place.kind}' is empty"
            hint = "write always: true to match all" if place.kind == "when" else "leave it out"
        elif (
            place.kind == "when" and "always" in place.node.entries and len(place.node.entries) > 1
        ):
            message, hint = "'always' stands alone", "leave out 'always' or the others"
        else:
            continue
        yield _error(document, place.node, "MOCK021", message, hint)


def numbers_that_can_be_met(document: Document) -> Iterator[Problem]:
    """MOCK006: `turn`, `step` and `input_tokens` take `3`, `3+` or `3-5`; turns and steps count
    from 1. `params` takes a value, or a list of at least one.

    Bad::

        rules:
          - when: {turn: 0}
            reply: "Hi."

    Good::

        rules:
          - when: {turn: 1}
            reply: "Hi."
    """
    for place in places(document.root):
        if place.kind not in ("when", "not") or not isinstance(place.node, MapNode):
            continue
        for key in ("turn", "step", "input_tokens"):
            for scalar in _values(place.node, (key,)):
                found = units.number_range(scalar.text)
                if (
                    scalar.text
                    and scalar.kind != "null"
                    and (found is None or found.low < (key != "input_tokens"))
                ):
                    message = f"'{key}': {describe(scalar)} is not a number or range"
                    yield _error(document, scalar, "MOCK006", message, "write 3, 3+ or 3-5")
        params = place.node.value("params")
        for _, node in params.entries.values() if isinstance(params, MapNode) else ():
            if isinstance(node, ListNode) and not node.items:
                yield _error(document, node, "MOCK007", "no value could be met", "add one")


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
    for scalar in _regexes(document.root):
        try:
            compile_regex(scalar.text)
        except BadRegex as bad:
            message = f"the regular expression is not one: {bad.message}"
            yield _error(document, scalar, "MOCK022", message, bad.hint)


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
    for scalar in _regexes(document.root):
        found = ascii_class_used(scalar.text)
        if found:
            message = f"'{found}' knows ASCII only"
            hint = r"write [\pL\pN_] for letters and digits of any script"
            yield _warning(document, scalar, "MOCK023", message, hint)


def templates_that_compile(document: Document) -> Iterator[Problem]:
    """MOCK024: a template that does not parse, or uses names that there are not.

    Bad::

        responses:
          "hello": {template: "Hello {{ user }}."}

    Good::

        responses:
          "hello": {template: "Hello, this is {{ request.model }}."}
    """
    for scalar in _templates(document.root):
        try:
            template(scalar.text)
        except TemplateProblem as problem:
            line = f" (line {problem.line} of it)" if problem.line > 1 else ""
            message = f"the template cannot be used: {problem.message}{line}"
            yield _error(document, scalar, "MOCK024", message, None)


def texts_that_look_like_templates(document: Document) -> Iterator[Problem]:
    """MOCK025: a `text` with `{{` in it, which is sent as it is.

    Bad::

        responses:
          "hello": "This is {{ request.model }}."

    Good::

        responses:
          "hello": {template: "This is {{ request.model }}."}
    """
    templates = {id(scalar) for scalar in _templates(document.root)}
    for scalar in _answer_texts(document.root):
        if id(scalar) not in templates and _RENDERED.search(scalar.text):
            message = "'{{' in a text is sent as it is"
            yield _warning(document, scalar, "MOCK025", message, "write 'template' for a template")


def files_that_can_be_read(document: Document) -> Iterator[Problem]:
    """MOCK026: the file of a reply cannot be read, or lies above the YAML's folder.

    Bad::

        responses:
          "long": {file: ../secret.md}

    Good::

        responses:
          "hello": "Hi."
    """
    folder = Path(document.file).parent
    for place in places(document.root):
        node = place.node.value("file") if isinstance(place.node, MapNode) else None
        if not isinstance(node, Scalar) or place.kind not in REPLIES:
            continue
        reason = _why_unreadable(node.text, folder)
        if reason is None or node.kind == "null":
            continue
        message = f"the file {shorten(node.text)} cannot be used: {reason}"
        yield _error(document, node, "MOCK026", message, None)


def _why_unreadable(name: str, folder: Path) -> str | None:
    """Return why a reply's file cannot be used, None when it can."""
    try:
        if not (folder / name).resolve().is_relative_to(folder.resolve()):
            return "it is not below the YAML's folder"
        read_file(name, folder)
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or "it is no file's name"
    return None


def rule_names_given_once(documents: Sequence[Document]) -> Iterator[Problem]:
    """MOCK027: two rules of one name. Their state would be the same.

    Bad::

        rules:
          - {name: a, when: {contains: x}, reply: "1"}
          - {name: a, when: {contains: y}, reply: "2"}

    Good::

        rules:
          - {name: a, when: {contains: x}, reply: "1"}
          - {name: b, when: {contains: y}, reply: "2"}
    """
    first: dict[str, Location] = {}
    for document in documents:
        for node in _rules(document.root):
            name = node.value("name")
            if not isinstance(name, Scalar):
                continue
            location = Location(document.file, name.line, name.column)
            earlier = first.setdefault(name.text, location)
            if earlier is not location:
                message = f"the rule's name {shorten(name.text)} is already in {earlier}"
                yield Problem(location, "error", "MOCK027", message, "give it a name of its own")


def tool_names_that_agree(documents: Sequence[Document]) -> Iterator[Problem]:
    """MOCK028: a tool's name in a condition that is near, but not among, those in the answers.

    Bad::

        rules:
          - when: {tool_result: get_wether}
            reply: "Sunny."
          - when: {contains: weather}
            reply: {tool_calls: [{name: get_weather}]}

    Good::

        rules:
          - when: {tool_result: get_weather}
            reply: "Sunny."
          - when: {contains: weather}
            reply: {tool_calls: [{name: get_weather}]}
    """
    called = {
        name.text
        for document in documents
        for place in places(document.root)
        if place.kind == "tool call" and isinstance(place.node, MapNode)
        if isinstance(name := place.node.value("name"), Scalar)
    }
    for document in documents:
        for place in places(document.root):
            if place.kind in ("when", "not") and isinstance(place.node, MapNode):
                for scalar in _values(place.node, ("tool_result", "tool_offered")):
                    near = difflib.get_close_matches(scalar.text, called, 1, 0.8)
                    if near and not any(map(glob(scalar.text).fits, called)):
                        message = f"no answer here calls the tool {shorten(scalar.text)}"
                        hint = f"did you mean '{near[0]}'?"
                        yield _warning(document, scalar, "MOCK028", message, hint)


def values_of_headers_and_params(document: Document) -> Iterator[Problem]:
    """MOCK005: a header takes text, and a condition on one takes text or a list of texts.

    Bad::

        responses:
          "hello": {text: "Hi.", headers: {x-a: [1]}}

    Good::

        responses:
          "hello": {text: "Hi.", headers: {x-a: "1"}}
    """
    for place in places(document.root):
        if not isinstance(place.node, MapNode):
            continue
        headers = place.node.value("headers")
        if not isinstance(headers, MapNode):
            continue
        many = place.kind in ("when", "not")
        seen: set[str] = set()
        for name, (key, node) in headers.entries.items():
            items = node.items if many and isinstance(node, ListNode) else [node]
            wanted = "text or a list of texts" if many else "text"
            if not _HEADER_NAME.fullmatch(name) or name.lower() in seen | _OWN_HEADERS:
                message = f"{shorten(name)} cannot be a header's name here"
                yield _error(document, key, "MOCK005", message, "each name once; no length or type")
            elif not items or any(
                isinstance(item, Scalar) and item.kind == "null" for item in items
            ):
                yield _error(
                    document, node, "MOCK007", f"the header {shorten(name)} is empty", None
                )
            else:
                yield from _header_problems(
                    document, f"the header {shorten(name)} takes {wanted}", items
                )
            seen.add(name.lower())


def _header_problems(document: Document, takes: str, items: Sequence[Node]) -> Iterator[Problem]:
    for item in items:
        if not isinstance(item, Scalar):
            yield _error(document, item, "MOCK005", f"{takes}, not {describe(item)}", None)
        elif not _HEADER_VALUE.fullmatch(item.text):
            hint = "on one line, in Latin letters"
            yield _error(document, item, "MOCK005", takes, hint)


def numbers_of_vectors(document: Document) -> Iterator[Problem]:
    """MOCK005: an `embedding` list takes numbers.

    Bad::

        responses:
          "cat": {embedding: [one, two]}

    Good::

        responses:
          "cat": {embedding: [0.6, 0.8]}
    """
    for place in places(document.root):
        node = place.node.value("embedding") if isinstance(place.node, MapNode) else None
        if isinstance(node, ListNode):
            wrong = [item for item in node.items if not _is_number(item)]
            if wrong or not node.items:
                at = wrong[0] if wrong else node
                yield _error(document, at, "MOCK005", "'embedding' takes numbers", None)


def errors_that_say_what(document: Document) -> Iterator[Problem]:
    """MOCK004: an `error` needs a `kind` or a `status`; as a text it is a kind.

    Bad::

        responses:
          "fail": {error: {message: "No."}}

    Good::

        responses:
          "fail": {error: {kind: rate_limit, message: "No."}}
    """
    for place in places(document.root):
        node = place.node.value("error") if isinstance(place.node, MapNode) else None
        if isinstance(node, MapNode) and _lacks(node, ("kind", "status"), schema.ERROR):
            yield _error(document, node, "MOCK004", "an error needs a kind or a status",
                         "write kind: rate_limit, or status: 429")  # fmt: skip
        elif isinstance(node, Scalar) and node.text not in schema.ERROR_KINDS:
            if node.kind == "null":
                continue
            near = difflib.get_close_matches(node.text, schema.ERROR_KINDS, 1)
            kinds = ", ".join(schema.ERROR_KINDS)
            hint = f"did you mean '{near[0]}'?" if near else f"the kinds are {kinds}"
            message = f"{shorten(node.text)} is no kind of error"
            yield _error(document, node, "MOCK006", message, hint)


DOCUMENT_CHECKS: tuple[Callable[[Document], Iterator[Problem]], ...] = (
    replies_of_one_kind,
    rules_of_one_choice,
    whens_that_ask_for_something,
    numbers_that_can_be_met,
    regexes_that_compile,
    templates_that_compile,
    files_that_can_be_read,
    values_of_headers_and_params,
    numbers_of_vectors,
    errors_that_say_what,
    texts_of_other_types,
    texts_cut_by_comments,
    needles_nobody_sends,
    regexes_for_ascii_only,
    texts_that_look_like_templates,
)
FOLDER_CHECKS: tuple[Callable[[Sequence[Document]], Iterator[Problem]], ...] = (
    same_key_in_two_files,
    rule_names_given_once,
    tool_names_that_agree,
)


def _rules(root: MapNode) -> Iterator[MapNode]:
    for place in places(root):
        if place.kind == "rule" and isinstance(place.node, MapNode):
            yield place.node


def _prompts(root: MapNode) -> Iterator[Scalar]:
    responses = root.value("responses")
    if isinstance(responses, MapNode):
        for key, _ in responses.entries.values():
            yield key


def _needles(root: MapNode) -> Iterator[Scalar]:
    """Yield the texts that conditions look for."""
    for place in places(root):
        if place.kind in ("when", "not") and isinstance(place.node, MapNode):
            yield from _values(place.node, _NEEDLE_KEYS)


def _names(root: MapNode) -> Iterator[Scalar]:
    """Yield the names that conditions look for."""
    for place in places(root):
        if place.kind in ("when", "not") and isinstance(place.node, MapNode):
            yield from _values(place.node, _OPEN_NAMES)


def _regexes(root: MapNode) -> Iterator[Scalar]:
    for place in places(root):
        if place.kind in ("when", "not") and isinstance(place.node, MapNode):
            yield from _values(place.node, ("regex",))


def _values(node: MapNode, keys: Sequence[str]) -> Iterator[Scalar]:
    for key in keys:
        inner = node.value(key)
        if inner is not None:
            yield from scalars(inner)


def _answer_texts(root: MapNode) -> Iterator[Scalar]:
    """Yield the texts that are answers, wherever they stand."""
    for place in places(root):
        if isinstance(place.node, Scalar):
            if place.kind in (*REPLIES, "part"):
                yield place.node
        elif isinstance(place.node, MapNode) and place.kind in (*REPLIES, "part"):
            yield from _values(place.node, _TEXT_VALUES)


def _texts(root: MapNode) -> Iterator[Scalar]:
    """Yield every scalar that is taken as text."""
    yield from _prompts(root)
    yield from _needles(root)
    yield from _answer_texts(root)


def _templates(root: MapNode) -> Iterator[Scalar]:
    """Yield the texts that are templates: by their key, or by `render: true`."""
    for place in places(root):
        if not isinstance(place.node, MapNode) or place.kind not in (*REPLIES, "part"):
            continue
        render = place.node.value("render")
        if render is not None and value(render) is True:
            yield from _rendered(place.node)
        yield from _values(place.node, ("template",))


def _rendered(node: MapNode) -> Iterator[Scalar]:
    """Yield the texts that `render: true` makes templates of: not names, nor ids."""
    for key in ("json", "text", "reasoning", "refusal"):
        inner = node.value(key)
        if inner is not None:
            yield from _leaves(inner)
    for key in ("tool_calls", "parts"):
        listed = node.value(key)
        for item in listed.items if isinstance(listed, ListNode) else ():
            call = item.value("tool_call") if isinstance(item, MapNode) else None
            owner = call or item
            spoken = owner.value("arguments") if isinstance(owner, MapNode) else owner
            if spoken is None and isinstance(item, MapNode) and call is None and key == "parts":
                spoken = item
            if spoken is not None:
                yield from _leaves(spoken)


def _leaves(node: Node) -> Iterator[Scalar]:
    match node:
        case Scalar():
            yield node
        case ListNode():
            for item in node.items:
                yield from _leaves(item)
        case MapNode():
            for _, inner in node.entries.values():
                yield from _leaves(inner)
        case _:
            assert_never(node)


def _kinds_problem(
    document: Document, node: MapNode, kinds: Sequence[str], what: str
) -> Iterator[Problem]:
    found = [key for key in kinds if key in node.entries]
    if found in (["text", "tool_calls"], ["template", "tool_calls"]):
        return
    if len(found) == 1:
        alone = found[0] not in ("text", "template", "json", "tool_calls")
        if what == "a reply" and alone and "reasoning" in node.entries:
            message = f"'reasoning' does not go with '{found[0]}'"
            hint = "it goes with text, template, json and tool_calls; in parts it is a part"
            yield _error(document, node.entries["reasoning"][0], "MOCK019", message, hint)
        return
    if not found and not _lacks(node, kinds, schema.DRAWN_ITEM | schema.SEQUENCE_ITEM):
        return
    says = f"says {' and '.join(found)}" if found else "says nothing"
    hint = f"give it exactly one of {', '.join(kinds)}"
    yield _error(document, node, "MOCK019", f"{what} {says}", hint)


def _lacks(node: MapNode, keys: Sequence[str], known: schema.Schema) -> bool:
    """Return whether a mapping has none of these keys, nor an unknown one, which was reported and
    may be meant for one of them."""
    return not any(key in node.entries for key in keys) and all(
        key in known or key == "tool_call" for key in node.entries
    )


def _is_number(node: Node) -> bool:
    if not isinstance(node, Scalar) or not node.plain:
        return False
    try:
        return type(value(node)) is not bool and isfinite(float(value(node) or json_value(node)))
    except (TypeError, ValueError, OverflowError):
        return False


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _warning(document: Document, at: Node, code: str, message: str, hint: str) -> Problem:
    location = Location(document.file, at.line, at.column)
    return Problem(location, "warning", code, message, hint)


def _error(document: Document, at: Node, code: str, message: str, hint: str | None) -> Problem:
    return Problem(Location(document.file, at.line, at.column), "error", code, message, hint)
