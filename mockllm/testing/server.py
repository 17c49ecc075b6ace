"""A real server inside a test's process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from msgspec import structs

from mockllm.app import compose
from mockllm.config.discover import discover
from mockllm.config.live import Live, Snapshot
from mockllm.errors import InvalidRule
from mockllm.opened import DEFAULT_SESSION
from mockllm.runtime import Runtime
from mockllm.state.run_time_rules import EVERYONE
from mockllm.testing.listener import Listener
from mockllm.testing.rules import ReplyValue
from mockllm.testing.session import Serving, Session, session_url
from mockllm.web.clock import SystemClock
from mockllm.web.doors import MAX_SESSION_LENGTH

Responses = str | Path | Sequence[str | Path] | Mapping[str, ReplyValue] | None
"""A YAML file or a folder of them, several, or prompts with their replies; None for none."""


class MockServer(Session):
    """A server on a free port of 127.0.0.1, in a thread of this process. It is ready when it is
    made, and stops when it is closed or its `with` ends.

    It is itself the session of the requests that name none; `session(name)` returns others.
    """

    def __init__(self, responses: Responses = None, *, strict: bool = True) -> None:
        """Start a server.

        `responses` are a YAML file or a folder, or several of which a later one overrides the
        earlier ones, read once; or a mapping of prompts to replies, for all sessions. In `strict`
        mode a request that no rule answers gets an error that says why, else the unknown response.

        Raises:
            ConfigError: the files cannot be used; it carries every problem.
            InvalidRule: the mapping cannot be used.
        """
        live = _live(() if isinstance(responses, Mapping) else responses, strict)
        self._runtime = Runtime(live, SystemClock(), is_guest=True)
        self._runtime.start()
        application = compose(self._runtime)
        self._listener = Listener(application)
        self._is_closed = False
        url = self._listener.url
        serving = Serving(self._runtime, application, url)
        super().__init__(serving, DEFAULT_SESSION, url)
        if isinstance(responses, Mapping):
            self._add_to_all(responses)

    def session(self, name: str) -> Session:
        """Return a session of this server. Its rules and counts are its own; its `url` names it,
        and so does the header `X-Mockllm-Session`.

        Raises:
            ValueError: the name is empty, has a slash, or is longer than 200 characters.
        """
        if not 0 < len(name.encode()) <= MAX_SESSION_LENGTH or "/" in name:
            limit = f"1 to {MAX_SESSION_LENGTH} characters"
            raise ValueError(f"a session's name has {limit} and no slash, not {name[:40]!r}")
        return Session(self._serving, name, session_url(self.url, name))

    def _add_to_all(self, responses: Mapping[str, ReplyValue]) -> None:
        try:
            Session(self._serving, EVERYONE, self.url).add_responses(responses)
        except InvalidRule:
            self.close()
            raise

    def close(self) -> None:
        """Stop, and close every connection. Doing it twice is no error."""
        if self._is_closed:
            return
        self._is_closed = True
        self._runtime.has_to_stop = True
        self._listener.close()
        self._runtime.stop()

    def __enter__(self) -> MockServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _live(responses: Responses, strict: bool) -> Live:
    assert not isinstance(responses, Mapping)
    live = Live(*(discover(responses, {}).paths if responses else ()))
    ruleset = live.current.ruleset
    settings = structs.replace(ruleset.settings, strict=strict)
    live.current = Snapshot(1, structs.replace(ruleset, settings=settings))
    return live
