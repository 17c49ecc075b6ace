"""What must not happen while a request is answered: it was done when the rules were loaded, or by
the first request of its kind."""

from __future__ import annotations

import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import ahocorasick  # type: ignore[import-not-found]  # it has no types
import jinja2
import pytest
import re2  # type: ignore[import-untyped]  # it has no types
import yaml
from flask import Flask
from werkzeug.test import EnvironBuilder

from tests.conftest import MakeApp
from tests.contract.cases import Case, SpokenCase
from tests.contract.every_case import CASES

RULES = """\
settings: {seed: 7}
defaults: {timing: {first_token: {p50: 300ms, p95: 1s}, rate: 50 tokens/s}}
rules:
  - when: {contains: weather, regex: "in (?P<city>[A-Z][a-z]+)"}
    reply: {template: "It rains in {{ match.city }}."}
  - when: {starts_with: call}
    reply: {tool_calls: [{name: f, arguments: {a: 1}}]}
  - {when: {contains: often}, replies: [one, two]}
responses: {hello: Hi there.}
"""
WARMING = ("hello", "the weather in Paris", "call it", "often", "unheard of")
WATCHED = ("hello", "the weather in Rome", "call me", "oftener", "never heard of")

MOST_LOCKINGS = 6
"""How often a request may take a lock that all requests take."""

MOST_CALLS = 20
"""How many functions may be called while one is held: to set a count in a session takes 14, to
keep a response 16, the methods of dicts among them."""

Request = Callable[[], bytes]


class Watch:
    """What this thread does while it is watched: names, with how often."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.lockings: list[int] = []
        """How many functions were called under each lock that was taken."""
        self._thread: int | None = None
        sys.addaudithook(self._audit)

    @property
    def is_on(self) -> bool:
        return self._thread == threading.get_ident()

    @contextmanager
    def on(self) -> Iterator[None]:
        self.seen.clear()
        self.lockings.clear()
        self._thread = threading.get_ident()
        try:
            yield
        finally:
            self._thread = None

    def counting(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function whose calls are seen."""

        def counted(*args: Any, **kwargs: Any) -> Any:
            if self.is_on:
                self.seen[name] += 1
            return function(*args, **kwargs)

        return counted

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if self._thread is None or not self.is_on:
            return
        if event in ("open", "import", "compile", "exec", "sqlite3.connect", "os.listdir"):
            self.seen[f"{event} {args[0]}"] += 1


class WatchedLock:
    """A lock that counts what is called while it is held."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._lock = LOCK()
        self._outer: Any = None
        self._calls = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        taken = self._lock.acquire(blocking, timeout)
        if taken and self._watch.is_on:
            self._calls = 0
            self._outer = sys.getprofile()
            sys.setprofile(self._count)
        return taken

    def release(self) -> None:
        if self._watch.is_on:
            sys.setprofile(self._outer)
            self._watch.lockings.append(self._calls)
        self._lock.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _count(self, frame: FrameType, event: str, _argument: object) -> None:
        self._calls += event in ("call", "c_call") and frame.f_code.co_filename != __file__


LOCK = threading.Lock
COMPILER: Any = vars(re)["_compiler"]
WATCH = Watch()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Return what sees all that is dear, and every lock of ours that is made from now on."""
    for owner, name in (
        (COMPILER, "compile"),
        (re2, "compile"),
        (yaml, "parse"),
        (yaml, "compose"),
        (yaml, "load"),
        (ahocorasick, "Automaton"),
        (jinja2.Environment, "from_string"),
    ):
        label = f"{owner.__name__}.{name}"
        monkeypatch.setattr(owner, name, WATCH.counting(label, getattr(owner, name)))

    def lock() -> Any:
        caller = sys._getframe(1).f_globals["__name__"]
        return WatchedLock(WATCH) if caller.startswith("mockllm.") else LOCK()

    monkeypatch.setattr(threading, "Lock", lock)
    return WATCH


def requests(app: Flask, case: Case, prompts: tuple[str, ...]) -> Iterator[Request]:
    """Yield what asks an operation for each prompt, whole and, where it can, streamed."""
    for prompt in prompts:
        body = case.body(prompt)
        yield request(app, case, body)
        if isinstance(case, SpokenCase):
            yield request(app, case, body | {"stream": True})


def request(app: Flask, case: Case, body: dict[str, Any]) -> Request:
    url = case.url(body)
    environ = EnvironBuilder(path=url, method="POST", json=case.sent(body)).get_environ()

    def ask() -> bytes:
        status: list[str] = []

        def start_response(line: str, _headers: object, _error: object = None) -> Any:
            status.append(line)

        answer = app.wsgi_app(environ, start_response)
        try:
            content = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
        assert status[0].startswith("200 "), content
        return content

    return ask


@pytest.fixture(params=sorted(CASES))
def warm(
    request: pytest.FixtureRequest, make_app: MakeApp, watch: Watch
) -> tuple[Flask, Case, Watch]:
    """An application that has answered every kind of request of one operation."""
    app, case = make_app(RULES), CASES[request.param]
    for _ in range(2):
        for ask in requests(app, case, WARMING):
            ask()
    return app, case, watch


def test_nothing_is_read_or_compiled_for_a_request(warm: tuple[Flask, Case, Watch]) -> None:
    app, case, watch = warm
    asked = list(requests(app, case, WATCHED))

    with watch.on():
        for ask in asked:
            ask()

    assert watch.seen == {}, "only a first request may do this"


def test_locks_of_all_requests_are_held_for_an_update(warm: tuple[Flask, Case, Watch]) -> None:
    app, case, watch = warm
    asked = list(requests(app, case, WATCHED))

    for ask in asked:
        with watch.on():
            ask()

        assert 0 < len(watch.lockings) <= MOST_LOCKINGS
        assert max(watch.lockings) <= MOST_CALLS


def test_watch_sees_what_is_dear(make_app: MakeApp, watch: Watch) -> None:
    with watch.on():
        make_app(RULES.replace("in (", "over ("))  # what was compiled before is remembered

    names = {name.partition(" ")[0] for name in watch.seen}
    assert {"open", "yaml.parse", "re2.compile", "ahocorasick.Automaton"} <= names
