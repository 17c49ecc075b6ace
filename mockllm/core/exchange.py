"""The record of one request and its answer."""

from __future__ import annotations

from typing import Literal, TypeVar

from msgspec import Struct

from mockllm.core.draws import Draws
from mockllm.core.faults import ChosenFault
from mockllm.core.limits import Allowance
from mockllm.core.model import Answer, ChatReply, ErrorReply, Reply, Request, Usage
from mockllm.core.near import NearMiss
from mockllm.core.pacing import AT_ONCE, Plan
from mockllm.core.raw import Raw
from mockllm.core.rules import Rule, Settings
from mockllm.core.subject import START
from mockllm.errors import RequestError

A = TypeVar("A", bound=Answer)
Outcome = Literal["completed", "client_left", "faulted", "failed"]


class Exchange(Struct, frozen=True):
    """One request and what became of it: opened before parsing, replaced as more is known.

    `request`, `rule` and `reply` are None until parsed, matched and composed, and stay None when
    it failed before; `settings` are those in force when it began; `error` is what it was refused
    with. There are several `replies` where there are several inputs or choices; `rule` is the
    first one's. `state` is the session's before it was answered. `fault` is what is to go wrong,
    and `has_faulted` tells whether it has;
    `allowances` are what is left of limits. The members from `outcome` on are known when it is
    closed: `is_matched` tells whether a rule or a response answered, `near` which came nearest
    when none did. `received_at_s` is Unix time; `started_s` and `first_byte_at_s` are monotonic.
    """

    id: str
    received_at_s: float
    started_s: float
    generation: int
    raw: Raw
    draws: Draws
    settings: Settings = Settings()
    session: str = "default"
    state: str = START
    request: Request | None = None
    rule: Rule | None = None
    replies: tuple[Reply, ...] = ()
    plan: Plan = AT_ONCE
    warnings: tuple[str, ...] = ()
    error: RequestError | None = None
    fault: ChosenFault | None = None
    has_faulted: bool = False
    allowances: tuple[Allowance, ...] = ()
    outcome: Outcome | None = None
    is_matched: bool = False
    near: tuple[NearMiss, ...] = ()
    response_headers: tuple[tuple[str, str], ...] = ()
    status: int = 0
    first_byte_at_s: float | None = None
    sent_bytes: int = 0
    took_s: float = 0.0

    @property
    def reply(self) -> Reply | None:
        """The answer, or the first of several; None when there is none yet."""
        return self.replies[0] if self.replies else None

    @property
    def usage(self) -> Usage:
        """The tokens of all replies; those of an input count once, whatever the choices."""
        if len(self.replies) == 1 and not isinstance(self.replies[0], ErrorReply):
            return self.replies[0].usage
        usages = [reply.usage for reply in self.replies if not isinstance(reply, ErrorReply)]
        choices = self.request.choices if self.request else 1
        return Usage(
            sum(usage.input_tokens for usage in usages[::choices]),
            sum(usage.output_tokens for usage in usages),
            sum(usage.cached_tokens for usage in usages[::choices]),
            sum(usage.reasoning_tokens for usage in usages),
            sum(usage.cache_write_tokens for usage in usages[::choices]),
        )

    def is_named(self, name: str) -> bool:
        """Return whether this is its id, ours or one that the headers of its answer told."""
        return self.id == name or any(name == told for _, told in self.response_headers)

    @property
    def answered(self) -> tuple[Request, ChatReply]:
        """Return the request and its chat reply, for whoever renders them.

        Raises:
            ValueError: the exchange has no reply yet, or another kind of reply.
        """
        reply = self.reply
        if self.request is None or not isinstance(reply, ChatReply):
            raise ValueError("the exchange has no ChatReply")
        return self.request, reply

    def answered_by(self, kind: type[A]) -> tuple[Request, tuple[A, ...]]:
        """Return the request and all its replies, which are of this kind.

        Raises:
            ValueError: the exchange has no reply yet, or replies of another kind.
        """
        replies = tuple([reply for reply in self.replies if isinstance(reply, kind)])
        if self.request is None or not replies:
            raise ValueError(f"the exchange has no {kind.__name__}")
        return self.request, replies
