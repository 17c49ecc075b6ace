"""Requests that a mock serves and the real API would refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

import msgspec
from msgspec import Struct

from mockllm.core.model import Part, Request, ToolResult
from mockllm.core.raw import Raw
from mockllm.core.rules import Capability, Model
from mockllm.core.subject import Subject
from mockllm.errors import Unfit

T = TypeVar("T")

MAX_VERDICTS = 20
"""How many mistakes of a request are told: a client may make one in every message."""

_MAX_SHOWN = 20
_MAX_LENGTH = 100
_NULL = msgspec.Raw(b"null")
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Asked:
    """A request as it is judged.

    `model` is what is known of the one it asks for, None when nothing is. `members` are those of
    the body, not decoded any further; those that are null are absent. The operation has decoded
    the body before, so that it is an object.
    """

    def __init__(self, subject: Subject, model: Model | None) -> None:
        self._subject = subject
        self.request: Request = subject.request
        self.raw: Raw = subject.raw
        self.model = model
        self.members: Mapping[str, msgspec.Raw] = _present(self.raw.body)

    def member(self, name: str, decoder: msgspec.json.Decoder[T]) -> T | None:
        """Return a member of the body, None when it is absent, null or of another type."""
        found = self.members.get(name)
        if found is None:
            return None
        try:
            return decoder.decode(found)
        except _UNREADABLE:
            return None

    def lacks(self, capability: Capability) -> bool:
        """Return whether the model is known not to be able to do this."""
        able = self.model.capabilities if self.model else None
        return able is not None and capability not in able

    @property
    def parts(self) -> Iterator[Part]:
        """The parts of the messages, and of the results of tools."""
        for message in self.request.messages:
            for part in message.parts:
                yield part
                if isinstance(part, ToolResult):
                    yield from part.parts

    @property
    def input_tokens(self) -> int:
        return self._subject.input_tokens


def _present(body: bytes) -> dict[str, msgspec.Raw]:
    """Return the members of a body that are not null; none where a name is not UTF-8."""
    try:
        members = _members.decode(body)
    except _UNREADABLE:
        return {}
    if _NULL not in members.values():
        return members
    return {name: member for name, member in members.items() if member != _NULL}


class OfMembers(Struct, frozen=True):
    """A judgement of these members: without any of them it finds nothing, and is not asked. Most
    requests have few."""

    judge: Callable[[Asked], Iterable[Unfit]]
    names: frozenset[str]


class OfModel(Struct, frozen=True):
    """A judgement by what is known of the model, which is asked only where anything is."""

    judge: Callable[[Asked, Model], Iterable[Unfit]]


Judgement = Callable[[Asked], Iterable[Unfit]] | OfMembers | OfModel


def when_given(*names: str) -> Callable[[Callable[[Asked], Iterable[Unfit]]], OfMembers]:
    """Return the decorator of a judgement of these members."""
    return lambda judge: OfMembers(judge, frozenset(names))


def verdicts(judgements: Sequence[Judgement], asked: Asked) -> Iterator[Unfit]:
    """Yield why the real API would refuse a request, in its own words, the gravest first; the
    first `MAX_VERDICTS` of them."""
    return islice(_verdicts(judgements, asked), MAX_VERDICTS)


def _verdicts(judgements: Sequence[Judgement], asked: Asked) -> Iterator[Unfit]:
    for judgement in judgements:
        if isinstance(judgement, OfMembers):
            if not judgement.names.isdisjoint(asked.members):
                yield from judgement.judge(asked)
        elif isinstance(judgement, OfModel):
            if asked.model is not None:
                yield from judgement.judge(asked, asked.model)
        else:
            yield from judgement(asked)


def listed(names: Iterable[str]) -> str:
    """Return names as a message lists them; of many, or of long ones, the beginning."""
    shown = [shown_name(name) for name in islice(names, _MAX_SHOWN + 1)]
    return ", ".join(shown if len(shown) <= _MAX_SHOWN else (*shown[:_MAX_SHOWN], "…"))


def shown_name(name: str) -> str:
    """Return a client's name as a message shows it; of a long one, the beginning."""
    return name if len(name) <= _MAX_LENGTH else f"{name[:_MAX_LENGTH]}…"
