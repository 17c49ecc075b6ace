"""What `settings.limits` let a client ask. Buckets are kept by session, as all state is."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable
from functools import partial
from hashlib import blake2b

from msgspec import structs

from mockllm.core import limits
from mockllm.core.exchange import Exchange
from mockllm.core.limits import Allowance, Bucket, Measure
from mockllm.core.model import Request
from mockllm.core.rules import Limit, Quota
from mockllm.core.subject import Subject
from mockllm.errors import RateLimited
from mockllm.opened import Opened
from mockllm.runtime import Holder, Runtime

_Held = tuple[tuple[tuple[int, str, int], ...], bool]
"""How many answers each process has under way, and whether the last one was let in."""

_KIND = "limit"
_RETRY_S = 1.0
"""When to try again where nobody can tell when an answer ends."""


def take(opened: Opened, subject: Subject) -> tuple[Allowance, ...]:
    """Take a request and its input from every limit; return what is left.

    Raises:
        RateLimited: there is not enough left of one.
    """
    taking = _Taking(opened, subject)
    for limit in opened.ruleset.settings.limits:
        key = _key(limit, opened, subject.request)
        if limit.requests is not None:
            taking.take("requests", limit.requests, 1, key)
        if limit.tokens is not None:
            taking.take("tokens", limit.tokens, subject.input_tokens, key)
        if limit.concurrent is not None:
            taking.hold(limit.concurrent, key)
    return _tightest(taking.left)


class _Taking:
    """What one request takes, limit after limit."""

    def __init__(self, opened: Opened, subject: Subject) -> None:
        self.left: list[Allowance] = []
        self._exchange = opened.exchange
        self._runtime = opened.runtime
        self._model = subject.request.model

    def take(self, measure: Measure, quota: Quota, amount: float, key: str) -> None:
        change = limits.taking(quota, amount, self._exchange.received_at_s)
        bucket: Bucket = self._runtime.cells.update(
            self._exchange.session, _KIND, f"{measure} {key}", change
        )
        self.left.append(limits.allowance(measure, quota, bucket))
        if not bucket.was_granted:
            wait_s = limits.wait_s(quota, bucket, amount)
            raise RateLimited(
                measure, quota.amount, quota.per_s, wait_s, self._model, _tightest(self.left)
            )

    def hold(self, most: int, key: str) -> None:
        """Count an answer as one under way."""
        exchange, runtime, name = self._exchange, self._runtime, f"concurrent {key}"
        _, was_granted = runtime.cells.update(
            exchange.session, _KIND, name, partial(_one_more, most, runtime.holder())
        )
        if not was_granted:
            left = _tightest(self.left)
            raise RateLimited("concurrent", most, None, _RETRY_S, self._model, left)
        runtime.held[exchange.id] = (*runtime.held.get(exchange.id, ()), name)


def spent(opened: Opened, exchange: Exchange) -> Exchange:
    """Take what is said from every limit of tokens; return the exchange with what is left."""
    left: list[Allowance] = []
    for limit in opened.ruleset.settings.limits:
        if limit.tokens is not None and exchange.request is not None:
            key = f"tokens {_key(limit, opened, exchange.request)}"
            output = exchange.usage.output_tokens
            change = limits.spending(limit.tokens, output, exchange.received_at_s)
            bucket = opened.runtime.cells.update(exchange.session, _KIND, key, change)
            left.append(limits.allowance("tokens", limit.tokens, bucket))
    others = (each for each in exchange.allowances if each.measure != "tokens")
    return structs.replace(exchange, allowances=_tightest((*others, *left)))


def release(runtime: Runtime, session: str, exchange_id: str) -> None:
    """Note that an answer, which may have been counted as one under way, has ended."""
    for key in runtime.held.pop(exchange_id, ()):
        runtime.cells.update(session, _KIND, key, partial(_one_less, runtime.holder()))


def _one_more(most: int, holder: Holder, held: _Held | None) -> _Held:
    counts = _counts(held, holder)
    was_granted = sum(counts.values()) < most
    if was_granted:
        counts[holder] += 1
    return _held(counts, was_granted)


def _one_less(holder: Holder, held: _Held | None) -> _Held | None:
    counts = _counts(held, holder)
    counts[holder] -= 1
    return _held(+counts, True) if +counts else None


def _counts(held: _Held | None, holder: Holder) -> Counter[Holder]:
    """Return how many answers each process has under way; those that were killed have none."""
    found = held[0] if held else ()
    return Counter({(pid, key): n for pid, key, n in found if (pid, key) == holder or _lives(pid)})


def _held(counts: Counter[Holder], was_granted: bool) -> _Held:
    return tuple((*holder, n) for holder, n in counts.items()), was_granted


def _lives(pid: int) -> bool:
    """Return whether another process runs. There is none where signals are not POSIX's."""
    if sys.platform == "win32" or pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _key(limit: Limit, opened: Opened, request: Request) -> str:
    match limit.per:
        case "api_key":
            key = blake2b(opened.exchange.raw.api_key.encode(), digest_size=16).hexdigest()
        case "model":
            key = request.model
        case _:
            key = ""
    return f"{limit.identity} {key}"


def _tightest(left: Iterable[Allowance]) -> tuple[Allowance, ...]:
    """Return of each measure the allowance of which the smallest share is left."""
    found: dict[Measure, Allowance] = {}
    for each in sorted(left, key=lambda one: one.remaining / one.limit, reverse=True):
        found[each.measure] = each
    return tuple(found[measure] for measure in sorted(found))
