"""Which requests are attempts at the same thing, and how each of them ended for the client."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Sequence

from mockllm.core.exchange import Exchange

BREAKING = (
    "reset", "hang", "html", "empty_body", "malformed_json", "truncate", "error_event",
    "malformed_frame", "half_frame", "no_finish", "no_terminator",
)  # fmt: skip
"""The faults after which a client has no answer, or not all of it."""

_PASSING = (408, 409, 425, 429)
_CLOCK_S = 0.001  # the clocks of times and of durations are two

Attempts = tuple[Exchange, ...]
"""One request and its retries, in order: one at least."""


def attempts(ordered: Sequence[Exchange]) -> list[Attempts]:
    """Return the attempts that belong together: those of a session with the same body, each sent
    after the one before it had ended, and failed. Requests without a body are none."""
    chains: list[list[Exchange]] = []
    waiting: defaultdict[tuple[str, str, bytes], list[tuple[float, int]]] = defaultdict(list)
    for exchange in ordered:
        body = exchange.raw.body
        if not body:
            continue
        ended = waiting[exchange.session, exchange.raw.path, body]
        if ended and ended[0][0] <= exchange.received_at_s + _CLOCK_S:
            number = heapq.heappop(ended)[1]
            chains[number].append(exchange)
        else:
            number = len(chains)
            chains.append([exchange])
        if has_failed(exchange):
            heapq.heappush(ended, (ended_at_s(exchange), number))
    return list(map(tuple, chains))


def ended_at_s(exchange: Exchange) -> float:
    """Return when an exchange ended, as Unix time."""
    return exchange.received_at_s + exchange.took_s


def has_failed(exchange: Exchange) -> bool:
    """Return whether a client has a reason to ask again."""
    return exchange.status >= 400 or may_pass(exchange)


def may_pass(exchange: Exchange) -> bool:
    """Return whether what failed may succeed when it is tried again."""
    return (
        exchange.status in _PASSING
        or exchange.status >= 500
        or is_broken(exchange)
        or exchange.outcome in ("client_left", "failed")
    )


def is_broken(exchange: Exchange) -> bool:
    """Return whether a fault kept the client from having all of the answer."""
    chosen = exchange.fault
    if chosen is None or not exchange.has_faulted:
        return False
    kind = chosen.fault.kind
    has_stopped = has_been_held(exchange) or exchange.outcome == "client_left"
    return kind in BREAKING or (kind == "stall" and has_stopped)


def has_been_held(exchange: Exchange) -> bool:
    """Return whether the server ended an answer that a fault had stopped for ever: the client
    waited all that time."""
    chosen, most_s = exchange.fault, exchange.settings.max_stall_s
    if chosen is None or chosen.fault.kind not in ("hang", "stall", "silence"):
        return False
    is_endless = chosen.fault.for_s is None or chosen.fault.for_s > most_s
    return is_endless and exchange.outcome == "faulted" and exchange.took_s >= most_s - _CLOCK_S


def told_to_wait_s(exchange: Exchange) -> float | None:
    """Return what `Retry-After` told the client, in seconds, None when it told nothing."""
    headers = {name.lower(): value for name, value in exchange.response_headers}
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        if name in headers:
            try:
                return float(headers[name]) * unit_s
            except ValueError:
                return None  # a date, of a rule's own
    return None


def waits_s(chain: Attempts) -> list[float]:
    """Return how long a client waited before each retry."""
    return [
        later.received_at_s - ended_at_s(earlier) for earlier, later in itertools.pairwise(chain)
    ]
