"""Rules that a test adds: the keys of the YAML, as Python."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from math import inf
from typing import TYPE_CHECKING, Any, NoReturn

from msgspec import structs

from mockllm.config.sent_rules import read_sent_rules
from mockllm.core.problems import Location, Problem
from mockllm.errors import InvalidRule
from mockllm.runtime import Runtime
from mockllm.state.run_time_rules import Sent

if TYPE_CHECKING:
    from mockllm.testing.received import Received

ReplyValue = str | Mapping[str, Any]
"""A text, or a reply as in YAML: `{"tool_calls": [...]}`, `{"error": {"status": 429}}`."""

Requests = Callable[[], "list[Received]"]

_SHOWN_CHARACTERS = 80
_LONGEST_KEY = 100  # YAML takes longer ones only with a question mark before them


class Call:
    """A call in a test that adds a rule: what it says, and where it stands."""

    def __init__(self, said: str) -> None:
        self.said = said if len(said) <= _SHOWN_CHARACTERS else f"{said[:_SHOWN_CHARACTERS]}..."
        self.location = _caller()

    def refuse(self, why: str) -> NoReturn:
        """Raise: the rule cannot be used."""
        raise InvalidRule(f"{self.said}: {why}")


class On:
    """Conditions that wait for their answer."""

    def __init__(
        self, add: Callable[[Mapping[str, Any], Call], AddedRule], when: Mapping[str, Any]
    ) -> None:
        self._add = add
        self._when = when
        self._said = f"on({shown(when)})." if when != ALWAYS else ""

    def reply(self, *replies: ReplyValue, **keys: Any) -> AddedRule:
        """Answer: with one reply always, with several in their order, of which the last repeats.

        A reply is a text, or a mapping as in YAML. `keys` are the rule's other keys in the YAML:
        `name`, `times`, `goto`, `when_exhausted`.

        Raises:
            InvalidRule: the rule cannot be used; the message says why.
        """
        call = Call(f"{self._said}reply({shown_call(replies, keys)})")
        if not replies:
            call.refuse("there is no reply; give a text, or a mapping as in YAML")
        said = {"reply": replies[0]} if len(replies) == 1 else {"replies": list(replies)}
        return self._add({**keys, "when": self._when, **said}, call)

    def steps(self, *replies: ReplyValue, **keys: Any) -> AddedRule:
        """Answer step n of an agent's loop with reply n: tool calls first, a text at last. The
        step is read from the conversation, so that loops that run at once do not disturb each
        other.

        Raises:
            InvalidRule: the rule cannot be used; the message says why.
        """
        call = Call(f"{self._said}steps({shown_call(replies, keys)})")
        return self._add({**keys, "when": self._when, "steps": list(replies)}, call)


class AddedRule:
    """A rule that a test has added, and how often it is expected to answer."""

    def __init__(
        self, session: str, runtime: Runtime, requests: Requests, document: Mapping[str, Any],
        call: Call,
    ) -> None:  # fmt: skip
        """Add a rule to a session, in front of all others.

        Raises:
            InvalidRule: it cannot be used.
        """
        self._session = session
        self._runtime = runtime
        self._requests = requests
        self._document = document
        self._call = call
        self._identities: set[str] = set()
        self._least = 0
        self._most: float = inf
        self._send(document)
        if "times" in document:
            self._least = self._most = int(document["times"])

    @property
    def name(self) -> str:
        """What the rule is called: its `name`, or the call that added it."""
        return str(self._document.get("name", self._call.said))

    @property
    def requests(self) -> list[Received]:
        """The requests that it has answered, the oldest first."""
        return [
            request
            for request in self._requests()
            if request.exchange.rule and request.exchange.rule.identity in self._identities
        ]

    def times(self, number: int) -> AddedRule:
        """Answer so many requests and no more: the next one goes to the next rule. `verify()`
        fails when there were fewer.

        Raises:
            InvalidRule: `number` is no number from 1 on.
        """
        document = {**self._document, "times": number}
        before = tuple(self._identities)
        self._send(document)
        self._document = document
        for identity in before:
            self._runtime.rules.remove(self._session, self._runtime.clock.wall(), identity)
        self._least = self._most = number
        return self

    def at_least(self, number: int) -> AddedRule:
        """Let `verify()` fail when it has answered fewer requests."""
        self._least = number
        return self

    def never(self) -> AddedRule:
        """Let `verify()` fail when it has answered any request."""
        self._least = self._most = 0
        return self

    def unmet(self) -> str | None:
        """Return in what way it has not answered as often as expected, None when it has."""
        count = len(self.requests)
        if self._least <= count <= self._most:
            return None
        wanted = "never" if self._most == 0 else _times(self._least)
        least = "at least " if self._most == inf else ""
        place = self._call.location.short
        return f"{place} {self.name!r} answered {_times(count)}, expected {least}{wanted}"

    def __repr__(self) -> str:
        return f"<AddedRule {self.name!r}>"

    def _send(self, document: Mapping[str, Any]) -> None:
        runtime, call = self._runtime, self._call
        try:
            content = to_yaml({"rules": [document]}).encode()
        except (TypeError, ValueError) as error:
            call.refuse(f"a rule holds texts, numbers, lists and mappings only: {error}")
        name = runtime.rules.new_name()
        found, problems = read_sent_rules(content, name, runtime.live.current.ruleset)
        if found is None:
            call.refuse("; ".join(map(_words, problems)))
        rules = tuple(
            structs.replace(rule, name=self.name, location=call.location) for rule in found.rules
        )
        size_bytes = len(content) + found.regex_bytes
        sent = Sent(name, self._session, content, rules, size_bytes=size_bytes)
        try:
            runtime.rules.add(sent, runtime.clock.wall())
        except OverflowError:
            call.refuse("there are too many rules, or they take too much")
        self._identities |= {rule.identity for rule in rules}


ALWAYS: Mapping[str, Any] = {"always": True}


def conditions(given: Mapping[str, Any] | None, keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `when` of a rule: `given` as in YAML, and `keys`, of which one that is a word of
    Python has an underscore at its end (`not_`). Without any, every request is meant."""
    named = {key.removesuffix("_"): value for key, value in keys.items()}
    return {**(given or {}), **named} or dict(ALWAYS)


def to_yaml(value: Any) -> str:
    """Return JSON that YAML reads the same: a long key has a question mark before it.

    Raises:
        TypeError, ValueError: it holds what JSON cannot say.
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(_entry(key, each) for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(to_yaml, value)) + "]"
    return json.dumps(value, allow_nan=False)


def _entry(key: Any, value: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key is a text, not {key!r}")
    mark = "? " if len(key) > _LONGEST_KEY else ""
    return f"{mark}{json.dumps(key)}: {to_yaml(value)}"


def shown(keys: Mapping[str, Any]) -> str:
    """Return arguments by name as a call has them."""
    return ", ".join(f"{key}={value!r}" for key, value in keys.items())


def shown_call(values: tuple[Any, ...], keys: Mapping[str, Any]) -> str:
    """Return arguments as a call has them."""
    return ", ".join(filter(None, [*map(repr, values), shown(keys)]))


def _words(problem: Problem) -> str:
    hint = f"; {problem.hint}" if problem.hint else ""
    return f"{problem.message}{hint} ({problem.code})"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _caller() -> Location:
    """Return where the code stands that has called into this package."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("mockllm.testing"):
        frame = frame.f_back
    file, here = frame.f_code.co_filename, os.getcwd() + os.sep
    return Location(file.removeprefix(here), frame.f_lineno)
