"""Located YAML: text in, nodes out that know where they stand.

Nodes are built here from the C parser's events, with a stack of our own, because PyYAML's
composer in C crashes the process at about 25,000 nested levels and bounds neither the nodes nor
what aliases expand to (measured with PyYAML 6.0.3).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any

import yaml
from msgspec import Struct

from mockllm.config.syntax import character_problem, place_after, syntax_problem
from mockllm.core.problems import Location, Problem

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 2_000_000
MAX_ALIASED_NODES = 50_000
"""What all aliases together may repeat: a reply of 50 values 1,000 times."""

MAX_ALIASED_CHARACTERS = 4_000_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_IMPLICIT = yaml.SafeLoader.yaml_implicit_resolvers
_STR_TAGS = (None, "!", "tag:yaml.org,2002:str")
_MAP_TAGS = (None, "!", "tag:yaml.org,2002:map")
_LIST_TAGS = (None, "!", "tag:yaml.org,2002:seq")
_COMMENT = re.compile(r"[ \t]+#")


class Scalar(Struct, frozen=True, gc=False):
    """A scalar as written. `plain` means without quotes; `kind` is what YAML 1.1 takes a plain
    one for (`str`, `int`, `bool`, `null`...); `commented` means that ` #` cut it short."""

    text: str
    line: int
    column: int
    kind: str = "str"
    plain: bool = False
    commented: bool = False


class ListNode(Struct):
    items: list[Node]
    line: int
    column: int


class MapNode(Struct):
    """`entries` maps a key's text to its key and value, in the order of the file."""

    entries: dict[str, tuple[Scalar, Node]]
    line: int
    column: int

    def value(self, key: str) -> Node | None:
        entry = self.entries.get(key)
        return entry[1] if entry else None


Node = Scalar | ListNode | MapNode


class Unreadable(Exception):
    """Reading cannot go on; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def decode(content: bytes, file: str) -> str:
    """Return the text of a YAML file.

    Raises:
        Unreadable: it is not UTF-8; the problem has the place of the first wrong byte.
    """
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        location = Location(file, *place_after(error.object[: error.start].decode()))
        utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        hint = "save the file as UTF-8" + (" (it looks like UTF-16)" if utf16 else "")
        message = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
        raise Unreadable(Problem(location, "error", "MOCK008", message, hint)) from None


def parse(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """Return the document and what is wrong with its YAML.

    The node is None when there is none to work with: the text is empty, has a syntax error, or
    is over a bound.
    """
    composer = _Composer(text, file)
    try:
        return composer.compose(), composer.problems
    except Unreadable as error:
        return None, [*composer.problems, error.problem]


class _Open:
    """A collection whose end has not been read. `size` counts nodes and `characters` those of
    their texts, aliases expanded."""

    def __init__(self, node: ListNode | MapNode, anchor: str | None) -> None:
        self.node = node
        self.anchor = anchor
        self.size = 1
        self.characters = 0
        self.depth = 1
        self.key: Scalar | None = None
        self.merged: list[Node] = []


class _Composer:
    def __init__(self, text: str, file: str) -> None:
        self.problems: list[Problem] = []
        self._text = text
        self._file = file
        self._has_comments = " #" in text or "\t#" in text
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int, int, int] | None] = {}
        self._nodes = 0
        self._aliased_nodes = 0
        self._aliased_characters = 0
        self._root: Node | None = None

    def compose(self) -> Node | None:
        documents = 0
        for event in self._events():
            match event:
                case yaml.ScalarEvent():
                    self._count(event, 1)
                    self._add(self._scalar(event), event, 1, 0, len(event.value))
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._open(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._close(event)
                case yaml.AliasEvent():
                    self._alias(event)
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        raise self._stop(
                            event,
                            "MOCK011",
                            "a second document begins here",
                            "use several files",
                        )
        return self._root

    def _events(self) -> Iterator[Any]:
        try:
            yield from yaml.parse(self._text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            raise Unreadable(syntax_problem(error, self._text, self._file)) from None
        except yaml.reader.ReaderError:
            raise Unreadable(character_problem(self._text, self._file)) from None

    def _scalar(self, event: Any) -> Scalar:
        mark, text = event.start_mark, event.value
        if event.tag == "!" or not event.implicit[0]:
            if event.tag not in _STR_TAGS:
                self._unknown_tag(event)
            return Scalar(text, mark.line + 1, mark.column + 1)
        commented = self._has_comments and bool(_COMMENT.match(self._text, event.end_mark.index))
        return Scalar(text, mark.line + 1, mark.column + 1, _kind(text), True, commented)

    def _open(self, event: Any) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise self._stop(event, "MOCK009", f"nested more than {MAX_DEPTH} levels deep")
        self._count(event, 1)
        is_map = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (_MAP_TAGS if is_map else _LIST_TAGS):
            self._unknown_tag(event)
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        node: ListNode | MapNode = (
            MapNode({}, line, column) if is_map else ListNode([], line, column)
        )
        if event.anchor:
            self._anchors[event.anchor] = None
        self._stack.append(_Open(node, event.anchor))

    def _close(self, event: Any) -> None:
        closed = self._stack.pop()
        if isinstance(closed.node, MapNode):
            self._merge(closed.node, closed.merged)
        self._add(closed.node, event, closed.size, closed.depth, closed.characters, closed.anchor)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise self._stop(
                event,
                "MOCK001",
                f"'*{event.anchor}' refers to no anchor before it",
                "quote a text that begins with '*'",
            )
        anchored = self._anchors[event.anchor]
        if anchored is None:
            raise self._stop(event, "MOCK009", f"'*{event.anchor}' stands inside what it names")
        node, size, depth, characters = anchored
        if len(self._stack) + depth > MAX_DEPTH:
            raise self._stop(event, "MOCK009", f"nested more than {MAX_DEPTH} levels deep")
        self._count_aliased(event, size, characters)
        self._add(node, event, size, depth, characters)

    def _add(
        self,
        node: Node,
        event: Any,
        size: int,
        depth: int,
        characters: int,
        anchor: str | None = None,
    ) -> None:
        anchor = anchor or (event.anchor if isinstance(event, yaml.ScalarEvent) else None)
        if anchor:
            self._anchors[anchor] = (node, size, depth, characters)
        if not self._stack:
            self._root = node
            return
        parent = self._stack[-1]
        parent.size += size
        parent.characters += characters
        parent.depth = max(parent.depth, depth + 1)
        if isinstance(parent.node, ListNode):
            parent.node.items.append(node)
        elif parent.key is None:
            parent.key = self._key(node)
        else:
            self._enter(parent, parent.key, node)
            parent.key = None

    def _key(self, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            self._report(
                node.line,
                node.column,
                "MOCK012",
                "a key must be text, not a collection",
            )
            return Scalar("", node.line, node.column, "none")
        if node.kind == "null":
            hint = f'write "{node.text}"' + ("" if node.text else " for it")
            self._report(node.line, node.column, "MOCK007", "this key is empty", hint)
            return Scalar("", node.line, node.column, "none")
        return node

    def _enter(self, parent: _Open, key: Scalar, node: Node) -> None:
        entries = parent.node.entries  # type: ignore[union-attr]  # only maps have keys
        if key.kind == "none":
            return
        if key.kind == "merge":
            parent.merged += node.items if isinstance(node, ListNode) else [node]
        elif key.text in entries:
            first = entries[key.text][0]
            self._report(
                key.line,
                key.column,
                "MOCK002",
                f"duplicate key {shorten(key.text)}",
                f"it is already at line {first.line}, column {first.column}",
            )
        else:
            entries[key.text] = (key, node)

    def _merge(self, target: MapNode, merged: list[Node]) -> None:
        for node in merged:
            if not isinstance(node, MapNode):
                self._report(node.line, node.column, "MOCK005", "'<<' takes a mapping")
                continue
            self._nodes += len(node.entries)
            for key, entry in node.entries.items():
                target.entries.setdefault(key, entry)

    def _count(self, event: Any, size: int) -> None:
        self._nodes += size
        if self._nodes > MAX_NODES:
            raise self._stop(
                event,
                "MOCK009",
                f"more than {MAX_NODES:,} values, with aliases expanded",
            )

    def _count_aliased(self, event: Any, size: int, characters: int) -> None:
        self._count(event, size)
        self._aliased_nodes += size
        self._aliased_characters += characters
        if self._aliased_nodes > MAX_ALIASED_NODES:
            what = f"more than {MAX_ALIASED_NODES:,} values"
        elif self._aliased_characters > MAX_ALIASED_CHARACTERS:
            what = f"texts of more than {MAX_ALIASED_CHARACTERS:,} characters"
        else:
            return
        raise self._stop(
            event,
            "MOCK009",
            f"with this one, aliases repeat {what}",
            "use fewer aliases, or a shorter anchor; one rule may hold several conditions",
        )

    def _report(
        self, line: int, column: int, code: str, message: str, hint: str | None = None
    ) -> None:
        location = Location(self._file, line, column)
        self.problems.append(Problem(location, "error", code, message, hint))

    def _unknown_tag(self, event: Any) -> None:
        mark = event.start_mark
        self._report(
            mark.line + 1,
            mark.column + 1,
            "MOCK012",
            f"the tag {shorten(event.tag)} means nothing here",
            "leave the tag out, or quote a text that begins with '!'",
        )

    def _stop(self, event: Any, code: str, message: str, hint: str | None = None) -> Unreadable:
        mark = event.start_mark
        location = Location(self._file, mark.line + 1, mark.column + 1)
        return Unreadable(Problem(location, "error", code, message, hint))


def _kind(text: str) -> str:
    """Return what YAML 1.1 takes a plain scalar for: the last word of its tag."""
    for tag, pattern in _IMPLICIT.get(text[:1], ()):
        if pattern.match(text):
            return str(tag).rpartition(":")[2]
    return "str"


def shorten(text: str, limit: int = 60) -> str:
    """Return `text` quoted, on one line, and cut when it is long."""
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")
