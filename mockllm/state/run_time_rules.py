"""Rules that were sent while the server runs: they go before those of the files."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Collection, Iterable
from math import inf

from msgspec import Struct, structs

from mockllm.core.index import build_index
from mockllm.core.rules import Layer, Rule, Ruleset
from mockllm.core.select import reads_state

EVERYONE = ""
"""The session of rules that everybody has."""

MAX_RULES = 5_000
MAX_BYTES = 160 * 1024**2


class Sent(Struct, frozen=True):
    """What one call sent, and its rules that hold: of `content` and `name` all can be made again,
    and those whose identities are in `deleted` left out. It holds until `until_s`, a Unix time;
    `size_bytes` is what it takes.
    """

    name: str
    session: str
    content: bytes
    rules: tuple[Rule, ...]
    until_s: float = inf
    size_bytes: int = 0
    deleted: tuple[str, ...] = ()


class _Held(Struct, frozen=True):
    """What requests see of a session's rules, right until `until_s`."""

    layer: Layer
    until_s: float


class RunTimeRules:
    """What holds now, in all sessions: compiled when it is sent, for requests to read. A session's
    newest rules come first."""

    def __init__(self) -> None:
        self._sent: dict[str, tuple[Sent, ...]] = {}
        self._held: dict[str, _Held] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._held)

    def new_name(self) -> str:
        """Return a name for what is about to be sent, unlike any other."""
        return f"run-time/{next(self._numbers)}"

    def put(self, sent: Sent, now_s: float) -> None:
        """Set rules in place of all that the session has.

        Raises:
            OverflowError: there are too many, or they take too much.
        """
        with self._lock:
            self._set(sent.session, (sent,), now_s)

    def add(self, sent: Sent, now_s: float) -> None:
        """Set rules in front of those that the session has.

        Raises:
            OverflowError: there are too many, or they take too much.
        """
        with self._lock:
            self._set(sent.session, (sent, *self._sent.get(sent.session, ())), now_s)

    def remove(self, session: str, now_s: float, name: str | None = None) -> int:
        """Delete the rules of a session, or those of a name or an identity; return how many."""
        with self._lock:
            self._expire(now_s)
            before = self._sent.get(session, ())
            after = () if name is None else tuple(_without(sent, name) for sent in before)
            deleted = _count(before) - _count(after)
            if deleted:
                self._set(session, after, now_s)
            return deleted

    def of(self, session: str) -> tuple[Sent, ...]:
        """Return what a session has, the newest first."""
        with self._lock:
            return self._sent.get(session, ())

    def take(self, session: str, sent: Iterable[Sent], now_s: float) -> None:
        """Hold what another process has set, in place of all that the session has."""
        with self._lock:
            self._set(session, tuple(sent), now_s, is_bounded=False)

    def all(self, now_s: float) -> list[Sent]:
        """Return everything that holds, in the order in which a request would try it: what is
        everyone's comes last."""
        with self._lock:
            self._expire(now_s)
            last = self._sent.get(EVERYONE, ())
            own = (sent for name, all_sent in self._sent.items() if name for sent in all_sent)
            return [*own, *last]

    def identities(self) -> frozenset[str]:
        """Return the identities of all rules that are held."""
        with self._lock:
            every = [rule for held in self._held.values() for rule in held.layer.rules.values()]
        return frozenset(rule.identity for rule in every)

    def over(self, ruleset: Ruleset, session: str, now_s: float) -> Ruleset:
        """Return a ruleset as the requests of a session see it: with these rules before its own."""
        held = (self._of(name, now_s) for name in (session, EVERYONE))
        return _over([each for each in held if each is not None], ruleset)

    def over_all(self, ruleset: Ruleset, now_s: float) -> Ruleset:
        """Return a ruleset with the rules of all sessions before its own: to list, not to match."""
        with self._lock:
            self._expire(now_s)
            return _over(self._held.values(), ruleset)

    def _of(self, session: str, now_s: float) -> _Held | None:
        held = self._held.get(session)
        if held is None or now_s < held.until_s:
            return held
        with self._lock:
            self._expire(now_s)
            return self._held.get(session)

    def _set(
        self, session: str, sent: Iterable[Sent], now_s: float, is_bounded: bool = True
    ) -> None:
        """Hold this of a session and nothing else, unless it is too much."""
        self._expire(now_s)
        living = _living(sent, now_s)
        others = [
            each for name, all_sent in self._sent.items() if name != session for each in all_sent
        ]
        together = (*living, *others)
        size_bytes = sum(each.size_bytes for each in together)
        if is_bounded and (_count(together) > MAX_RULES or size_bytes > MAX_BYTES):
            raise OverflowError
        rules = [rule for each in living for rule in each.rules]
        index = build_index([rule.when for rule in rules])
        layer = Layer(dict(enumerate(rules)), index, any(map(reads_state, rules)))
        self._hold(session, living, layer)

    def _expire(self, now_s: float) -> None:
        """Leave out what no longer holds; what is compiled stays as it is."""
        for session, held in tuple(self._held.items()):
            if now_s < held.until_s:
                continue
            living = _living(self._sent[session], now_s)
            names = {rule.identity for sent in living for rule in sent.rules}
            rules = {
                number: rule for number, rule in held.layer.rules.items() if rule.identity in names
            }
            self._hold(session, living, structs.replace(held.layer, rules=rules))

    def _hold(self, session: str, sent: tuple[Sent, ...], layer: Layer) -> None:
        if sent:
            self._sent[session] = sent
            self._held[session] = _Held(layer, min(each.until_s for each in sent))
        else:
            self._sent.pop(session, None)
            self._held.pop(session, None)


def _over(held: Collection[_Held], ruleset: Ruleset) -> Ruleset:
    if not held:
        return ruleset
    layers = tuple(each.layer for each in held)
    uses_state = ruleset.uses_state or any(layer.uses_state for layer in layers)
    return structs.replace(ruleset, before=layers, uses_state=uses_state)


def _living(sent: Iterable[Sent], now_s: float) -> tuple[Sent, ...]:
    return tuple(each for each in sent if each.rules and now_s < each.until_s)


def _without(sent: Sent, name: str) -> Sent:
    """Return what was sent without the rules of a name or an identity."""
    rules = tuple(rule for rule in sent.rules if name not in (rule.name, rule.identity))
    left = {rule.identity for rule in rules}
    gone = (rule.identity for rule in sent.rules if rule.identity not in left)
    return structs.replace(sent, rules=rules, deleted=(*sent.deleted, *gone))


def _count(sent: Iterable[Sent]) -> int:
    return sum(len(each.rules) for each in sent)
