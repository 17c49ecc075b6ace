"""What is set while the server runs, made again of what another process has set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any

from msgspec import structs

from mockllm.config.outage import read_outage
from mockllm.config.sent_rules import read_sent_rules
from mockllm.core.rules import Ruleset
from mockllm.state.outages import Outage, Outages
from mockllm.state.run_time_rules import RunTimeRules, Sent


def held_rules(rules: RunTimeRules, session: str) -> list[Any]:
    """Return the rules of a session as plain values."""
    return [
        [sent.name, sent.content, None if sent.until_s == inf else sent.until_s, [*sent.deleted]]
        for sent in rules.of(session)
    ]


def take_rules(
    rules: RunTimeRules, session: str, held: Sequence[Any], served: Ruleset, now_s: float
) -> None:
    """Hold the rules of a session as another process has set them. What is known already is not
    compiled again."""
    known = {sent.name: sent for sent in rules.of(session)}
    rules.take(session, _sent(known, session, held, served), now_s)


def _sent(
    known: dict[str, Sent], session: str, held: Sequence[Any], served: Ruleset
) -> Iterator[Sent]:
    for name, content, until_s, deleted in held:
        sent = known.get(name)
        if sent is None or not set(sent.deleted) <= set(deleted):
            found, _ = read_sent_rules(content, name, served)
            if found is None:  # what it refers to is no more
                continue
            size_bytes = len(content) + found.regex_bytes
            sent = Sent(name, session, content, found.rules, inf, size_bytes)
        left = tuple(rule for rule in sent.rules if rule.identity not in deleted)
        yield structs.replace(
            sent, rules=left, deleted=tuple(deleted), until_s=inf if until_s is None else until_s
        )


def held_faults(outages: Outages, session: str, now_s: float) -> list[Any]:
    """Return the faults of a session as plain values."""
    outage = outages.get(session, now_s)
    return [] if outage is None else [[outage.content, outage.since_s, outage.until_s]]


def take_faults(outages: Outages, session: str, held: Sequence[Any], served: Ruleset) -> None:
    """Hold the faults of a session as another process has set them."""
    outage = None
    for content, since_s, until_s in held:
        found, _ = read_outage(content, served.settings.match == "normalized")
        if found is not None:
            outage = Outage(session, found.faults, since_s, until_s, content)
    outages.take(session, outage)
