"""Verdicts on what clients made of the tools' calls that a model said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from mockllm.core.attempts import Attempts
from mockllm.core.conversations import Conversations, Quoted
from mockllm.core.exchange import Exchange
from mockllm.core.model import ChatReply, ToolCall
from mockllm.core.verdict import Verdict

_MOST_ALIKE = 100


class _Made(Struct, frozen=True):
    """A call that an answer made; `place` is which of its calls it is, from 0."""

    number: int
    place: int
    call: ToolCall


class Calls:
    """The calls that the answers of a run made, and what came back of them."""

    def __init__(self, ordered: Sequence[Exchange], sent_back: Conversations) -> None:
        self._ordered = ordered
        self._sent_back = sent_back
        self._made = [
            _Made(number, place, call)
            for number, exchange in enumerate(ordered)
            for place, call in enumerate(_calls(exchange))
        ]
        self._by_id: defaultdict[tuple[str, str], list[ToolCall]] = defaultdict(list)
        for made in self._made:
            self._by_id[self._key(made)].append(made.call)

    def changed(self) -> Iterator[Verdict]:
        """Yield a verdict on each call that came back otherwise than it was said; of those with
        one id, on the first."""
        seen: set[tuple[str, str]] = set()
        for made in self._made:
            key = self._key(made)
            if key in seen:
                continue
            seen.add(key)
            quoted = next(filter(self._is_other(key), self._quotations(made)), None)
            if quoted is not None:
                said = f"{made.call.name}({_short(made.call.arguments)})"
                back = f"{quoted.name}({_short(quoted.arguments)})"
                message = f"the model said {said}, and {back} came back"
                shown = self._ordered[made.number], self._ordered[quoted.number]
                yield Verdict("changed_arguments", "error", message, shown)

    def _is_other(self, key: tuple[str, str]) -> Callable[[Quoted], bool]:
        """Return a test whether a quotation is none of the calls with an id. Where a rule gives it
        to very many, nobody can tell."""
        calls = {(call.name, call.arguments): call for call in self._by_id[key]}
        if len(calls) > _MOST_ALIKE:
            return lambda _: False
        return lambda quoted: not any(_is_same(call, quoted) for call in calls.values())

    def unanswered(self) -> Iterator[Verdict]:
        """Yield a verdict on each call without a result: an error where the client went on
        without it."""
        for made in self._made:
            exchange = self._ordered[made.number]
            if self._is_answered(made) or exchange.outcome != "completed" or exchange.has_faulted:
                continue
            quotations = self._quotations(made)
            if quotations:
                later = self._ordered[quotations[0].number]
                message = f"the conversation went on without the result of {made.call.name}"
                yield Verdict("missing_result", "error", message, (exchange, later))
            elif made.place == 0:
                yield _nothing_came(exchange, made.call.name)

    def twice(self, chains: Sequence[Attempts]) -> Iterator[Verdict]:
        """Yield a verdict on each call that was carried out again."""
        for made in self._made:
            if len(self._by_id[self._key(made)]) == 1:  # not an id that a rule gives to several
                yield from self._twice(made)
        by_exchange: defaultdict[int, list[_Made]] = defaultdict(list)
        for made in self._made:
            by_exchange[id(self._ordered[made.number])].append(made)
        for chain in chains:
            if len(chain) > 1:
                several = [made for exchange in chain for made in by_exchange[id(exchange)]]
                yield from self._twice_in(several)

    def _twice_in(self, several: Sequence[_Made]) -> Iterator[Verdict]:
        """Yield a verdict on each call of attempts at one answer that an earlier one made too."""
        seen: dict[tuple[str, str], _Made] = {}
        for made in several:
            earlier = seen.setdefault((made.call.name, made.call.arguments), made)
            if earlier.number != made.number and self._were_brought(earlier, made):
                yield Verdict(
                    "repeated_side_effect",
                    "error",
                    f"{made.call.name} was carried out for two attempts at one answer",
                    (self._ordered[earlier.number], self._ordered[made.number]),
                )

    def _key(self, made: _Made) -> tuple[str, str]:
        return self._ordered[made.number].session, made.call.id

    def _were_brought(self, *several: _Made) -> bool:
        """Return whether each call has an id and a result of its own."""
        session = self._ordered[several[0].number].session
        ids = {made.call.id for made in several}
        return len(ids) == len(several) and all(
            self._sent_back.brought(session, made.call) for made in several
        )

    def _twice(self, made: _Made) -> Iterator[Verdict]:
        brought = self._sent_back.brought(self._ordered[made.number].session, made.call)
        if not brought:
            return
        first = brought[0]
        for each in brought[1:]:
            if each.number == first.number or each.result.parts != first.result.parts:
                yield Verdict(
                    "repeated_side_effect",
                    "error",
                    f"two results came of one call of {made.call.name}",
                    tuple(self._ordered[number] for number in dict.fromkeys(
                        (made.number, first.number, each.number))),
                )  # fmt: skip
                return

    def _quotations(self, made: _Made) -> list[Quoted]:
        """Return how requests quote a call: by its id, else by its place in the conversation."""
        exchange = self._ordered[made.number]
        found = self._sent_back.quotations(exchange.session, made.call)
        if found:
            return found
        after = self._sent_back.continuation(made.number)
        calls = after.calls if after is not None else []
        if after is None or made.place >= len(calls):
            return []
        call = calls[made.place]
        return [Quoted(after.number, call.name, call.arguments)]

    def _is_answered(self, made: _Made) -> bool:
        exchange = self._ordered[made.number]
        if self._sent_back.is_answered(exchange.session, made.call):
            return True
        after = self._sent_back.continuation(made.number)
        if after is None or made.place >= len(after.calls):
            return False
        name = after.calls[made.place].id
        return any(result.call_id == name for result in after.brought)


def _calls(exchange: Exchange) -> list[ToolCall]:
    """Return the calls of an answer; of several answers none, since a client takes one of them."""
    reply = exchange.reply
    if exchange.request is None or len(exchange.replies) != 1 or not isinstance(reply, ChatReply):
        return []
    return [part for part in reply.parts if isinstance(part, ToolCall)]


def _nothing_came(exchange: Exchange, name: str) -> Verdict:
    assert exchange.request is not None
    if exchange.request.messages and exchange.request.messages[-1].role == "tool":
        message = f"the last answer of the loop calls {name}, and nothing came after"
        return Verdict("unended_loop", "warning", message, (exchange,))
    message = f"nothing came after the call of {name}"
    return Verdict("missing_result", "warning", message, (exchange,))


def _is_same(call: ToolCall, quoted: Quoted) -> bool:
    """Compare as JSON; what the model said that is no JSON cannot come back the same."""
    if quoted.name != call.name:
        return False
    if quoted.arguments == call.arguments:
        return True
    try:
        said = _decoded(call.arguments)
    except msgspec.DecodeError:
        return True
    try:
        return bool(said == _decoded(quoted.arguments))
    except msgspec.DecodeError:
        return False


def _decoded(arguments: str) -> Any:
    return msgspec.json.decode(arguments or "{}")


def _short(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
