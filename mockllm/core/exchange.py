"""The record of one request and its answer."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from mockllm.core.draws import Draws
from mockllm.core.model import ChatReply, Reply, Request
from mockllm.core.pacing import AT_ONCE, Plan
from mockllm.core.raw import Raw
from mockllm.core.rules import Rule
from mockllm.errors import RequestError

Outcome = Literal["completed", "client_left", "failed"]


class Exchange(Struct, frozen=True):
    """One request and what became of it: opened before parsing, replaced as more is known.

    `request`, `rule` and `reply` are None until parsed, matched and composed, and stay None when
    it failed before; `error` is what it was refused with. The members from `outcome` on are known
    when it is closed. `received_at_s` is Unix time; `started_s` and `first_byte_at_s` are
    monotonic.
    """

    id: str
    received_at_s: float
    started_s: float
    generation: int
    raw: Raw
    draws: Draws
    session: str = "default"
    request: Request | None = None
    rule: Rule | None = None
    reply: Reply | None = None
    plan: Plan = AT_ONCE
    warnings: tuple[str, ...] = ()
    error: RequestError | None = None
    outcome: Outcome | None = None
    status: int = 0
    first_byte_at_s: float | None = None
    sent_bytes: int = 0
    took_s: float = 0.0

    @property
    def answered(self) -> tuple[Request, ChatReply]:
        """Return the request and its reply, for whoever renders them.

        Raises:
            ValueError: the exchange has no reply yet, or an error for one.
        """
        if self.request is None or not isinstance(self.reply, ChatReply):
            raise ValueError("the exchange has no reply yet")
        return self.request, self.reply
