"""The pytest plugin: the fixtures `mockllm` and `mockllm_server`, and the marker `mockllm`.

Importing it imports pytest only, so that test runs that do not use it pay nothing.
"""

from __future__ import annotations

import re
import sys
from collections import OrderedDict
from collections.abc import Generator, Iterator, Mapping
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockllm.testing import MockServer, Session
    from mockllm.testing.server import Responses

_MARKER = (
    "mockllm(responses=None, strict=True): what the mock LLM server says in this test: files,"
    " folders or a mapping of prompts to replies; strict: what no rule answers fails the test"
)
_RESPONSES_INI = "the files or folders of responses that mockllm serves, beside the ini file"
_STRICT_INI = "whether requests that no rule answers fail the test (default: true)"
_OPTIONS = {"responses", "strict"}
_KEPT_BY_OPENAI = ("http_client", "api_version", "azure_endpoint")
_MAX_SERVERS = 8
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")
_NAME_CHARACTERS = 60

_Key = tuple[tuple[Path, ...], bool]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("mockllm_responses", _RESPONSES_INI, type="paths", default=[])
    parser.addini("mockllm_strict", _STRICT_INI, type="bool", default=True)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give a marked test the fixture, though it may not name it; it comes before the fixtures
    that make clients, so that they find the variables set."""
    names: list[str] | None = getattr(item, "fixturenames", None)
    if names is None:
        return
    if "mockllm" in names or item.get_closest_marker("mockllm") is not None:
        others = [name for name in names if name != "mockllm"]
        item.fixturenames = ["mockllm", *others]  # type: ignore[attr-defined]


class Servers:
    """The servers of one process: one for each source of responses, begun when it is needed. Of
    those that markers ask for the newest are kept."""

    def __init__(self, default: _Key) -> None:
        self.default = default
        self._running: OrderedDict[_Key, MockServer] = OrderedDict()
        self._numbers = count(1)

    def of(self, key: _Key) -> MockServer:
        """Return the server of some files, strict or not."""
        from mockllm.testing import MockServer  # not before it is used

        if key not in self._running:
            paths, strict = key
            self._running[key] = MockServer(paths, strict=strict)
            self._stop_all_but(_MAX_SERVERS)
        self._running.move_to_end(key)
        return self._running[key]

    def session_name(self, test: str) -> str:
        """Return a name that no other session has, and in which a test's is to be read."""
        readable = _NOT_IN_NAMES.sub("-", test).strip("-")[:_NAME_CHARACTERS]
        return f"{next(self._numbers)}-{readable}"

    def close(self) -> None:
        """Stop them all."""
        for server in self._running.values():
            server.close()

    def _stop_all_but(self, most: int) -> None:
        others = [key for key in self._running if key != self.default]
        for key in others[: max(0, len(others) - most)]:
            self._running.pop(key).close()


_SESSION = pytest.StashKey["Session"]()


@pytest.fixture(scope="session")
def _mockllm_servers(pytestconfig: pytest.Config) -> Iterator[Servers]:
    paths = tuple(pytestconfig.getini("mockllm_responses"))
    servers = Servers((paths, pytestconfig.getini("mockllm_strict")))
    yield servers
    servers.close()


@pytest.fixture(scope="session")
def mockllm_server(_mockllm_servers: Servers) -> MockServer:
    """The mock LLM server that the tests of this process share; `session(name)` returns what one
    of them has for itself. It serves what the ini option `mockllm_responses` names."""
    return _mockllm_servers.of(_mockllm_servers.default)


@pytest.fixture
def mockllm(request: pytest.FixtureRequest, _mockllm_servers: Servers) -> Iterator[Session]:
    """A mock LLM server as this test alone sees it, with the official SDKs' environment variables
    set to its URL. What no rule answers, and rules that did not answer as often as expected, fail
    the test."""
    responses, strict = _asked_for(request, _mockllm_servers.default)
    is_mapping = isinstance(responses, Mapping)
    paths = _mockllm_servers.default[0] if is_mapping else _paths(responses, request.path)
    server = _mockllm_servers.of((paths, strict))
    session = server.session(_mockllm_servers.session_name(request.node.name))
    try:
        if isinstance(responses, Mapping):
            session.add_responses(responses)
        request.node.stash[_SESSION] = session
        with pytest.MonkeyPatch.context() as patch:
            _set_environment(patch, session)
            yield session
    finally:
        session.forget()


def _asked_for(request: pytest.FixtureRequest, default: _Key) -> tuple[Responses, bool]:
    """Return what the markers ask for, the nearest one's first; else what the ini file does."""
    found: dict[str, Any] = {"responses": default[0], "strict": default[1]}
    for marker in reversed(list(request.node.iter_markers("mockllm"))):
        unknown = marker.kwargs.keys() - _OPTIONS
        if unknown or marker.args:
            wrong = f"no {min(unknown)}" if unknown else "nothing without a name"
            raise pytest.UsageError(f"pytest.mark.mockllm takes responses and strict, {wrong}")
        found |= marker.kwargs
    return found["responses"], found["strict"]


def _paths(responses: Any, test: Path) -> tuple[Path, ...]:
    """Return files beside the test, or else in the current folder."""
    names = [responses] if isinstance(responses, str | Path) else responses or ()
    beside = (test.parent / name for name in names)
    return tuple(
        path if path.exists() else Path(name) for path, name in zip(beside, names, strict=True)
    )


def _set_environment(patch: pytest.MonkeyPatch, session: Session) -> None:
    for name, value in session.environment.items():
        if value is None:
            patch.delenv(name, raising=False)
        else:
            patch.setenv(name, value)
    if "openai" in sys.modules:
        _renew_module_client(patch, sys.modules["openai"])


def _renew_module_client(patch: pytest.MonkeyPatch, openai: ModuleType) -> None:
    """Let the client behind `openai.chat` look at the environment again, and end with the test:
    it is made once, and what it was made with is kept in the module. With Azure's variables set
    too it must be told whose it is."""
    for name in _KEPT_BY_OPENAI:
        if hasattr(openai, name):
            patch.setattr(openai, name, getattr(openai, name))
    patch.setattr(openai, "_client", None, raising=False)
    if getattr(openai, "api_type", "") is None:
        patch.setattr(openai, "api_type", "openai")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test fail that passed, and yet asked what nothing answered."""
    result = yield
    session = item.stash.get(_SESSION, None)
    if session is not None:
        try:
            session.verify()
        except AssertionError as error:
            pytest.fail(f"mockllm: {error}", pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what has arrived beside the failure."""
    report = yield
    session = item.stash.get(_SESSION, None)
    if session is not None and report.failed and report.when == "call":
        report.sections.append(("mockllm: what arrived", session.report()))
    return report
