"""What a test does with a server: add rules, look at requests, verify."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from msgspec import Struct

from mockllm.admin.sessions import forget
from mockllm.runtime import Runtime
from mockllm.testing import addresses
from mockllm.testing.received import Received, is_unanswered
from mockllm.testing.rules import AddedRule, Call, On, ReplyValue, conditions
from mockllm.testing.transport import Transport

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

KEY = "sk-mockllm"
"""The API key that SDKs are given; any other does as well, unless `settings.api_keys` says so."""


class Unverified(AssertionError):
    """Requests that nothing answered, or rules that did not answer as often as expected."""


class Serving(Struct, frozen=True):
    """What sessions share. `url` is the server's, without a slash at its end."""

    runtime: Runtime
    application: WSGIApplication
    url: str


class Session:
    """One of the conversations that a server keeps apart: its requests, its rules, and what the
    rules remember. Other sessions see nothing of them."""

    def __init__(self, serving: Serving, name: str, url: str) -> None:
        self._serving = serving
        self._added: list[AddedRule] = []
        self.name = name
        self.url = url

    def on(self, when: Mapping[str, Any] | None = None, /, **conditions_: Any) -> On:
        """Return a rule without its answer: follow it by `.reply(...)` or `.steps(...)`.

        The conditions are those of a rule's `when` in YAML (`contains`, `regex`, `model`,
        `tool_result`, `turn`...); `not_` is `not`. Without any, every request is meant. The rule
        holds in this session only, before all others.
        """
        return On(self._add, conditions(when, conditions_))

    def reply(self, *replies: ReplyValue, **keys: Any) -> AddedRule:
        """Answer every request, unless a rule that is added later does; see `On.reply`.

        Raises:
            InvalidRule: the reply cannot be used; the message says why.
        """
        return self.on().reply(*replies, **keys)

    def add_responses(self, responses: Mapping[str, ReplyValue]) -> None:
        """Answer prompts, each as written: the `responses` of the YAML.

        Raises:
            InvalidRule: one cannot be used; the message says which and why.
        """
        for prompt, reply in responses.items():
            call = Call(f"responses={{{prompt!r}: {reply!r}}}")
            self._add({"when": {"equals": prompt}, "name": prompt, "reply": reply}, call)

    @property
    def requests(self) -> list[Received]:
        """The requests of this session, the oldest first; a stream that is still being sent is
        not among them."""
        found = self._serving.runtime.journal.find(session=self.name)
        return [Received(exchange) for exchange in reversed(found)]

    @property
    def last(self) -> Received:
        """The newest request.

        Raises:
            AssertionError: none has arrived.
        """
        requests = self.requests
        if not requests:
            raise AssertionError(f"no request has arrived at {self.url}")
        return requests[-1]

    def verify(self) -> None:
        """See that every request was answered, and every rule as often as expected.

        Raises:
            Unverified: it was not; the message says what arrived, and why nothing answered.
        """
        unanswered = [request for request in self.requests if is_unanswered(request)]
        lines = [f"not answered: {request}" for request in unanswered]
        lines += filter(None, (rule.unmet() for rule in self._added))
        if lines:
            raise Unverified("\n".join(lines))

    def report(self) -> str:
        """Return what has arrived in this session and what answered it, for people."""
        requests = self.requests
        if not requests:
            return f"No request has arrived at {self.url}."
        shown = "\n".join(f"{number}. {each}" for number, each in enumerate(requests, 1))
        count = "1 request" if len(requests) == 1 else f"{len(requests)} requests"
        return f"{count} to {self.url}:\n{shown}"

    def base_url(self, provider: str) -> str:
        """Return the base URL for a provider's SDK: `openai`, `anthropic`, `gemini`, `ollama`,
        `azure` (its endpoint), `groq`, `mistral`, `openrouter`, `deepseek`, `cohere`, `vllm`.

        Raises:
            ValueError: there is no such provider.
        """
        return addresses.base_url(self.url, provider)

    @property
    def environment(self) -> dict[str, str | None]:
        """The variables that make the official SDKs ask this session; None stands for those that
        must not be set. For programs that a test starts."""
        return addresses.variables(self.url, self.api_key, os.environ)

    @property
    def api_key(self) -> str:
        """A key that the server takes."""
        keys = self._serving.runtime.live.current.ruleset.settings.api_keys
        return keys[0] if keys else KEY

    def transport(self) -> Any:
        """Return a transport for `httpx.Client(transport=...)` or `httpx2.Client(transport=...)`,
        whichever the SDK takes as `http_client`: its requests come without a socket. Give the SDK
        `base_url(...)` all the same. For synchronous clients only."""
        return Transport(self._serving.application)

    def forget(self) -> None:
        """Forget the requests, the rules that were added, and what rules remember."""
        runtime = self._serving.runtime
        self._added.clear()
        forget(self.name, runtime)
        runtime.outages.remove(self.name, runtime.clock.wall())
        runtime.journal.forget(session=self.name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}>"

    def _add(self, document: Mapping[str, Any], call: Call) -> AddedRule:
        serving = self._serving
        rule = AddedRule(self.name, serving.runtime, lambda: self.requests, document, call)
        self._added.append(rule)
        return rule


def session_url(url: str, name: str) -> str:
    """Return the URL of a session."""
    return f"{url}/s/{quote(name, safe='')}"
