"""Requests that a mock serves and the real API would refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import msgspec

from mockllm.core.model import Request
from mockllm.core.raw import Raw
from mockllm.core.rules import Capability, Model
from mockllm.core.subject import Subject
from mockllm.errors import Unfit

T = TypeVar("T")
_NULL = b"null"
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Asked:
    """A request as it is judged. `model` is what is known of the one it asks for, None when
    nothing is."""

    def __init__(self, subject: Subject, model: Model | None) -> None:
        self._subject = subject
        self.model = model

    @property
    def request(self) -> Request:
        return self._subject.request

    @property
    def raw(self) -> Raw:
        return self._subject.raw

    @cached_property
    def members(self) -> Mapping[str, msgspec.Raw]:
        """The body's members by name, not decoded any further."""
        return _members.decode(self.raw.body)

    def member(self, name: str, kind: type[T]) -> T | None:
        """Return a member of the body as `kind`, None when it is absent, null or of another
        kind."""
        found = self.members.get(name)
        if found is None or found == _NULL:
            return None
        try:
            return msgspec.json.decode(found, type=kind)
        except msgspec.DecodeError:
            return None

    def lacks(self, capability: Capability) -> bool:
        """Return whether the model is known not to be able to do this."""
        able = self.model.capabilities if self.model else None
        return able is not None and capability not in able

    @property
    def input_tokens(self) -> int:
        return self._subject.input_tokens


Judgement = Callable[[Asked], Iterator[Unfit]]


def verdicts(judgements: Sequence[Judgement], asked: Asked) -> Iterator[Unfit]:
    """Yield why the real API would refuse a request, in its own words, the gravest first."""
    for judgement in judgements:
        yield from judgement(asked)
